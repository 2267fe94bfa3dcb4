package collector

import (
	"fmt"
	"slices"
	"strings"
)

// Selection names the groups of a scrape. The zero value is all of them.
type Selection struct {
	Only   []string // if not empty, only these groups
	Except []string // without these, even if they are in Only
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
