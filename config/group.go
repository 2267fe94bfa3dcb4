package config

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"gopkg.in/yaml.v3"
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

	// Cards are the group's cards in the order of the configuration: IMEIs,
	// ICCIDs, then those of the files. A card that is listed a second time,
	// in this group or a later one, is left out there. So Cards can be empty.
	Cards []Card `yaml:"-"`
}

// defaultGroup is a group without cards. Its max_age is below Prometheus's
// usual interval of a minute, so each scrape has new answers, and long enough
// for two servers' scrapes to share one set of requests.
func defaultGroup() Group {
	return Group{MaxAge: Duration(30 * time.Second), StaleIfError: Duration(time.Hour)}
}

// groupSource is a group as the file has it. Its cards are made when the label
// names of all groups are known.
type groupSource struct {
	Group
	line     int
	nameLine int  // 0 if the name is missing
	readable bool // all of it

	imeis, iccids []entry
	cardFiles     []*cardFile
}

// entry is an entry of a list, as the user wrote it.
type entry struct {
	text string
	line int
}

// group reads one group.
func (d *decoder) group(n *yaml.Node) *groupSource {
	g := &groupSource{Group: defaultGroup(), line: n.Line}
	misreads := d.misreads
	var files []entry
	d.mapping(n, map[string]func(field){
		"name": func(f field) {
			g.nameLine = f.line
			d.text(f.value, &g.Name)
		},
		"live":           func(f field) { d.boolean(f.value, &g.Live) },
		"max_age":        func(f field) { d.age(f, &g.MaxAge) },
		"stale_if_error": func(f field) { d.age(f, &g.StaleIfError) },
		"labels":         func(f field) { g.Labels = d.labels(f.value) },
		"imeis":          func(f field) { g.imeis, g.IMEIs = d.entries(f.value) },
		"iccids":         func(f field) { g.iccids, g.ICCIDs = d.entries(f.value) },
		"files":          func(f field) { files, g.Files = d.entries(f.value) },
	})
	g.readable = d.misreads == misreads
	g.cardFiles = d.openFiles(files)
	return g
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
		e := entry{line: n.Line}
		if d.text(n, &e.text) {
			entries = append(entries, e)
			texts = append(texts, e.text)
		}
	})
	return entries, texts
}

// checkNames checks that each group has a name of its own.
func (d *decoder) checkNames(groups []*groupSource) {
	lines := make(map[string]int)
	for _, g := range groups {
		at := d.at(max(g.line, g.nameLine))
		switch first, taken := lines[g.Name]; {
		case g.Name == "" && !g.readable: // the name may be what could not be read
		case strings.TrimSpace(g.Name) == "":
			d.problem(at, "a group needs a name")
		case len(g.Name) > maxGroupName:
			d.problem(at, "the group name %s is too long: %d bytes, and %d are allowed", quote(g.Name), len(g.Name), maxGroupName)
		case strings.ContainsFunc(g.Name, unprintable):
			d.problem(at, "the group name %s holds a character that does not print", quote(g.Name))
		case taken:
			d.problem(at, "the group name %s is already used at line %d", quote(g.Name), first)
		default:
			lines[g.Name] = at.line
		}
	}
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// labelNames returns the names of all labels, sorted.
func labelNames(groups []*groupSource) []string {
	names := make(map[string]bool)
	for _, g := range groups {
		for name := range g.Labels {
			names[name] = true
		}
		for _, f := range g.cardFiles {
			for _, l := range f.labels {
				names[l.name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}
