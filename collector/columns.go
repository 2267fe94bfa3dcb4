package collector

import (
	"slices"

	"simcard_exporter/collector/pages"
	"simcard_exporter/config/cards"
)

// column is something that is known of cards beside their identifiers.
type column struct {
	cards.Column
	label int // its place among the labels; -1 if it is none
}

func newColumns(s Settings) (columns []column) {
	named := s.Columns
	if named == nil {
		for _, name := range s.LabelNames {
			named = append(named, cards.Column{Name: name})
		}
	}
	for _, c := range named {
		columns = append(columns, column{c, slices.Index(s.LabelNames, c.Name)})
	}
	return columns
}

// pageColumns returns the columns as pages know them.
func (f *fleet) pageColumns() (columns []pages.Column) {
	for _, c := range f.columns {
		columns = append(columns, pages.Column{Name: c.Name, Header: c.Header})
	}
	return columns
}

// valueOf returns what is known of c, and whether it is a label: in one group, columns can
// make a label of what is a contact in another.
func (column column) valueOf(c *card) (value string, isLabel bool) {
	if column.label >= 0 && c.labels[column.label] != "" {
		return c.labels[column.label], true
	}
	contact := c.contact()
	if contact == nil {
		return "", false
	}
	switch column.Name {
	case "contact":
		return contact.Person, false
	case "phone":
		return contact.Phone, false
	case "address":
		return contact.Address, false
	}
	return "", false
}

// contact returns whom to call about c, nil if that is unknown.
func (c *card) contact() *cards.Contact {
	contacts := c.batch.group.fleet.contacts
	if c.position >= len(contacts) {
		return nil
	}
	return contacts[c.position]
}
