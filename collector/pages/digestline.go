package pages

import (
	"cmp"
	"strings"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// Limits of what a report says of a card, in characters.
const (
	maxShop    = 30
	maxCity    = 15
	maxContact = 40
)

// line says where a card is, what is wrong with it, which it is, and whom to call.
func (d *report) line(c *Card) string {
	mark := map[problem.State]string{problem.OutOfService: "🔴 ", problem.Attention: "🟡 "}[c.State]
	if mark == "" {
		mark = "⚪ "
	}
	said := d.facts(c)
	number := d.number(c)
	place := cut(cmp.Or(c.Value("shop"), c.Value("merchant"), c.Value("customer")), maxShop)
	switch city := cut(c.Value("city"), maxCity); {
	case place == "":
		place = city
	case city != "" && !strings.Contains(place, city): // as in 朝阳店（北京）, but not in 北京朝阳店
		place = d.T("digest place", place, city)
	}
	if place == "" {
		place = number
	} else {
		said = append(said, number)
	}
	whom := strings.TrimSpace(cut(c.Value("contact"), maxContact) + " " + cut(c.Value("phone"), maxContact))
	if whom != "" {
		said = append(said, whom)
	}
	return mark + place + d.T("colon") + strings.Join(said, d.T("digest comma"))
}

// numberEnd is how many characters of a number tell a card from the others.
const numberEnd = 6

// number returns the end of the card's ICCID or, if that is unknown, of its IMEI.
func (d *report) number(c *Card) string {
	kind, id := "ICCID", c.ID
	if c.ByIMEI {
		kind = "IMEI"
		if c.Answer.known() && c.Answer.ICCID != "" {
			kind, id = "ICCID", c.Answer.ICCID
		}
	}
	return kind + " …" + end(id)
}

func end(id string) string { return id[max(0, len(id)-numberEnd):] }

// facts says what is wrong with a card.
func (d *report) facts(c *Card) (facts []string) {
	for of := range c.Problems.All() {
		facts = append(facts, d.fact(of, c.Answer))
	}
	switch {
	case facts != nil:
	case c.Answer == nil:
		facts = []string{d.T("digest never answered")}
	default:
		facts = []string{d.T("digest last answer", d.minute(c.Answer.At))}
	}
	return facts
}

// fact says what there is to say about one problem of a card.
func (d *report) fact(of problem.Problem, a *Answer) string {
	caption := d.Caption(of)
	if of == problem.Suspended && !a.Since.IsZero() {
		return d.T("digest since", caption, date(a.Since))
	}
	if !a.known() {
		return caption
	}
	switch fact := of.Fact(a.Card).(type) {
	case platform.Instant:
		if fact.Time().After(d.now) {
			return d.T("h expires", date(fact.Time()))
		}
		return d.T("digest expired", caption, date(fact.Time()))
	case problem.Bytes:
		if fact > 0 {
			return d.T("v left", amount(fact))
		}
	case string:
		return d.T("digest device", caption, end(fact))
	}
	return caption
}
