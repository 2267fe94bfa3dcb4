package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	notList     = "this must be a list, such as [a, b]"
	notMapping  = "this must be a mapping of keys to values, such as {a: b}"
	isList      = "a list is not allowed here"
	notSingle   = "this must be a single value, not a list or a mapping"
	blankEntry  = "a list has an empty entry here"
	blankKey    = "a key is missing before the colon"
	badMerge    = "a merge key (<<) takes mappings only"
	endless     = "an alias (*) or a merge key (<<) stands for something that contains it, or for too much"
	leaveOutTag = "leave out the tag (!…) in front of this value"
)

// decode decodes a mapping into *to, prepared by a function that may be nil, and returns
// its line. It is for an UnmarshalYAML that gets a function and no node: behind that is
// the library's one decoder, which refuses unknown keys and bounds aliases at any depth.
// That of a node, (*yaml.Node).Decode, does neither.
func decode(unmarshal func(any) error, to any, prepare func(*yaml.Node) []error) (line int, err error) {
	var c captured
	if err := unmarshal(&c); err != nil { // too many aliases, which are in no one line
		return 1, combine(1, err)
	}
	var errs []error
	if prepare != nil {
		errs = prepare(c.n)
	}
	return c.n.Line, combine(c.n.Line, append(errs, unmarshal(to))...)
}

type captured struct{ n *yaml.Node }

// UnmarshalYAML keeps the node.
func (c *captured) UnmarshalYAML(n *yaml.Node) error {
	c.n = n
	return nil
}

// mistake is an error after which the library goes on. The library's own mistakes begin
// with "line ", this package's with the number.
func mistake(line int, format string, args ...any) error {
	return &yaml.TypeError{Errors: []string{strconv.Itoa(line) + ": " + fmt.Sprintf(format, args...)}}
}

// combine makes one of several mistakes, nil if there are none. Another error, at which
// the library stopped, is one in that line.
func combine(line int, errs ...error) error {
	var all yaml.TypeError
	for _, err := range errs {
		var some *yaml.TypeError
		switch {
		case errors.As(err, &some):
			all.Errors = append(all.Errors, some.Errors...)
		case err != nil:
			all.Errors = append(all.Errors, fmt.Sprintf("line %d: %v", line, err))
		}
	}
	if all.Errors == nil {
		return nil
	}
	return &all
}

// maxKeys limits the keys of a mapping. The library compares each with each, and
// describes each two that are the same.
const maxKeys = 1000

// tidy reports what the library would stop at or pass over below a node, whatever it is
// for, and takes it out: so that what else is wrong shows as well. The structs cannot
// tell: they never see a null, nor a mapping that has a key twice.
func tidy(n *yaml.Node) (errs []error) {
	size := 1
	if n.Kind == yaml.MappingNode {
		size = 2
	}
	if size == 2 && len(n.Content) > 2*maxKeys {
		n.Content = nil
		return []error{mistake(n.Line, "a mapping has more than %d keys here", maxKeys)}
	}
	kept := n.Content[:0]
	for item := range slices.Chunk(n.Content, size) {
		for _, child := range item {
			if child.Style&yaml.TaggedStyle != 0 && child.Tag != "!!str" {
				child.Tag, child.Style = "", child.Style&^yaml.TaggedStyle
				errs = append(errs, mistake(child.Line, leaveOutTag))
			}
			errs = append(errs, tidy(child)...)
		}
		text := ""
		switch {
		case size == 2:
			text = keyProblem(kept, item[0], item[1])
		case isNull(item[0]):
			text = blankEntry
		}
		if text == "" {
			kept = append(kept, item...)
		} else {
			errs = append(errs, mistake(item[0].Line, "%s", text))
		}
	}
	n.Content = kept
	return errs
}

// keyProblem says what is wrong with a key, "" if nothing is. before are the keys before
// it and their values.
func keyProblem(before []*yaml.Node, key, value *yaml.Node) string {
	name := resolve(key)
	switch {
	case isNull(name):
		return blankKey
	case name.Kind != yaml.ScalarNode:
		return notSingle
	case name.Style == 0 && isNull(value) && strings.Contains(strings.Trim(name.Value, "： "), "："): // 门店：shop
		return "this key has no value" + fullWidth(name.Value)
	case name.ShortTag() == "!!merge" && !isMergeable(value):
		return badMerge
	}
	for i := 0; i < len(before); i += 2 {
		switch first := resolve(before[i]); {
		case first.Value != name.Value:
		case plainKey.MatchString(name.Value) && !isNull(value):
			return fmt.Sprintf("key %q is already there at line %d", name.Value, first.Line)
		default:
			return fmt.Sprintf("this key is already there at line %d", first.Line)
		}
	}
	return ""
}

func isMergeable(value *yaml.Node) bool {
	if value.Kind == yaml.SequenceNode {
		return !slices.ContainsFunc(value.Content, func(n *yaml.Node) bool { return resolve(n).Kind != yaml.MappingNode })
	}
	return resolve(value).Kind == yaml.MappingNode
}

// resolve returns the node that an alias stands for, or the node itself.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull reports whether there is no value.
func isNull(n *yaml.Node) bool { return n.ShortTag() == "!!null" }
