// Package config reads the configuration: YAML and card files in, a validated
// Config out. It reports every mistake at once, each with its file and line.
//
// A Config is not changed after it has been loaded, so it may be shared
// between goroutines.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"simcard_exporter/config/cards"
	"simcard_exporter/config/inventory"
)

// Config is a whole, valid configuration.
type Config struct {
	Platform Platform `yaml:"platform"`
	Groups   []Group  `yaml:"groups"`

	line int // where it begins

	// LabelNames are the names of all labels that the user gave, in groups
	// or in card files, sorted.
	LabelNames []string `yaml:"-"`

	// Columns are what is known of cards beside their identifiers, which is labels and
	// contacts, the most important to people first.
	Columns []cards.Column `yaml:"-"`

	// Places says where a card is listed.
	Places cards.Places `yaml:"-"`

	// Warnings name what works but is probably not meant, as
	// "file:line: text", ordered by file and line and meant for the log. LeftOut
	// does the same for the rows of card files that are no cards.
	Warnings, LeftOut []string `yaml:"-"`
}

// UnmarshalYAML reads the whole file.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) (err error) {
	type mapping Config // without this method
	c.line, err = decode(unmarshal, (*mapping)(c), tidy)
	return err
}

// Error holds the mistakes of a configuration.
type Error struct {
	lines []string // as of cards.Findings, at least one
}

// Error returns a line for each mistake, "file:line: text" or "file[sheet]!cell: text", by
// file and line, up to a limit, and a last line of the same form that counts the rest.
func (e *Error) Error() string { return strings.Join(e.lines, "\n") }

// decoder is what reading a configuration keeps in mind. A mistake is reported, and
// reading goes on, so that one hides no other.
type decoder struct {
	cards.Report
	file  string
	data  []byte   // of the file
	lines []string // of the file; only to describe mistakes
	files Files

	reader *cards.Reader
}

func newDecoder(file string, data []byte, files Files) *decoder {
	d := &decoder{file: file, data: data, files: files}
	d.reader = cards.NewReader(&d.Report, fullWidth)
	return d
}

// at returns the place of a line of the file.
func (d *decoder) at(line int) inventory.Place { return inventory.Place{File: d.file, Line: line} }

// require reports a value of that line unless ok.
func (d *decoder) require(ok bool, line int, format string, args ...any) {
	if !ok {
		d.Problem(d.at(line), format, args...)
	}
}

func load(path string, files Files) (*Config, error) {
	data, err := files.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read configuration: %w; name yours with --config.file, or try --demo, which needs none", err)
	} else if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	d := newDecoder(path, data, files)
	cfg := d.document()
	cfg.Platform.HTTPClientConfig.try(d, filepath.Dir(path))
	return d.result(cfg)
}

// Parse validates data, which messages call name, and the card files that it
// names; files may be nil if it names none. The files that http_client_config
// names are not read, and their relative paths stay as they are. Every error is
// an *Error.
func Parse(name string, data []byte, files Files) (*Config, error) {
	d := newDecoder(name, data, files)
	return d.result(d.document())
}

// result is the configuration if it has no mistakes.
func (d *decoder) result(cfg *Config) (*Config, error) {
	if d.Problems.Any() {
		return nil, &Error{d.Problems.Lines()}
	}
	if !slices.ContainsFunc(cfg.Groups, func(g Group) bool { return len(g.Cards) > 0 }) {
		d.Problem(d.at(cfg.line), "no group has a card")
		return nil, &Error{slices.Concat(d.Problems.Lines(), d.LeftOut.Lines(), d.Warnings.Lines())}
	}
	cfg.Warnings, cfg.LeftOut = d.Warnings.Lines(), d.LeftOut.Lines()
	return cfg, nil
}

// withoutCards is a copy that holds no cards: there can be a million.
func (c *Config) withoutCards() *Config {
	light := *c
	light.Groups = slices.Clone(c.Groups)
	for i := range light.Groups {
		light.Groups[i].Cards = nil
	}
	return &light
}

// maxMarks is how many line breaks, commas and dashes of lists the file can have:
// the library takes 400 bytes for each value before any can be counted.
const maxMarks = 8_000_000

// document decodes the configuration file, checks it, and reads the card files that it
// names.
func (d *decoder) document() *Config {
	cfg := &Config{Platform: defaultPlatform()}
	isWhole := d.parse(cfg)
	cfg.Platform.check(d)
	if isWhole && len(cfg.Groups) == 0 {
		d.Problem(d.at(cfg.line), "at least one group is needed, under groups")
	}
	for i := range cfg.Groups {
		d.readCards(&cfg.Groups[i])
	}
	d.checkNames(cfg.Groups)
	cfg.LabelNames, cfg.Columns = d.reader.Finish()
	cfg.Places = d.reader.Places
	for i := range cfg.Groups {
		g := &cfg.Groups[i]
		g.Cards, g.Rows = g.found.Cards, g.found.Rows
		if len(g.Cards) == 0 {
			d.Warn(d.at(g.line), "%s has no cards: its files list none, or all of them are already listed above; its simcard_up is 0", g.displayName())
		}
		g.found = nil
	}
	return cfg
}

// parse decodes the file into cfg. It returns false if there is a mistake: what seems
// to be missing may be there.
func (d *decoder) parse(cfg *Config) bool {
	unreadable := func(line int, text string) bool {
		d.Problem(d.at(line), "%s", text)
		return false
	}
	if line := inventory.InvalidUTF8(d.data); line > 0 {
		return unreadable(line, "the file is not UTF-8; was it saved as GBK or UTF-16?")
	}
	if bytes.Count(d.data, []byte("\n"))+bytes.Count(d.data, []byte(","))+bytes.Count(d.data, []byte("- ")) > maxMarks {
		return unreadable(1, "the file has too many lines and entries: list the cards in a card file, under files")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(d.data))
	decoder.KnownFields(true)
	err := decoder.Decode(cfg)
	switch isMisread := d.misread(err); {
	case errors.Is(err, io.EOF), err == nil && cfg.line == 0:
		return unreadable(1, "the file is empty; it needs groups at least")
	case err != nil && !isMisread:
		return unreadable(d.syntaxProblem(err))
	}
	var second yaml.Node
	switch another := decoder.Decode(&second); {
	case another == nil:
		return unreadable(second.Line, "a second YAML document begins here; the file must hold one")
	case !errors.Is(another, io.EOF):
		return unreadable(d.syntaxProblem(another))
	}
	return err == nil
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntaxProblem describes a syntax error without the user's values, which the
// library's text may repeat.
func (d *decoder) syntaxProblem(err error) (line int, text string) {
	text = err.Error()
	prefix := syntaxLine.FindStringSubmatch(text)
	text = strings.TrimPrefix(text, prefix[0])
	if strings.HasPrefix(text, "unknown anchor ") {
		text = "a value that begins with * refers to an anchor that does not exist"
	}
	line, _ = strconv.Atoi(prefix[1]) // the library does not name line 1
	line = max(line, 1)
	// The library may name the line before such a key, or the one after it.
	for near := max(line-1, 1); near <= line+1; near++ {
		if key := fullWidthKey.FindString(d.line(near)); key != "" {
			return near, "YAML syntax: a key has no colon" + fullWidth(key)
		}
	}
	return line, "YAML syntax, in this line or below: " + text + "; look for tabs, wrong indentation, open quotes or brackets, and unquoted text that begins with a sign such as * or @"
}
