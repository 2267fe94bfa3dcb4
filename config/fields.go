package config

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxKeys limits the keys of a mapping. The library takes 14 s to find that 3,000
// are the same.
const maxKeys = 1000

// maxAllKeys is how many keys all mappings together can have. Some are read
// again for each of their aliases.
const maxAllKeys = 1_000_000

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

// plainKey matches the keys that a message may repeat. Others may hold a secret:
// {password:hunter2} is a key without a value.
var plainKey = regexp.MustCompile(`^[\pL\pN_. -]+$`)

// unknownKey describes an unknown key.
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
	if wrongTag(n, "!!map") {
		d.misread(n, leaveOutTag)
	}
	if len(n.Content) > 2*maxKeys {
		d.misread(n, "a mapping has more than %d keys here", maxKeys)
		return nil
	}
	if d.keysRead > maxAllKeys { // which was reported
		return nil
	}
	var fields []field
	taken := make(map[string]bool)
	mappings := []*yaml.Node{n} // each once, since a mapping can merge itself
	for i := 0; i < len(mappings); i++ {
		if d.keysRead += len(mappings[i].Content) / 2; d.keysRead > maxAllKeys { // a few aliases of aliases are enough
			d.misread(n, "the mappings have more than %d keys together, those of aliases included", maxAllKeys)
			return nil
		}
		lines := make(map[string]int)
		for pair := range slices.Chunk(mappings[i].Content, 2) {
			key, value := resolve(pair[0]), resolve(pair[1])
			name := key.Value
			switch first, again := lines[name]; {
			case isNull(key):
				d.misread(key, blankKey)
			case key.Kind != yaml.ScalarNode:
				d.misread(key, "%s", kindProblem(key))
			case wrongTag(key, "!!str"):
				d.misread(key, leaveOutTag)
			case again && plainKey.MatchString(name):
				d.misread(key, "key %q is already there at line %d", name, first)
			case again:
				d.misread(key, "this key is already there at line %d", first)
			case key.ShortTag() == "!!merge":
				lines[name] = key.Line
				for _, m := range slices.Backward(d.merged(value)) {
					if !slices.Contains(mappings, m) {
						mappings = slices.Insert(mappings, i+1, m)
					}
				}
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
