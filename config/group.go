package config

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/alecthomas/units"

	"simcard_exporter/config/cards"
	"simcard_exporter/config/inventory"
)

const (
	// maxGroupName is the length of a group's name in bytes. It becomes a label
	// of every one of the group's series.
	maxGroupName = 100

	// maxDuration bounds max_age, stale_if_error and expiring_within. No answer
	// is worth serving for longer, nor a renewal worth planning so early, so more
	// is a mistake.
	maxDuration = 365 * 24 * time.Hour

	// maxLowBalance is more than a card can use in a month.
	maxLowBalance = 1 << 50
)

// Group is a set of cards that are queried alike.
type Group struct {
	Name           At[string]   `yaml:"name"`
	Live           At[bool]     `yaml:"live"`            // the platform asks the operator for each answer, which is slow
	MaxAge         At[Duration] `yaml:"max_age"`         // an answer younger than this is reused; 0 queries at every scrape
	StaleIfError   At[Duration] `yaml:"stale_if_error"`  // how long beyond max_age an answer is served if no newer one came (RFC 5861)
	ExpiringWithin At[Duration] `yaml:"expiring_within"` // a card that expires sooner is expiring; 0 for none
	LowBalance     At[Bytes]    `yaml:"low_balance"`     // a card with less, but not none, is low on data; 0 for none
	Labels         Texts        `yaml:"labels"`          // for simcard_info and simcard_problem of each card
	IMEIs          []At[string] `yaml:"imeis"`           // as the user listed them
	ICCIDs         []At[string] `yaml:"iccids"`          // as the user listed them
	Files          []At[string] `yaml:"files"`           // card files, or patterns of them, as the user listed them
	Columns        Texts        `yaml:"columns"`         // by header in the files: imei, iccid, in_use, the name of a label, or "" to leave the column out
	NotInUse       []At[string] `yaml:"not_in_use"`      // values of the column in_use, in any case of letters

	// Cards are the group's cards in the order of the configuration: IMEIs,
	// ICCIDs, then those of the files. A card that is listed twice, in one
	// group or in two, is only where it is listed first, so a group may have
	// no cards.
	Cards []cards.Card `yaml:"-"`

	// Rows says what became of the rows of its files that are no cards.
	Rows cards.Rows `yaml:"-"`

	line    int          // where it begins
	misread error        // mistakes: what seems to be missing may be among them
	found   *cards.Group // until all groups are read
}

// defaultGroup is a group without cards. Its max_age is below Prometheus's
// usual interval of a minute, so each scrape has new answers, and long enough
// for two servers' scrapes to share one set of requests.
func defaultGroup() Group {
	return Group{
		MaxAge:         At[Duration]{V: Duration(30 * time.Second)},
		StaleIfError:   At[Duration]{V: Duration(time.Hour)},
		ExpiringWithin: At[Duration]{V: Duration(30 * 24 * time.Hour)},
		LowBalance:     At[Bytes]{V: units.MiB},
	}
}

// UnmarshalYAML reads the keys that the user gave, and fills in the defaults. It
// returns no mistakes, since the library would then drop the group from the list, and
// what else is wrong with it would not show.
func (g *Group) UnmarshalYAML(unmarshal func(any) error) error {
	type mapping Group // without this method
	*g = defaultGroup()
	g.line, g.misread = decode(unmarshal, (*mapping)(g), nil)
	g.Name.V = strings.TrimSpace(g.Name.V)
	if g.NotInUse == nil { // and not [], which is for none
		for _, value := range []string{"库存", "报废", "已销户", "未启用", "否", "no", "false"} {
			g.NotInUse = append(g.NotInUse, At[string]{V: value})
		}
	}
	return nil
}

// check reports values out of range, and labels that are none.
func (g *Group) check(d *decoder) {
	d.require(time.Duration(g.MaxAge.V) <= maxDuration, g.MaxAge.Line, "max_age must be at most 1y")
	d.require(time.Duration(g.StaleIfError.V) <= maxDuration, g.StaleIfError.Line, "stale_if_error must be at most 1y")
	d.require(time.Duration(g.ExpiringWithin.V) <= maxDuration, g.ExpiringWithin.Line, "expiring_within must be at most 1y")
	d.require(g.LowBalance.V >= 0 && g.LowBalance.V <= maxLowBalance, g.LowBalance.Line, "low_balance must be between 0 and 1PiB")
	// Of a label's value, only that it is there is checked: in a file that is UTF-8, every
	// string is a valid one.
	for _, name := range slices.Sorted(maps.Keys(g.Labels)) {
		value, text := g.Labels[name], cards.LabelProblem(name)
		d.require(text == "", value.Line, "labels: %s", text)
		d.require(!value.IsNull, value.Line, `labels: %s has no value; write "" if it is to be empty`, cards.Quote(name))
	}
}

func (g *Group) displayName() string { return "group " + cards.Quote(g.Name.V) }

// readCards checks a group, and reads its cards.
func (d *decoder) readCards(g *Group) {
	d.misread(g.misread)
	g.check(d)
	g.found = &cards.Group{Name: g.Name.V, Place: d.at(g.line), Labels: plain(g.Labels), NotInUse: values(g.NotInUse)}
	d.reader.Add(g.found, d.mappings(g.Columns))
	if len(g.IMEIs)+len(g.ICCIDs)+len(g.Files) == 0 {
		d.require(g.misread != nil, g.line, "%s has no cards: list them under imeis, iccids or files", g.displayName())
		return
	}
	g.found.AddLists(d.file, d.listed(g.IMEIs), d.listed(g.ICCIDs))
	d.readFiles(g)
}

// listed yields the entries of a list and their places.
func (d *decoder) listed(list []At[string]) iter.Seq2[string, inventory.Place] {
	return func(yield func(string, inventory.Place) bool) {
		for _, listed := range list {
			if !yield(listed.V, d.at(listed.Line)) {
				return
			}
		}
	}
}

// mappings returns the key columns in the order of the file.
func (d *decoder) mappings(columns Texts) []cards.Mapping {
	var all []cards.Mapping
	for header, target := range columns {
		all = append(all, cards.Mapping{Header: header, Target: target.V, Place: d.at(target.Line)})
	}
	slices.SortFunc(all, func(a, b cards.Mapping) int {
		return cmp.Or(cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Header, b.Header))
	})
	return all
}

// values returns texts without their lines.
func values(texts []At[string]) []string {
	var plain []string
	for _, text := range texts {
		plain = append(plain, text.V)
	}
	return plain
}

// plain returns texts without their lines.
func plain(texts Texts) map[string]string {
	values := make(map[string]string)
	for name, text := range texts {
		values[name] = text.V
	}
	return values
}

// checkNames checks that each group has a name of its own.
func (d *decoder) checkNames(groups []Group) {
	lines := make(map[string]int)
	for _, g := range groups {
		name, line := g.Name.V, max(g.line, g.Name.Line)
		if name == "" {
			d.require(g.misread != nil, line, "a group needs a name")
			continue
		}
		first, taken := lines[name]
		if !taken {
			lines[name] = line
		}
		d.require(len(name) <= maxGroupName, line, "the group name %s is too long: %d bytes, and %d are allowed", cards.Quote(name), len(name), maxGroupName)
		d.require(!strings.ContainsFunc(name, unprintable), line, "the group name %s holds a character that does not print", cards.Quote(name))
		d.require(!taken, line, "the group name %s is already used at line %d", cards.Quote(name), first)
	}
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
