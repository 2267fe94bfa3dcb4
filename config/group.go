package config

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"

	"simcard_exporter/config/cards"
	"simcard_exporter/config/inventory"
)

const (
	// maxGroupName is the length of a group's name in bytes. It becomes a label
	// of every one of the group's series.
	maxGroupName = 100

	// maxDuration bounds max_age and stale_if_error. No answer is worth
	// serving for longer, so more is a mistake.
	maxDuration = 365 * 24 * time.Hour
)

// Group is a set of cards that are queried alike.
type Group struct {
	Name         string            `yaml:"name"`
	Live         bool              `yaml:"live"`           // the platform asks the operator for each answer, which is slow
	MaxAge       Duration          `yaml:"max_age"`        // an answer younger than this is reused; 0 queries at every scrape
	StaleIfError Duration          `yaml:"stale_if_error"` // how long beyond max_age an answer is served if no newer one came (RFC 5861)
	Labels       map[string]string `yaml:"labels"`         // for simcard_info of each card
	IMEIs        []string          `yaml:"imeis"`          // as the user listed them
	ICCIDs       []string          `yaml:"iccids"`         // as the user listed them
	Files        []string          `yaml:"files"`          // card files, or patterns of them, as the user listed them
	Columns      map[string]string `yaml:"columns"`        // by header in the files: imei, iccid, the name of a label, or "" to leave the column out

	// Cards are the group's cards in the order of the configuration: IMEIs,
	// ICCIDs, then those of the files. A card that is listed twice, in one
	// group or in two, is only where it is listed first, so a group may have
	// no cards.
	Cards []cards.Card `yaml:"-"`
}

// defaultGroup is a group without cards. Its max_age is below Prometheus's
// usual interval of a minute, so each scrape has new answers, and long enough
// for two servers' scrapes to share one set of requests.
func defaultGroup() Group {
	return Group{MaxAge: Duration(30 * time.Second), StaleIfError: Duration(time.Hour)}
}

// group is a group as it is read.
type group struct {
	Group
	line     int
	nameLine int  // 0 if the name is missing
	readable bool // no value of it has a wrong type
	mapping  columnMapping
	parts    []part
}

// entry is an identifier, or a single value of a list, as the user wrote it.
type entry struct {
	text  string
	place inventory.Place
}

// group reads one group and its cards.
func (d *decoder) group(n *yaml.Node) *group {
	g := &group{Group: defaultGroup(), line: n.Line, mapping: newColumnMapping()}
	misreads := d.misreads
	var imeis, iccids, files []entry
	filesLine := n.Line
	d.mapping(n, map[string]func(field){
		"name": func(f field) {
			g.nameLine = f.line
			d.text(f.value, &g.Name)
			g.Name = strings.TrimSpace(g.Name)
		},
		"live":           func(f field) { d.boolean(f.value, &g.Live) },
		"max_age":        func(f field) { d.age(f, &g.MaxAge) },
		"stale_if_error": func(f field) { d.age(f, &g.StaleIfError) },
		"labels":         func(f field) { g.Labels = d.labels(f.value) },
		"imeis":          func(f field) { imeis, g.IMEIs = d.entries(f.value) },
		"iccids":         func(f field) { iccids, g.ICCIDs = d.entries(f.value) },
		"files": func(f field) {
			filesLine = f.line
			files, g.Files = d.entries(f.value)
		},
		"columns": func(f field) { g.Columns = d.columns(f.value, &g.mapping) },
	})
	g.readable = d.misreads == misreads
	switch {
	case len(g.IMEIs)+len(g.ICCIDs)+len(g.Files) > 0:
		d.listCards(g, imeis, iccids)
		d.readFiles(g, files)
		d.checkColumns(d.at(filesLine), g)
		if !slices.ContainsFunc(g.parts, func(p part) bool { return len(p.cards) > 0 }) {
			d.warn(d.at(g.line), "%s is left without cards: all of them are already listed above", g.displayName())
		}
	case g.readable:
		d.problem(d.at(g.line), "%s has no cards: list them under imeis, iccids or files", g.displayName())
	}
	return g
}

func (g *group) displayName() string {
	if g.Name == "" {
		return "a group"
	}
	return "group " + quote(g.Name)
}

func (d *decoder) age(f field, to *Duration) {
	if d.duration(f.value, to) && time.Duration(*to) > maxDuration {
		d.problem(d.at(f.line), "%s must be at most 1y", f.key)
	}
}

// entries reads a list of single values.
func (d *decoder) entries(n *yaml.Node) (entries []entry, texts []string) {
	d.list(n, func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode {
			d.misread(n, "an entry of this list must be a single value, not a list or a mapping")
			return
		}
		e := entry{place: d.at(n.Line)}
		if d.text(n, &e.text) {
			entries = append(entries, e)
			texts = append(texts, e.text)
		}
	})
	return entries, texts
}

// checkNames checks that each group has a name of its own.
func (d *decoder) checkNames(groups []*group) {
	lines := make(map[string]int)
	for _, g := range groups {
		at := d.at(max(g.line, g.nameLine))
		switch first, taken := lines[g.Name]; {
		case g.Name == "" && !g.readable: // the name may be among what could not be read
		case g.Name == "":
			d.problem(at, "a group needs a name")
		case len(g.Name) > maxGroupName:
			d.problem(at, "the group name %s is too long: %d bytes, and %d are allowed", quote(g.Name), len(g.Name), maxGroupName)
		case strings.ContainsFunc(g.Name, unprintable):
			d.problem(at, "the group name %s holds a character that does not print", quote(g.Name))
		case taken:
			d.problem(at, "the group name %s is already used at line %d", quote(g.Name), first)
		default:
			lines[g.Name] = at.Line
		}
	}
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
