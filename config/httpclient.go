package config

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"golang.org/x/net/http/httpguts"
	"gopkg.in/yaml.v3"
)

// plainHTTPClient is the library's type without its UnmarshalYAML, which also
// validates, so that errors of the one cannot be told from those of the other.
type plainHTTPClient promconfig.HTTPClientConfig

// httpClient reads http_client_config. Only the library can decode its own types
// strictly, and only from text. It gets a text of this value alone, without
// aliases and merge keys.
func (d *decoder) httpClient(f field, to *promconfig.HTTPClientConfig) {
	d.clientPlace = d.at(f.line)
	if f.value.Kind != yaml.MappingNode {
		d.misread(f.value, notMapping)
		return
	}
	tree := d.plainTree(f.value, "", 0)
	if d.keysRead > maxAllKeys { // which was reported
		return
	}
	text, err := yaml.Marshal(tree)
	if err != nil {
		d.problem(d.clientPlace, "platform.http_client_config is not valid: %s", valueProblem(err))
		return
	}
	client := plainHTTPClient(promconfig.DefaultHTTPClientConfig)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	err = decoder.Decode(&client)
	var typeErrors *yaml.TypeError
	switch {
	case errors.As(err, &typeErrors):
		lines := linesOf(tree, text)
		for _, text := range typeErrors.Errors {
			line, complaint := typeProblem(text)
			d.misreads++
			d.problem(d.at(lines[line]), "%s", complaint)
		}
	case err != nil && !errors.Is(err, io.EOF):
		d.problem(d.clientPlace, "platform.http_client_config is not valid: %s", valueProblem(err))
	default:
		*to = promconfig.HTTPClientConfig(client)
		d.checkHTTPClient(to)
	}
}

// maxDepth is how deep http_client_config can be nested. An alias inside the value
// that it stands for has no end.
const maxDepth = 10

// plainTree copies a value without aliases and merge keys, and notes the files that
// it names. It reports what the library would ignore silently.
func (d *decoder) plainTree(n *yaml.Node, key string, depth int) *yaml.Node {
	plain := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Line: n.Line, Style: n.Style &^ yaml.FlowStyle}
	switch {
	case depth > maxDepth:
		d.misread(n, "this is nested too deeply")
	case n.Kind == yaml.MappingNode:
		for _, f := range d.fields(n) {
			name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f.key, Line: f.line}
			plain.Content = append(plain.Content, name, d.plainTree(f.value, keyIn(key, f.key), depth+1))
		}
	case n.Kind == yaml.SequenceNode:
		d.list(n, func(entry *yaml.Node) {
			plain.Content = append(plain.Content, d.plainTree(entry, key, depth+1))
		})
	case n.Value != "" && namesFile(key) && strings.Contains(n.Value, "://"): // which may hold a password
		d.misread(n, "a URL is not allowed here: download the file, and name its path")
	case n.Value != "" && namesFile(key):
		d.clientFiles = append(d.clientFiles, entry{n.Value, d.at(n.Line)})
	}
	return plain
}

func namesFile(key string) bool { return key == "files" || strings.HasSuffix(key, "_file") }

// keyIn returns a key below another one, "" if it is a name that the user chose:
// that says nothing of its value.
func keyIn(parent, key string) string {
	switch parent {
	case "proxy_connect_header", "endpoint_params", "claims", "http_headers":
		return ""
	}
	return key
}

// linesOf returns the lines of the configuration file for those of the text that
// a tree was written as.
func linesOf(tree *yaml.Node, text []byte) map[int]int {
	lines := make(map[int]int)
	var written yaml.Node
	if yaml.Unmarshal(text, &written) != nil {
		return lines
	}
	var walk func(from, to *yaml.Node)
	walk = func(from, to *yaml.Node) {
		if _, noted := lines[to.Line]; !noted {
			lines[to.Line] = from.Line
		}
		for i := range min(len(from.Content), len(to.Content)) {
			walk(from.Content[i], to.Content[i])
		}
	}
	walk(tree, written.Content[0])
	return lines
}

// checkHTTPClient checks what can be checked without reading other files.
func (d *decoder) checkHTTPClient(c *promconfig.HTTPClientConfig) {
	problem := func(format string, args ...any) {
		d.problem(d.clientPlace, "platform.http_client_config"+format, args...)
	}
	if err := c.Validate(); err != nil { // which repeats no value
		problem(" is not valid: %v", err)
	}
	checkURL := func(key string, u *url.URL, schemes ...string) {
		if u == nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) {
			problem(".%s must be a URL such as %s://host:8080", key, schemes[0])
		}
	}
	if c.ProxyURL.URL != nil {
		checkURL("proxy_url", c.ProxyURL.URL, "http", "https", "socks5", "socks5h")
	}
	if o := c.OAuth2; o != nil {
		tokenURL, _ := url.Parse(o.TokenURL)
		checkURL("oauth2.token_url", tokenURL, "https", "http")
		if o.ProxyURL.URL != nil {
			checkURL("oauth2.proxy_url", o.ProxyURL.URL, "http", "https", "socks5", "socks5h")
		}
	}
	if c.HTTPHeaders != nil {
		for name := range c.HTTPHeaders.Headers {
			if !httpguts.ValidHeaderFieldName(name) {
				problem(".http_headers: %s cannot be the name of a header", quote(name))
			}
		}
	}
}

// tryHTTPClient makes a client as the requests will: the files that it needs must
// be there, and the TLS material must be valid.
func (d *decoder) tryHTTPClient(c *promconfig.HTTPClientConfig, dir string) {
	setDirectory(c, dir)
	missing := false
	for _, f := range d.clientFiles {
		if _, err := d.files.ReadFile(promconfig.JoinDir(dir, f.text)); err != nil {
			missing = true
			d.problem(f.place, "%v", err)
		}
	}
	if missing || len(d.problems.kept) > 0 {
		return
	}
	client, err := promconfig.NewClientFromConfig(*c, "platform")
	if err != nil {
		d.problem(d.clientPlace, "platform.http_client_config: %v", err)
		return
	}
	client.CloseIdleConnections()
}

var typeLine = regexp.MustCompile(`^line (\d+): `)

// typeProblem rewords the library's error about a value of a wrong type. It
// repeats neither the value, which may be a secret, nor the library's names of
// types.
func typeProblem(text string) (line int, complaint string) {
	prefix := typeLine.FindStringSubmatch(text)
	line, _ = strconv.Atoi(prefix[1])
	text = strings.TrimPrefix(text, prefix[0])
	switch {
	case strings.HasPrefix(text, "field ") && strings.Contains(text, ":"):
		return line, "unknown key; is a space missing after the colon?"
	case strings.HasPrefix(text, "field "):
		return line, "unknown key"
	case strings.HasSuffix(text, " into bool"):
		return line, notBoolean
	case strings.Contains(text, " into []"):
		return line, notList
	case strings.HasPrefix(text, "cannot unmarshal !!seq "):
		return line, isList
	case strings.HasPrefix(text, "cannot unmarshal !!map "):
		return line, isMapping
	default:
		return line, notMapping
	}
}

// valueProblem rewords an error at which the library stopped.
func valueProblem(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	switch {
	case strings.HasPrefix(text, "cannot decode "):
		return "a value does not fit the tag (!!…) in front of it"
	case strings.HasPrefix(text, "unknown TLS version"):
		return "a TLS version must be TLS10, TLS11, TLS12 or TLS13"
	case strings.HasPrefix(text, "parse "):
		return "a URL must look like http://host:8080/path"
	default:
		return "see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config"
	}
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
