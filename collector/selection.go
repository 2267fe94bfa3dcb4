package collector

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Selection names the groups of a scrape. The zero value is all of them.
type Selection struct {
	Only   []string // if not empty, only these groups
	Except []string // without these, even if they are in Only
}

// parseSelection returns the selection in the query of a scrape. A parameter that a scrape
// does not have is an error: whoever mistypes one would get everything.
func parseSelection(query string) (Selection, error) {
	v, err := url.ParseQuery(query)
	if err != nil {
		return Selection{}, fmt.Errorf("query: %w", err)
	}
	for name := range v {
		if !slices.Contains([]string{"group", "exclude_group", "name[]"}, name) {
			return Selection{}, fmt.Errorf("unknown parameter %q, there are: group, exclude_group, name[]", name)
		}
	}
	return Selection{Only: v["group"], Except: v["exclude_group"]}, nil
}

// pick returns the groups that s selects, in the order of the configuration. The
// error names an unknown group.
func (f *fleet) pick(s Selection) ([]*group, error) {
	var picked []*group
	known := make([]string, len(f.groups))
	for i, g := range f.groups {
		known[i] = g.Name
		if (len(s.Only) == 0 || slices.Contains(s.Only, g.Name)) && !slices.Contains(s.Except, g.Name) {
			picked = append(picked, g)
		}
	}
	for _, name := range slices.Concat(s.Only, s.Except) {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown group %q, there are: %s", name, strings.Join(known, ", "))
		}
	}
	return picked, nil
}
