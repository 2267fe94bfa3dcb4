package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLoad: relative paths begin at the configuration's directory.
func TestLoad(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	path, ca := filepath.Join(dir, "simcard.yml"), filepath.Join(elsewhere, "ca.pem")
	writeFiles(t, map[string]string{
		path: `
platform:
  url: https://example.com/
  http_client_config:
    oauth2:
      client_id: me
      client_certificate_key_file: key.pem
      token_url: https://example.com/
    tls_config:
      ca_file: ` + ca + `
    http_headers: {X-Key: {files: [key.txt]}}
groups: [{name: terminals, imeis: [352019040635785]}]
`,
		ca:                            certificate(t),
		filepath.Join(dir, "key.pem"): "key",
		filepath.Join(dir, "key.txt"): "key",
	})
	cfg, err := NewFile(path).Load()
	if err != nil {
		t.Fatal(err)
	}
	c := cfg.Platform.HTTPClientConfig.Config
	got := []string{c.OAuth2.ClientCertificateKeyFile, c.TLSConfig.CAFile, c.HTTPHeaders.Headers["X-Key"].Files[0]}
	want := []string{filepath.Join(dir, "key.pem"), ca, filepath.Join(dir, "key.txt")}
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}

	_, err = NewFile(filepath.Join(dir, "none.yml")).Load()
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "read configuration: open ") ||
		!strings.HasSuffix(err.Error(), "no such file or directory; name yours with --config.file, or try --demo, which needs none") {
		t.Errorf("missing file: %v", err)
	}
	writeFiles(t, map[string]string{path: "groups: []"})
	if _, err := NewFile(path).Load(); err == nil || !strings.HasPrefix(err.Error(), path+":1: ") {
		t.Errorf("bad file: %v", err)
	}
}

// TestLoadFindsWhatRequestsNeed: what would fail at every request is an error of
// the configuration, with its line.
func TestLoadFindsWhatRequestsNeed(t *testing.T) {
	for settings, want := range map[string]string{
		"basic_auth: {username: me, password_file: none}":                                                 "simcard.yml:4: open none: no such file or directory",
		"authorization: {credentials_file: none}":                                                         "simcard.yml:4: open none: no such file or directory",
		"bearer_token_file: none":                                                                         "simcard.yml:4: open none: no such file or directory",
		"http_headers: {X-Key: {files: [none]}}":                                                          "simcard.yml:4: open none: no such file or directory",
		"oauth2: {client_id: me, token_url: 'https://a/', client_secret_file: none}":                      "simcard.yml:4: open none: no such file or directory",
		"oauth2: {client_id: me, client_secret: a, token_url: 'https://a/', tls_config: {ca_file: none}}": "simcard.yml:4: open none: no such file or directory",
		"tls_config: {ca_file: none}":                                                                     "simcard.yml:4: open none: no such file or directory",
		"tls_config: {ca_file: .}":                                                                        "simcard.yml:4: . is not a regular file",
		"tls_config: {ca: nonsense}":                                                                      "simcard.yml:4: platform.http_client_config: ",
		"tls_config: {cert: nonsense, key: nonsense}":                                                     "simcard.yml:4: platform.http_client_config: ",
		"tls_config: {min_version: TLS13, max_version: TLS12}":                                            "simcard.yml:4: platform.http_client_config",
		"basic_auth: {username: me, password_ref: name}":                                                  "simcard.yml:4: platform.http_client_config: ",
	} {
		t.Run(settings, func(t *testing.T) {
			t.Chdir(t.TempDir())
			writeFiles(t, map[string]string{"simcard.yml": "groups: [{name: g, imeis: [352019040635785]}]\nplatform:\n  http_client_config:\n    " + settings + "\n"})
			if _, err := NewFile("simcard.yml").Load(); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// TestCredentials: a credential of a systemd unit is found wherever it is, and a command that
// runs outside the unit says how to run inside one.
func TestCredentials(t *testing.T) {
	t.Chdir(t.TempDir())
	const text = "groups: [{name: g, imeis: [352019040635785]}]\nplatform:\n  http_client_config:\n    basic_auth:\n      username: me\n      password_file: %s/password\n"
	for _, dir := range []string{credentials, "/run/credentials/simcard_exporter.service"} {
		writeFiles(t, map[string]string{"simcard.yml": fmt.Sprintf(text, dir)})
		const want = "/password: no such file or directory; systemd gives a credential to its unit alone: name it ${CREDENTIALS_DIRECTORY}/password here, and run this command as root behind systemd-run --pipe --wait --same-dir -p LoadCredential=password:FILE, with FILE as in the unit"
		if _, err := NewFile("simcard.yml").Load(); err == nil || !strings.HasPrefix(err.Error(), "simcard.yml:6: open "+dir) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	writeFiles(t, map[string]string{"simcard.yml": fmt.Sprintf(text, credentials), filepath.Join(dir, "password"): "hunter2"})
	cfg, err := NewFile("simcard.yml").Load()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := cfg.Platform.HTTPClientConfig.Config.BasicAuth.PasswordFile, filepath.Join(dir, "password"); got != want {
		t.Errorf("the file is %s, not %s", got, want)
	}
}

// TestFilesThatAreNone: what is not a regular file, or too large, is refused
// without waiting.
func TestFilesThatAreNone(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe.csv", 0o600); err != nil {
		t.Fatal(err)
	}
	writeFiles(t, map[string]string{"simcard.yml": "groups: [{name: g, files: [pipe.csv]}]"})
	for path, want := range map[string]string{
		"simcard.yml": "simcard.yml:1: files: pipe.csv is not a regular file",
		"pipe.csv":    "read configuration: pipe.csv is not a regular file",
	} {
		if _, err := NewFile(path).Load(); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

func writeFiles(t testing.TB, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// certificate returns one in PEM.
func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// TestNamesThatTheUserChose: a parameter whose name ends in _file is no file.
func TestNamesThatTheUserChose(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFiles(t, map[string]string{"simcard.yml": anyGroup + `
platform:
  http_client_config:
    proxy_url: http://proxy:1
    proxy_connect_header: {x_file: [hunter2]}
    oauth2: {client_id: me, client_secret: a, token_url: "https://a/", endpoint_params: {key_file: hunter2}}
`})
	if _, err := NewFile("simcard.yml").Load(); err != nil {
		t.Error(err)
	}
}
