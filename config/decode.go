package config

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

const (
	notInteger = "this must be a whole number, such as 4, without quotes"
	notFloat   = "this must be a number, such as 2.5, without quotes"
	notBoolean = "this must be true or false, without quotes"
	notList    = "this must be a list, such as [a, b]"
	notMapping = "this must be a mapping of keys to values, such as {a: b}"
	isList     = "a list cannot stand here"
	isMapping  = "a mapping of keys to values cannot stand here"
	blankEntry = "a list has an empty entry here"
	blankKey   = "a key is missing before the colon"
	badMerge   = "a merge key (<<) takes mappings only"
)

// decoder reads the nodes of a configuration file. A value of a wrong type is
// reported and leaves its target unchanged; decoding goes on, so that one mistake
// hides no other.
type decoder struct {
	report
	file  string
	data  []byte // of the file
	files Files

	misreads int // values of a wrong type: what seems to be missing may be among them
}

// at returns the place of a line of the file.
func (d *decoder) at(line int) place { return place{d.file, line} }

// misread reports a value of a wrong type.
func (d *decoder) misread(n *yaml.Node, format string, args ...any) {
	d.misreads++
	d.problem(d.at(n.Line), format, args...)
}

// field is a key of a mapping and its value.
type field struct {
	key   string
	line  int        // of the key
	value *yaml.Node // aliases resolved
}

// mapping calls the reader of each key that has a value, and reports keys that
// have no reader.
func (d *decoder) mapping(n *yaml.Node, readers map[string]func(field)) {
	for _, f := range d.fields(n) {
		read, known := readers[f.key]
		switch {
		case !known:
			d.misreads++
			d.problem(d.at(f.line), "%s", unknownKey(f.key))
		case !isNull(f.value):
			read(f)
		}
	}
}

// unknownKey describes an unknown key. It repeats a plain one only, since others
// may hold a secret: {password:hunter2} is a key too.
func unknownKey(key string) string {
	switch {
	case plainKey.MatchString(key):
		return `unknown key "` + key + `"`
	case strings.Contains(key, ":"):
		return "unknown key; is a space missing after the colon?"
	default:
		return "unknown key"
	}
}

// fields returns the keys of a mapping, and those that it merges (<<) and does not
// have itself.
func (d *decoder) fields(n *yaml.Node) []field {
	if n.Kind != yaml.MappingNode {
		d.misread(n, notMapping)
		return nil
	}
	var fields []field
	taken := make(map[string]bool)
	mappings := []*yaml.Node{n} // each once, since a mapping can merge itself
	for i := 0; i < len(mappings); i++ {
		lines := make(map[string]int)
		for pair := range slices.Chunk(mappings[i].Content, 2) {
			key, value := resolve(pair[0]), resolve(pair[1])
			name := key.Value
			switch first, again := lines[name]; {
			case isNull(key):
				d.misread(key, blankKey)
			case key.Kind != yaml.ScalarNode:
				d.misread(key, "%s", kindProblem(key))
			case key.ShortTag() == "!!merge":
				for _, m := range slices.Backward(d.merged(value)) {
					if !slices.Contains(mappings, m) {
						mappings = slices.Insert(mappings, i+1, m)
					}
				}
			case again && plainKey.MatchString(name):
				d.misread(key, "key %q is already there at line %d", name, first)
			case again:
				d.misread(key, "this key is already there at line %d", first)
			default:
				lines[name] = key.Line
				if !taken[name] {
					taken[name] = true
					fields = append(fields, field{name, key.Line, value})
				}
			}
		}
	}
	return fields
}

// merged returns the mappings behind a merge key.
func (d *decoder) merged(n *yaml.Node) []*yaml.Node {
	candidates := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		candidates = n.Content
	}
	var mappings []*yaml.Node
	for _, c := range candidates {
		if c = resolve(c); c.Kind == yaml.MappingNode {
			mappings = append(mappings, c)
		} else {
			d.misread(n, badMerge)
		}
	}
	return mappings
}

// list calls read with each entry.
func (d *decoder) list(n *yaml.Node, read func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		d.misread(n, notList)
		return
	}
	for _, entry := range n.Content {
		if value := resolve(entry); isNull(value) {
			d.misread(entry, blankEntry)
		} else {
			read(value)
		}
	}
}

// The readers below set *to and return true, or report the value and return false.

// text reads a value as it is written, never as the number that YAML takes it for:
// an ICCID of 20 digits fits no integer, leading zeros count, and
// 8986042319191e083314 is an ICCID and not a power of ten.
func (d *decoder) text(n *yaml.Node, to *string) bool {
	if n.Kind != yaml.ScalarNode {
		d.misread(n, "%s", kindProblem(n))
		return false
	}
	if n.Style&yaml.TaggedStyle != 0 && n.ShortTag() != "!!str" {
		d.misread(n, "leave out the tag (!…) in front of this value")
		return false
	}
	*to = n.Value
	return true
}

func (d *decoder) boolean(n *yaml.Node, to *bool) bool {
	return d.decode(n, to, notBoolean)
}

func (d *decoder) float(n *yaml.Node, to *float64) bool {
	return d.decode(n, to, notFloat)
}

func (d *decoder) integer(n *yaml.Node, to *int) bool {
	if n.ShortTag() == "!!float" { // the library would drop the fraction
		d.misread(n, notInteger)
		return false
	}
	return d.decode(n, to, notInteger)
}

func (d *decoder) duration(n *yaml.Node, to *Duration) bool {
	parsed, err := model.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		d.misread(n, "this must be a duration, such as 30s, 1m30s or 500ms, not %s", quote(n.Value))
		return false
	}
	*to = parsed
	return true
}

// decode lets the library decode a single value.
func (d *decoder) decode(n *yaml.Node, to any, complaint string) bool {
	if n.Kind != yaml.ScalarNode || n.Decode(to) != nil {
		d.misread(n, "%s", complaint)
		return false
	}
	return true
}

// kindProblem describes a list or mapping in the place of a single value.
func kindProblem(n *yaml.Node) string {
	if n.Kind == yaml.SequenceNode {
		return isList
	}
	return isMapping
}

// resolve returns the node that an alias stands for, or the node itself.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.ShortTag() == "!!null" }
