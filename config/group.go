package config

import (
	"errors"
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

// Group is a set of cards that are asked for alike.
type Group struct {
	Name         string            `yaml:"name"`
	Live         bool              `yaml:"live"`           // the platform asks the operator there and then, which is slow
	MaxAge       Duration          `yaml:"max_age"`        // an answer younger than this is reused; 0 asks at every scrape
	StaleIfError Duration          `yaml:"stale_if_error"` // while no newer answer came, one is served for so long beyond max_age (RFC 5861)
	Labels       map[string]string `yaml:"labels"`         // for simcard_info of each card
	IMEIs        []Entry           `yaml:"imeis"`          // as the user listed them
	ICCIDs       []Entry           `yaml:"iccids"`         // as the user listed them
	Files        []Entry           `yaml:"files"`          // CSV files, or patterns of them, as the user listed them

	// Cards are the group's cards in the order of the configuration: IMEIs,
	// ICCIDs, then those of the files. Left out are those that were listed
	// before, in this group or an earlier one. It can be empty: then all of
	// them were.
	Cards []Card `yaml:"-"`

	// Of the decoding, for the checks.
	node    node
	misread error
	tables  []*table
}

// defaultGroup is a group without cards. Its max_age is below Prometheus' usual
// interval of a minute, so each scrape has new answers, and long enough for two
// servers' scrapes to share one set of requests.
func defaultGroup() Group {
	return Group{MaxAge: Duration(30 * time.Second), StaleIfError: Duration(time.Hour)}
}

// UnmarshalYAML decodes strictly. It never fails: the decoder would drop the
// whole group, and the checks would not see its other mistakes.
func (g *Group) UnmarshalYAML(unmarshal func(any) error) error {
	type group Group // without this method
	*g = defaultGroup()
	if err := unmarshal(&g.node); err != nil {
		return err
	}
	err := unmarshal((*group)(g))
	var several *yaml.TypeError
	switch {
	case errors.As(err, &several): // whose slice the decoder is going to write over
		g.misread = &yaml.TypeError{Errors: slices.Clone(several.Errors)}
	case err != nil:
		g.misread = wrong(g.node.Node, "in this group: %s", harmless(err))
	}
	return nil
}

// checkGroups checks all groups and fills in their Cards, and the Config's
// LabelNames before that. It speaks of what is missing only where all was read:
// it may be missing because it was not.
func checkGroups(cfg *Config, d *document) {
	if len(cfg.Groups) == 0 && len(d.unread) == 0 {
		line, _ := find(d.root.Node, "groups")
		d.problem(d.at(line), "at least one group is needed, under groups")
	}
	names := make(map[string]int)
	labels := make(map[string]struct{})
	for i := range cfg.Groups {
		g := &cfg.Groups[i]
		g.checkName(names, d)
		g.checkAges(d)
		g.checkLabels(d)
		g.openFiles(d)
		for name := range g.Labels {
			labels[name] = struct{}{}
		}
		for _, t := range g.tables {
			for _, l := range t.labels {
				labels[l.name] = struct{}{}
			}
		}
	}
	cfg.LabelNames = slices.Sorted(maps.Keys(labels))
	for i := range cfg.Groups {
		g := &cfg.Groups[i]
		g.listCards(d)
		g.node, g.misread, g.tables = node{}, nil, nil
	}
}

func (g *Group) checkName(names map[string]int, d *document) {
	line, _ := find(g.node.Node, "name")
	at := d.at(line)
	switch first, taken := names[g.Name]; {
	case g.Name == "" && g.misread != nil:
	case strings.TrimSpace(g.Name) == "":
		d.problem(at, "a group needs a name")
	case len(g.Name) > maxGroupName:
		d.problem(at, "the group name %s is too long: %d bytes, and %d are allowed", quote(g.Name), len(g.Name), maxGroupName)
	case strings.ContainsFunc(g.Name, unprintable):
		d.problem(at, "the group name %s holds a character that does not print", quote(g.Name))
	case taken:
		d.problem(at, "the group name %s is already used at line %d", quote(g.Name), first)
	default:
		names[g.Name] = line
	}
}

func (g *Group) checkAges(d *document) {
	check := func(key string, age Duration) {
		if time.Duration(age) > maxDuration {
			line, _ := find(g.node.Node, key)
			d.problem(d.at(line), "%s must be at most 1y", key)
		}
	}
	check("max_age", g.MaxAge)
	check("stale_if_error", g.StaleIfError)
}

// called names the group in a message.
func (g *Group) called() string {
	if g.Name == "" {
		return "a group"
	}
	return "group " + quote(g.Name)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
