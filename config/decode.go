package config

import (
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"

	"simcard_exporter/config/inventory"
)

const (
	notInteger = "this must be a whole number, such as 4, without quotes"
	notFloat   = "this must be a number, such as 2.5, without quotes"
	notBoolean = "this must be true or false, without quotes"
	notList    = "this must be a list, such as [a, b]"
	notMapping = "this must be a mapping of keys to values, such as {a: b}"
	isList     = "a list is not allowed here"
	isMapping  = "a mapping of keys to values is not allowed here"
	blankEntry = "a list has an empty entry here"
	blankKey   = "a key is missing before the colon"
	badMerge   = "a merge key (<<) takes mappings only"

	leaveOutTag = "leave out the tag (!…) in front of this value"
)

// decoder reads the nodes of a configuration file. A value of a wrong type is
// reported and leaves its target unchanged; decoding goes on, so that one mistake
// hides no other.
type decoder struct {
	report
	file  string
	data  []byte // of the file
	files Files

	misreads    int // values of a wrong type: what seems to be missing may be among them
	entriesRead int // of all lists
	keysRead    int // of all mappings

	clientPlace inventory.Place // of http_client_config
	clientFiles []entry         // names of files in http_client_config

	cards   map[string]mention // by IMEI or ICCID in capitals, whose lengths keep them apart
	devices map[string]mention // by IMEI: the first card that is expected in it
	tables  map[string]*group  // by card file and sheet: the first group that lists it
	places  Places
}

func newDecoder(file string, data []byte, files Files) *decoder {
	return &decoder{
		file: file, data: data, files: files,
		cards: make(map[string]mention), devices: make(map[string]mention), tables: make(map[string]*group),
	}
}

// at returns the place of a line of the file.
func (d *decoder) at(line int) inventory.Place { return inventory.Place{File: d.file, Line: line} }

// misread reports a value of a wrong type.
func (d *decoder) misread(n *yaml.Node, format string, args ...any) {
	d.misreads++
	d.problem(d.at(n.Line), format, args...)
}

// maxEntries limits the entries of all lists together.
const maxEntries = 3_000_000

// list calls read with each entry.
func (d *decoder) list(n *yaml.Node, read func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		d.misread(n, notList)
		return
	}
	if wrongTag(n, "!!seq") {
		d.misread(n, leaveOutTag)
	}
	for _, entry := range n.Content {
		if d.entriesRead++; d.entriesRead > maxEntries { // a few aliases of aliases are enough
			d.misread(entry, "the lists have more than %d entries together, those of aliases included", maxEntries)
			return
		}
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
	if wrongTag(n, "!!str") {
		d.misread(n, leaveOutTag)
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

// isNull reports whether there is no value. For the library, the tag !!null in
// front of a value makes it none; here that is a wrong tag.
func isNull(n *yaml.Node) bool { return n.ShortTag() == "!!null" && !tagged(n) }

// wrongTag reports whether the user wrote a tag other than tag in front of a node.
func wrongTag(n *yaml.Node, tag string) bool { return tagged(n) && n.ShortTag() != tag }

func tagged(n *yaml.Node) bool { return n.Style&yaml.TaggedStyle != 0 }
