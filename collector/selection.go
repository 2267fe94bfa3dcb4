package collector

import (
	"fmt"
	"slices"
	"strings"
)

// UnknownGroupError is a group that the configuration does not have.
type UnknownGroupError struct {
	Name  string
	Known []string
}

func (e *UnknownGroupError) Error() string {
	return fmt.Sprintf("unknown group %q, there are: %s", e.Name, strings.Join(e.Known, ", "))
}

// Selection names the groups of a scrape. The zero value is all of them.
type Selection struct {
	Only   []string // if not empty, these groups
	Except []string // but not these
}

// pick returns the groups that s selects, in the order of the configuration.
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
			return nil, &UnknownGroupError{Name: name, Known: known}
		}
	}
	return picked, nil
}
