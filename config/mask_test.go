package config

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// secretPlaces has every key that may hold a secret, %s in its place.
var secretPlaces = []string{
	`url: https://me:%s@example.com/`,
	`url: "https://example.com/query?token=%s"`,
	`url: https://%s@example.com/`,
	`url: "https://%s:@example.com/"`,
	`url: "https://example.com/?%s"`,
	`url: "https://example.com/#%s"`,
	`http_client_config: {proxy_url: "http://%s@proxy/"}`,
	`http_client_config: {proxy_url: "http://proxy/?token=%s"}`,
	`http_client_config: {http_headers: {X-Key: {values: [%s]}}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/?token=%s"}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/", claims: {pin: %s}}}`,
	`http_client_config: {basic_auth: {username: me, password: %s}}`,
	`http_client_config: {authorization: {type: Token, credentials: %s}}`,
	`http_client_config: {bearer_token: %s}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/", client_secret: %s}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/", client_certificate_key: %s, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer"}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://me:%s@example.com/"}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/", endpoint_params: {password: %s}}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/", tls_config: {cert: c, key: %s}}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/", proxy_url: "http://me:%s@proxy/"}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/", proxy_url: "http://proxy/", proxy_connect_header: {A: [%s]}}}`,
	`http_client_config: {tls_config: {cert: c, key: %s}}`,
	`http_client_config: {proxy_url: "http://me:%s@proxy/"}`,
	`http_client_config: {proxy_url: "http://proxy/", proxy_connect_header: {Proxy-Authorization: [%s]}}`,
	`http_client_config: {proxy_url: "http://proxy/", proxy_connect_header: {username: [%s]}}`,
	`http_client_config: {oauth2: {client_id: me, token_url: "https://example.com/", endpoint_params: {key_file: %s}}}`,
	`http_client_config: {http_headers: {X-Key: {secrets: [%s]}}}`,
}

const anyGroup = "\ngroups: [{name: terminals, imeis: [352019040635785]}]\n"

func TestSecretsStayHidden(t *testing.T) {
	const secret = "hunter2"
	for _, format := range secretPlaces {
		t.Run(format, func(t *testing.T) {
			hidden := func(what, text string) {
				t.Helper()
				if strings.Contains(text, secret) {
					t.Errorf("%s shows the secret:\n%s", what, text)
				}
			}
			place := fmt.Sprintf(format, secret)
			cfg, err := Parse("simcard.yml", []byte("platform: {"+place+"}"+anyGroup), nil)
			if err != nil {
				t.Fatal(err)
			}
			hidden("warnings", strings.Join(cfg.Warnings, "\n"))
			shown, err := cfg.Masked()
			if err != nil {
				t.Fatal(err)
			}
			hidden("Masked", string(shown))
			if !strings.Contains(string(shown), masked) && !strings.Contains(string(shown), maskedInURL) {
				t.Errorf("nothing in place of the secret:\n%s", shown)
			}
			if _, err := Parse("masked.yml", shown, nil); err != nil {
				t.Errorf("what Masked shows does not parse: %s\n%s", err, shown)
			}

			// The same place gone wrong in every way that the syntax allows.
			for _, wrong := range []string{"[%s]", "{%s: 1}", "{a: %s}", "*%s", "!%s x", "!!int %s", `"%s\q"`, "{%s}", "[[%s]]"} {
				broken := "platform: {" + fmt.Sprintf(format, fmt.Sprintf(wrong, secret)) + ", surely: unknown}" + anyGroup
				_, err := Parse("simcard.yml", []byte(broken), nil)
				if err == nil {
					t.Fatalf("parsed:\n%s", broken)
				}
				// As a key with a value it is a key, and may be named.
				if wrong != "{%s: 1}" {
					hidden(wrong, err.Error())
				}
			}
		})
	}
}

// TestMaskedLeavesTheConfigAlone: secrets are masked in a copy.
func TestMaskedLeavesTheConfigAlone(t *testing.T) {
	cfg := good(t, "everything")
	if _, err := cfg.Masked(); err != nil {
		t.Fatal(err)
	}
	if again := good(t, "everything"); !reflect.DeepEqual(cfg, again) {
		t.Errorf("Masked changed the configuration to %+v", cfg)
	}
}

func TestMasked(t *testing.T) {
	shown, err := good(t, "warnings").Masked()
	if err != nil {
		t.Fatal(err)
	}
	want := `platform:
  url: http://app.szzkc.com/api/app/querySimCardBatch
  timezone: Asia/Shanghai
  timeout: 30s
  concurrency: 4
  rate_limit: 0
  max_retries: 2
  http_client_config:
    authorization:
      type: Bearer
      credentials: <secret>
    follow_redirects: false
    enable_http2: true
groups:
  - name: first
    live: false
    max_age: 30s
    stale_if_error: 1h
    expiring_within: 30d
    low_balance: 1MiB
    labels: {}
    imeis:
      - "352019040635785"
      - "352019040635784"
      - "352019040635785"
    iccids:
      - 898604231919c0083314
    files: []
    columns: {}
    not_in_use:
      - 库存
      - 报废
      - 已销户
      - 未启用
      - 否
      - "no"
      - "false"
  - name: second
    live: false
    max_age: 30s
    stale_if_error: 1h
    expiring_within: 30d
    low_balance: 1MiB
    labels: {}
    imeis: []
    iccids:
      - 898604231919C0083314
    files: []
    columns: {}
    not_in_use:
      - 库存
      - 报废
      - 已销户
      - 未启用
      - 否
      - "no"
      - "false"
`
	if string(shown) != want {
		t.Errorf("got:\n%swant:\n%s", shown, want)
	}
}

// TestMutationsHideSecrets: no message repeats a secret, whatever happened to the file
// around it.
func TestMutationsHideSecrets(t *testing.T) {
	const secret = "hunter2"
	random := rand.New(rand.NewPCG(1, 2))
	for _, format := range secretPlaces {
		sound := "platform: {" + fmt.Sprintf(format, secret) + "}" + anyGroup
		for range 100 {
			text := mutated(random, sound, secret)
			cfg, err := Parse("simcard.yml", []byte(text), nil)
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s\nin\n%s", err, text)
			}
			if cfg != nil && strings.Contains(strings.Join(cfg.Warnings, "\n"), secret) {
				t.Errorf("%q\nin\n%s", cfg.Warnings, text)
			}
		}
	}
}

// mutated removes, repeats or adds something before and behind a secret, or both.
func mutated(random *rand.Rand, text, secret string) string {
	before, behind, _ := strings.Cut(text, secret)
	change := func(s string) string {
		from := random.IntN(len(s))
		to := from + random.IntN(min(24, len(s)-from)+1)
		signs := []string{"*", "&x ", "!!int ", "!!binary ", "<<: ", "[", "]", "{", "}", "\n", "\t", ": ", "- ", ", ", "'", `"`, "|\n", "#", "：", "? "}
		switch random.IntN(4) {
		case 0:
			return s[:from] + s[to:]
		case 1:
			return s[:to] + s[from:]
		case 2:
			return s[:from] + signs[random.IntN(len(signs))] + s[from:]
		}
		return s
	}
	return change(before) + secret + change(behind)
}
