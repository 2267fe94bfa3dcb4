package config

import (
	"bytes"
	"errors"
	"regexp"
	"strconv"
	"strings"

	promconfig "github.com/prometheus/common/config"
	"gopkg.in/yaml.v3"
)

// httpClient is the library's type without its method, whose errors of
// validation could not be told from others.
type httpClient promconfig.HTTPClientConfig

// ignored takes any value and keeps none.
type ignored struct{}

// UnmarshalYAML reads nothing.
func (ignored) UnmarshalYAML(*yaml.Node) error { return nil }

// httpClient reads http_client_config. Only the library can decode its own
// types strictly, and only from text, so it reads the file once more for this
// key; complaints about others have been reported by then.
func (d *decoder) httpClient(f field, to *promconfig.HTTPClientConfig) {
	d.checkBlanks(f.value)
	var file struct {
		Platform struct {
			HTTPClient httpClient         `yaml:"http_client_config"`
			Others     map[string]ignored `yaml:",inline"`
		} `yaml:"platform"`
		Others map[string]ignored `yaml:",inline"`
	}
	client := &file.Platform.HTTPClient
	*client = httpClient(promconfig.DefaultHTTPClientConfig)
	decoder := yaml.NewDecoder(bytes.NewReader(d.data))
	decoder.KnownFields(true)
	err := decoder.Decode(&file)
	var several *yaml.TypeError
	switch {
	case errors.As(err, &several):
		for _, text := range several.Errors {
			line, complaint := typeProblem(text)
			if at := d.at(line); !d.reported(at) {
				d.misreads++
				d.problem(at, "%s", complaint)
			}
		}
	case err != nil:
		d.problem(d.at(f.line), "platform.http_client_config is not valid: %s", valueProblem(err))
	default:
		*to = promconfig.HTTPClientConfig(*client)
		if err := to.Validate(); err != nil { // which repeats no value
			d.problem(d.at(f.line), "platform.http_client_config is not valid: %v", err)
		}
	}
}

// checkBlanks reports what the library leaves out without a word.
func (d *decoder) checkBlanks(n *yaml.Node) {
	for i, child := range n.Content {
		switch {
		case !isNull(child):
			d.checkBlanks(child)
		case n.Kind == yaml.SequenceNode:
			d.misread(child, blankEntry)
		case i%2 == 0:
			d.misread(child, blankKey)
		}
	}
}

var (
	typeLine = regexp.MustCompile(`^line (\d+): `)

	// plainKey matches the keys that a message may repeat. Others may hold a
	// secret: {password:hunter2} is a key.
	plainKey = regexp.MustCompile(`^[\pL\pN_. -]+$`)
)

// typeProblem words what the library says of a value of a wrong type. It
// repeats neither values, of which nothing tells which ones are secret, nor
// the library's names of types.
func typeProblem(text string) (line int, complaint string) {
	prefix := typeLine.FindStringSubmatch(text)
	line, _ = strconv.Atoi(prefix[1])
	text = strings.TrimPrefix(text, prefix[0])
	switch {
	case strings.HasPrefix(text, "field ") && strings.Contains(text, ":"):
		return line, "unknown key; is a space missing after the colon?"
	case strings.HasPrefix(text, "field "):
		return line, "unknown key"
	case strings.HasPrefix(text, "mapping key "):
		return line, "this key is already there"
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

// valueProblem words an error that ended the library's reading.
func valueProblem(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	switch {
	case strings.HasPrefix(text, "cannot decode "):
		return "a value does not fit the tag (!!…) in front of it"
	case strings.HasPrefix(text, "invalid map key"):
		return "a key must be plain text"
	case strings.HasPrefix(text, "map merge requires "):
		return badMerge
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
	// The library forgets this one of its file names. It is joined here
	// only if the library still does, lest it be joined twice.
	before := c.OAuth2.ClientCertificateKeyFile
	c.SetDirectory(dir)
	if c.OAuth2.ClientCertificateKeyFile == before {
		c.OAuth2.ClientCertificateKeyFile = promconfig.JoinDir(dir, before)
	}
}
