package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"simcard_exporter/config/inventory"
)

// maxMarks is how many line breaks, commas and dashes of lists the file can have:
// the library takes 400 bytes for each value before any can be counted.
const maxMarks = 8_000_000

// document decodes the configuration file and the card files that it names.
func (d *decoder) document() *Config {
	cfg := &Config{Platform: defaultPlatform()}
	root := d.parse()
	if root == nil {
		return cfg
	}
	groupsLine := root.Line
	var groups []*group
	d.mapping(root, map[string]func(field){
		"platform": func(f field) { d.platform(f, &cfg.Platform) },
		"groups": func(f field) {
			groupsLine = f.line
			d.list(f.value, func(n *yaml.Node) { groups = append(groups, d.group(n)) })
		},
	})
	if len(groups) == 0 && d.misreads == 0 {
		d.problem(d.at(groupsLine), "at least one group is needed, under groups")
	}
	d.checkNames(groups)
	cfg.Groups, cfg.LabelNames = align(groups)
	cfg.Places = d.places
	return cfg
}

// parse returns the top node of the file, or nil if there is none to read.
func (d *decoder) parse() *yaml.Node {
	unreadable := func(line int, text string) *yaml.Node {
		d.misreads++
		d.problem(d.at(line), "%s", text)
		return nil
	}
	if line := inventory.InvalidUTF8(d.data); line > 0 {
		return unreadable(line, "the file is not UTF-8; was it saved as GBK or UTF-16?")
	}
	if bytes.Count(d.data, []byte("\n"))+bytes.Count(d.data, []byte(","))+bytes.Count(d.data, []byte("- ")) > maxMarks {
		return unreadable(1, "the file has too many lines and entries: list the cards in a card file, under files")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(d.data))
	var first, second yaml.Node
	err := decoder.Decode(&first)
	if errors.Is(err, io.EOF) || err == nil && isNull(first.Content[0]) {
		return unreadable(1, "the file is empty; it needs groups at least")
	}
	if err != nil {
		return unreadable(syntaxProblem(err))
	}
	if err := decoder.Decode(&second); err == nil {
		unreadable(second.Line, "a second YAML document begins here; the file must hold one")
	} else if !errors.Is(err, io.EOF) {
		unreadable(syntaxProblem(err))
	}
	return first.Content[0]
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxProblem describes a syntax error without the user's values, which the
// library's text may repeat.
func syntaxProblem(err error) (line int, text string) {
	text = err.Error()
	prefix := syntaxLine.FindStringSubmatch(text)
	text = strings.TrimPrefix(text, prefix[0])
	if strings.HasPrefix(text, "unknown anchor ") {
		text = "a value that begins with * refers to an anchor that does not exist"
	}
	line, _ = strconv.Atoi(prefix[1]) // the library does not name line 1
	return max(line, 1), "YAML syntax, in this line or below: " + text +
		"; look for tabs, wrong indentation, open quotes or brackets, and unquoted text that begins with a sign such as * or @"
}
