package config

import (
	"cmp"
	"fmt"
	"io"
)

// WriteFindings writes what is left out, the warnings, and what became of the rows of each
// group, for people to read.
func (c *Config) WriteFindings(w io.Writer) {
	for _, row := range c.LeftOut {
		fmt.Fprintln(w, "left out:", row)
	}
	for _, warning := range c.Warnings {
		fmt.Fprintln(w, "warning:", warning)
	}
	for _, g := range c.Groups {
		if text := g.Rows.String(); text != "" {
			fmt.Fprintf(w, "group %q: %s\n", g.Name.V, text)
		}
	}
}

// InvalidRows returns how many rows of all card files are left out.
func (c *Config) InvalidRows() (invalid int) {
	for _, g := range c.Groups {
		invalid += g.Rows.Invalid
	}
	return invalid
}

// AnyCard returns the identifier of the first card, which is one in use if there is one.
func (c *Config) AnyCard() (identifier string) {
	for _, g := range c.Groups {
		for _, card := range g.Cards {
			id := cmp.Or(card.ICCID, card.IMEI)
			if !card.NotInUse {
				return id
			}
			identifier = cmp.Or(identifier, id)
		}
	}
	return identifier
}
