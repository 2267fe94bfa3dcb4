package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// document is a configuration file on its way into a Config.
type document struct {
	report
	file   string
	files  Files
	cfg    *Config
	root   node
	listed map[string]mention // the identifiers so far, in capitals
}

// UnmarshalYAML decodes into the Config and keeps the nodes as well, for their
// lines. Only this, the older kind of unmarshaler, stays strict about keys.
func (d *document) UnmarshalYAML(unmarshal func(any) error) error {
	if err := unmarshal(&d.root); err != nil {
		return err
	}
	return unmarshal(d.cfg)
}

// at is a line of the file.
func (d *document) at(line int) place { return place{d.file, line} }

// read decodes data and says whether there is something to check now. What
// does not fit the Config is reported, and leaves the Config as it was there.
func (d *document) read(data []byte) bool {
	if line := notUTF8(data); line > 0 {
		d.misread(d.at(line), "the file is not UTF-8; was it saved as GBK or UTF-16?")
		return false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	err := decoder.Decode(d)
	if err == nil && d.root.Node == nil || errors.Is(err, io.EOF) {
		d.misread(d.at(1), "the file is empty; it needs groups at least")
		return false
	}
	d.explain(err)
	if d.root.Node == nil {
		return false
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		d.misread(d.at(second.Line), "a second YAML document begins here; the file must hold one")
	} else if !errors.Is(err, io.EOF) {
		d.explain(err)
	}
	for _, g := range d.cfg.Groups {
		d.explain(g.misread)
	}
	d.blanks(d.root.Node)
	return true
}

// notUTF8 is the first line that is not UTF-8, 0 if there is none.
func notUTF8(data []byte) int {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if !utf8.Valid(text) {
			return line
		}
	}
	return 0
}

// blanks reports what the library leaves out without a word.
func (d *document) blanks(n *yaml.Node) {
	for i, child := range n.Content {
		switch {
		case !isNull(child):
			d.blanks(child)
		case n.Kind == yaml.SequenceNode:
			d.misread(d.at(child.Line), "a list has an empty entry here")
		case i%2 == 0:
			d.misread(d.at(child.Line), "a key is missing before the colon")
		}
	}
}

var (
	atLine = regexp.MustCompile(`(?s)^(?:yaml: )?(?:line (\d+): )?(.*)$`)

	// repeated matches where an error may repeat a secret.
	repeated = regexp.MustCompile("(?s)(anchor )'.*'|(?:: |`).*")
)

const (
	notWhole = "this must be a whole number, such as 4, without quotes"
	mustMap  = "this must be a mapping of keys to values, such as {a: b}"
)

// wordings turn the libraries' texts into the user's language; the first that
// matches does. None repeats a value, for nothing tells which ones are secret.
// Keys are not named below http_client_config, whose Go types are the
// library's, nor if they are not plain: {password:hunter2} and {hunter2} are
// keys.
var wordings = []struct {
	library *regexp.Regexp
	user    string
}{
	{regexp.MustCompile(`^field ([\pL\pN_. -]+) not found in type config\.(Config|Platform|group)$`), `unknown key "$1"`},
	{regexp.MustCompile(`(?s)^field .*:.* not found in type .*$`), `unknown key; is a space missing after the colon?`},
	{regexp.MustCompile(`(?s)^field .* not found in type .*$`), `unknown key`},
	{regexp.MustCompile(`^mapping key "([\pL\pN_. -]+)" already defined at (line \d+)$`), `key "$1" is already there at $2`},
	{regexp.MustCompile(`(?s)^mapping key .* already defined at (line \d+)$`), `this key is already there at $1`},
	{regexp.MustCompile(`(?s)^cannot unmarshal .* into int$`), notWhole},
	{regexp.MustCompile(`(?s)^cannot unmarshal .* into float64$`), `this must be a number, such as 2.5, without quotes`},
	{regexp.MustCompile(`(?s)^cannot unmarshal .* into bool$`), `this must be true or false, without quotes`},
	{regexp.MustCompile(`(?s)^cannot unmarshal .* into \[\]\S+$`), `this must be a list, such as [a, b]`},
	{regexp.MustCompile(`(?s)^cannot unmarshal .* into (map\[.*|config\.(Config|Platform|group|httpClient))$`), mustMap},
	{regexp.MustCompile(`(?s)^cannot unmarshal !!seq .*$`), `a list cannot stand here`},
	{regexp.MustCompile(`(?s)^cannot unmarshal !!map .*$`), `a mapping of keys to values cannot stand here`},
	{regexp.MustCompile(`(?s)^cannot unmarshal .*$`), mustMap},
	{regexp.MustCompile(`(?s)^cannot decode .*$`), `a value does not fit the tag (!!…) in front of it`},
	{regexp.MustCompile(`(?s)^invalid map key.*$`), `a key must be plain text`},
	{regexp.MustCompile(`^map merge requires .*$`), `a merge key (<<) takes mappings only`},
	{regexp.MustCompile(`(?s)^unknown anchor .*$`), `a value that begins with * refers to an anchor that does not exist`},
	{regexp.MustCompile(`(?s)^unknown TLS version.*$`), `a TLS version must be TLS10, TLS11, TLS12 or TLS13`},
	{regexp.MustCompile(`(?s)^parse .*$`), `a URL must look like http://host:8080/path`},
}

// explain reports what the decoder says.
func (d *document) explain(err error) {
	var several *yaml.TypeError
	switch {
	case err == nil:
	case errors.As(err, &several):
		for _, text := range several.Errors {
			m := atLine.FindStringSubmatch(text)
			line, _ := strconv.Atoi(m[1])
			d.misread(d.at(line), inWords(m[2]))
		}
	default:
		line, _ := strconv.Atoi(atLine.FindStringSubmatch(err.Error())[1]) // the library leaves out the first
		d.misread(d.at(max(line, 1)), "YAML syntax, in this line or below: "+harmless(err)+
			"; look for tabs, wrong indentation, open quotes or brackets, and unquoted text that begins with a sign such as * or @")
	}
}

func inWords(text string) string {
	for _, w := range wordings {
		if w.library.MatchString(text) {
			return w.library.ReplaceAllString(text, w.user)
		}
	}
	return text
}

// harmless is the text of an error without line and without values.
func harmless(err error) string {
	return repeated.ReplaceAllString(inWords(atLine.FindStringSubmatch(err.Error())[2]), "${1}…")
}

// wrong is an error about a value that does not keep the decoder from reading
// on; any error but a TypeError would.
func wrong(n *yaml.Node, format string, args ...any) error {
	return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: ", n.Line) + fmt.Sprintf(format, args...)}}
}

// node takes part in the decoding to see the nodes.
type node struct{ *yaml.Node }

func (n *node) UnmarshalYAML(seen *yaml.Node) error {
	n.Node = seen
	return nil
}

// find walks down the keys. It returns the line of the last one, or of the
// nearest before it that is there, and the value, which is empty if not found.
func find(n *yaml.Node, keys ...string) (line int, value *yaml.Node) {
	line = n.Line
	for _, key := range keys {
		i := 0
		for i < len(n.Content) && n.Content[i].Value != key {
			i += 2
		}
		if n.Kind != yaml.MappingNode || i >= len(n.Content) {
			return line, &yaml.Node{}
		}
		line, n = n.Content[i].Line, n.Content[i+1]
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
	}
	return line, n
}

func isNull(n *yaml.Node) bool { return n.Tag == "!!null" }
