package config

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"golang.org/x/net/http/httpguts"
	"gopkg.in/yaml.v3"

	"simcard_exporter/config/cards"
)

const notValid = "platform.http_client_config is not valid: "

// HTTPClient is http_client_config. The library's types do not keep lines.
type HTTPClient struct {
	Config promconfig.HTTPClientConfig `yaml:",inline"`

	line    int          // where it begins
	isWhole bool         // nothing in it is misread
	files   []At[string] // that it names
}

// UnmarshalYAML reads the keys that the user gave. It leaves to check what they mean
// together: the library's own would end at the first mistake in that.
func (c *HTTPClient) UnmarshalYAML(unmarshal func(any) error) error {
	type mapping HTTPClient // without this method
	line, err := decode(unmarshal, (*mapping)(c), c.inspect)
	c.line, c.isWhole = line, err == nil
	return err
}

// inspect reports the values at which the library would stop, and takes them out. It also
// notes the names of files with their lines, which the library's types do not keep.
func (c *HTTPClient) inspect(n *yaml.Node) (errs []error) {
	eachValue(n, "", make(map[*yaml.Node]bool), func(key string, n *yaml.Node) {
		if text := c.valueProblem(key, n); text != "" {
			errs = append(errs, mistake(n.Line, "%s", text))
			*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
		}
	})
	return errs
}

// eachValue calls visit with each single value of http_client_config, where it may be of
// any kind, and with the key that it is under. A node is seen once, since an alias can
// stand for what it is in.
func eachValue(n *yaml.Node, key string, seen map[*yaml.Node]bool, visit func(key string, n *yaml.Node)) {
	if n = resolve(n); seen[n] {
		return
	}
	seen[n] = true
	below := key
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			below = keyIn(key, resolve(child).Value)
		} else {
			eachValue(child, below, seen, visit)
		}
	}
	if n.Kind == yaml.ScalarNode {
		visit(key, n)
	}
}

// urlSchemes are what the URLs under a key of http_client_config may begin with, the usual
// scheme first.
var urlSchemes = map[string][]string{
	"proxy_url": {"http", "https", "socks5", "socks5h"},
	"token_url": {"https", "http"},
}

// valueProblem says what is wrong with a single value, "" if nothing is. It notes the
// name of a file.
func (c *HTTPClient) valueProblem(key string, n *yaml.Node) string {
	switch {
	case n.Value == "" || isNull(n):
	case namesFile(key) && strings.Contains(n.Value, "://"): // which may hold a password
		return "a URL is not allowed here: download the file, and name its path"
	case namesFile(key):
		if dir, isSet := os.LookupEnv("CREDENTIALS_DIRECTORY"); isSet {
			n.Value = strings.Replace(n.Value, credentials, dir, 1)
		}
		c.files = append(c.files, At[string]{n.Value, n.Line})
	case key == "follow_redirects":
		if follow := false; n.Decode(&follow) == nil && follow {
			return "platform.http_client_config.follow_redirects must be false: redirects are never followed; set platform.url to where the platform is"
		}
	case key == "min_version" || key == "max_version":
		if _, known := promconfig.TLSVersions[n.Value]; !known {
			return "a TLS version must be TLS10, TLS11, TLS12 or TLS13"
		}
	case urlSchemes[key] != nil:
		if u, err := url.Parse(n.Value); err != nil || u.Hostname() == "" || !slices.Contains(urlSchemes[key], u.Scheme) {
			return key + " must be a URL such as " + urlSchemes[key][0] + "://host:8080"
		}
	}
	return ""
}

// credentials stands in the name of a file for the directory in which systemd gives a unit
// its own: the path has the unit's name in it, and a check by hand is another unit.
const credentials = "${CREDENTIALS_DIRECTORY}"

// credentialHint says how to run a command that needs a credential of a unit, "" if a file
// is none.
func credentialHint(file string) string {
	if !strings.HasPrefix(file, credentials) && !strings.HasPrefix(file, "/run/credentials/") {
		return ""
	}
	return fmt.Sprintf("; systemd gives a credential to its unit alone: name it %s/%s here, and run this command as root behind systemd-run --pipe --wait --same-dir -p LoadCredential=%[2]s:FILE, with FILE as in the unit", credentials, path.Base(file))
}

func namesFile(key string) bool { return key == "files" || strings.HasSuffix(key, "_file") }

// keyIn returns the key by which a value is judged that stands under key below parent. A
// name that the user chose says nothing of its value: parent decides then, or nothing does.
func keyIn(parent, key string) string {
	switch {
	case key == "<<" || parent == "claims": // of any depth
		return parent
	case parent == "proxy_connect_header" || parent == "endpoint_params" || parent == "http_headers":
		return ""
	}
	return key
}

// check checks what can be checked without reading other files.
func (c *HTTPClient) check(d *decoder) {
	if !c.isWhole {
		return
	}
	if err := c.Config.Validate(); err != nil { // which repeats no value
		d.Problem(d.at(c.line), notValid+"%v", err)
	}
	if c.Config.HTTPHeaders == nil {
		return
	}
	headers := c.Config.HTTPHeaders.Headers
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		h, what := headers[name], "a key"
		if plainKey.MatchString(name) && len(h.Values)+len(h.Secrets)+len(h.Files) > 0 { // and not {Name:secret}
			what = cards.Quote(name)
		}
		d.require(httpguts.ValidHeaderFieldName(name), c.line, "platform.http_client_config.http_headers: %s cannot be the name of a header", what)
	}
}

// try makes a client as the requests will: the files that it needs must be there, and
// the TLS material must be valid.
func (c *HTTPClient) try(d *decoder, dir string) {
	setDirectory(&c.Config, dir)
	for _, f := range c.files {
		if _, err := d.files.ReadFile(promconfig.JoinDir(dir, f.V)); err != nil {
			d.Problem(d.at(f.Line), "%v%s", err, credentialHint(f.V))
		}
	}
	if d.Problems.Any() {
		return
	}
	client, err := promconfig.NewClientFromConfig(c.Config, "platform")
	if err != nil {
		d.Problem(d.at(c.line), "platform.http_client_config: %v", err)
		return
	}
	client.CloseIdleConnections()
}

// setDirectory makes relative file names relative to dir.
func setDirectory(c *promconfig.HTTPClientConfig, dir string) {
	if c.OAuth2 == nil {
		c.SetDirectory(dir)
		return
	}
	// The library forgets this file name. Once it does not, joining it here
	// as well would be wrong.
	before := c.OAuth2.ClientCertificateKeyFile
	c.SetDirectory(dir)
	if c.OAuth2.ClientCertificateKeyFile == before {
		c.OAuth2.ClientCertificateKeyFile = promconfig.JoinDir(dir, before)
	}
}
