package config

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// maxGroupName is the length of a group's name in bytes. It becomes a label of
// every one of the group's series.
const maxGroupName = 100

// Group is a set of cards that are asked for alike.
type Group struct {
	Name   string            `yaml:"name"`
	Live   bool              `yaml:"live"`   // the platform asks the operator there and then, which is slow
	Labels map[string]string `yaml:"labels"` // for simcard_info of each card
	IMEIs  []Identifier      `yaml:"imeis"`  // as the user listed them
	ICCIDs []Identifier      `yaml:"iccids"` // as the user listed them

	// Cards are the group's cards in the order of the configuration, IMEIs
	// first, without those that were listed before, in this group or an
	// earlier one. It can be empty: then all of them were.
	Cards []Card `yaml:"-"`

	// Of the decoding, for the checks.
	node    node
	misread error
}

// UnmarshalYAML decodes strictly. It never fails: the decoder would drop the
// whole group, and the checks would not see its other mistakes.
func (g *Group) UnmarshalYAML(unmarshal func(any) error) error {
	type group Group // without this method
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

// Card is one card, as it is asked for.
type Card struct {
	IMEI  string // 15 digits, or "" if the card is known by its ICCID
	ICCID string // 19 or 20 letters and digits as the user wrote them, or ""
}

// mention is where a card was first named.
type mention struct {
	place
	group string
}

// checkGroups checks all groups and fills in their Cards. It speaks of what is
// missing only where all was read: it may be missing because it was not.
func checkGroups(groups []Group, d *document) {
	if len(groups) == 0 && len(d.unread) == 0 {
		line, _ := find(d.root.Node, "groups")
		d.problem(d.at(line), "at least one group is needed, under groups")
	}
	names := make(map[string]int)
	listed := make(map[string]mention)
	for i := range groups {
		g := &groups[i]
		g.checkName(names, d)
		g.checkLabels(d)
		g.checkCards(listed, d)
		g.node, g.misread = node{}, nil
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

// called names the group in a message.
func (g *Group) called() string {
	if g.Name == "" {
		return "a group"
	}
	return "group " + quote(g.Name)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// checkCards checks the identifiers and makes cards of those that are new.
// listed holds the cards of the groups before, and receives this group's.
func (g *Group) checkCards(listed map[string]mention, d *document) {
	start := d.at(g.node.Line)
	if len(g.IMEIs)+len(g.ICCIDs) == 0 {
		if g.misread == nil {
			d.problem(start, "%s has no cards: list them under imeis or iccids", g.called())
		}
		return
	}
	g.Cards = make([]Card, 0, len(g.IMEIs)+len(g.ICCIDs))
	for _, id := range g.IMEIs {
		at := d.at(id.line)
		if text := imeiProblem(id.Text); text != "" {
			d.problem(at, "imeis: %s", text)
		} else if g.firstMention(id, at, "IMEI", listed, d) {
			if digit := luhnDigit(id.Text); digit != id.Text[14] {
				d.warn(at, "IMEI %s is probably mistyped: by its check digit it should end in %c", id.Text, digit)
			}
			g.Cards = append(g.Cards, Card{IMEI: id.Text})
		}
	}
	for _, id := range g.ICCIDs {
		at := d.at(id.line)
		if text := iccidProblem(id.Text); text != "" {
			d.problem(at, "iccids: %s", text)
		} else if g.firstMention(id, at, "ICCID", listed, d) {
			g.Cards = append(g.Cards, Card{ICCID: id.Text})
		}
	}
	if len(g.Cards) == 0 {
		d.warn(start, "%s is left without cards: all of them are listed before", g.called())
	}
}

// firstMention notes an identifier, or warns that it was there before. IMEIs
// and ICCIDs share one map: their lengths keep them apart.
func (g *Group) firstMention(id Identifier, at place, kind string, listed map[string]mention, d *document) bool {
	key := strings.ToUpper(id.Text)
	first, again := listed[key]
	if again {
		d.warn(at, "%s %s is already listed at %s:%d in group %s; this mention is dropped",
			kind, id.Text, first.file, first.line, quote(first.group))
		return false
	}
	listed[key] = mention{at, g.Name}
	return true
}
