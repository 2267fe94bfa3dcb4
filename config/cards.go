package config

import "strings"

// Card is one card. It is queried by its ICCID if that is given, and then IMEI
// is the device that it is expected in.
type Card struct {
	IMEI  string // 15 digits, or "" if not given
	ICCID string // 19 or 20 letters and digits as the user wrote them, or "" if not given

	// Labels are the values of Config.LabelNames, in their order; "" where
	// the card has none. Cards of a group may share them.
	Labels []string
}

// lister makes cards of what the groups list.
type lister struct {
	*decoder
	labelNames []string
	cards      map[string]mention // by IMEI or ICCID in capitals, whose lengths keep them apart
	devices    map[string]mention // by IMEI: where a card is expected in it
}

// mention is where an identifier was first listed.
type mention struct {
	place
	group string
}

// list is where identifiers are listed: a group's lists in the configuration
// file, or a card file.
type list struct {
	*lister
	group         string
	in            string // the file
	isCardFile    bool
	imeis, iccids string // what they are listed under

	digitICCIDs int     // how many ICCIDs have no letter
	rounded     []entry // those of them that a spreadsheet may have rounded
}

// listCards makes the groups' cards.
func (d *decoder) listCards(sources []*groupSource, labelNames []string) []Group {
	l := &lister{d, labelNames, make(map[string]mention), make(map[string]mention)}
	groups := make([]Group, len(sources))
	for i, s := range sources {
		groups[i] = s.Group
		groups[i].Cards = l.cardsOf(s)
	}
	return groups
}

func (l *lister) cardsOf(g *groupSource) []Card {
	name := "a group"
	if g.Name != "" {
		name = "group " + quote(g.Name)
	}
	if len(g.IMEIs)+len(g.ICCIDs)+len(g.Files) == 0 {
		if g.readable {
			l.problem(l.at(g.line), "%s has no cards: list them under imeis, iccids or files", name)
		}
		return nil
	}
	shared := make([]string, len(l.labelNames))
	for i, name := range l.labelNames {
		shared[i] = g.Labels[name]
	}
	cards := make([]Card, 0, len(g.imeis)+len(g.iccids))
	own := &list{lister: l, group: g.Name, in: l.file, imeis: "imeis", iccids: "iccids"}
	for _, imei := range g.imeis {
		if own.checkIMEI(imei) && own.markListed(imei) {
			cards = append(cards, Card{IMEI: imei.text, Labels: shared})
		}
	}
	for _, iccid := range g.iccids {
		if own.checkICCID(iccid) && own.markListed(iccid) {
			cards = append(cards, Card{ICCID: iccid.text, Labels: shared})
		}
	}
	own.checkRounded()
	for _, f := range g.cardFiles {
		rows := &list{lister: l, group: g.Name, in: f.name, isCardFile: true, imeis: "imei", iccids: "iccid"}
		cards = append(cards, rows.cardsOf(f, shared)...)
	}
	if len(cards) == 0 {
		l.warn(l.at(g.line), "%s is left without cards: all of them are listed before", name)
	}
	return cards
}

func (l *list) at(id entry) place { return place{l.in, id.line} }

// checkIMEI reports an IMEI that is none and returns false.
func (l *list) checkIMEI(id entry) bool {
	if text := imeiProblem(id.text, l.iccids); text != "" {
		l.problem(l.at(id), "%s: %s", l.imeis, text)
		return false
	}
	if digit := luhnDigit(id.text); digit != id.text[14] {
		l.warn(l.at(id), "IMEI %s is probably mistyped: by its check digit it should end in %c", id.text, digit)
	}
	return true
}

// checkICCID reports an ICCID that is none and returns false.
func (l *list) checkICCID(id entry) bool {
	if text := iccidProblem(id.text, l.imeis); text != "" {
		l.problem(l.at(id), "%s: %s", l.iccids, text)
		return false
	}
	if isDigits(id.text) {
		l.digitICCIDs++
		if zerosBehind15(id.text) {
			l.rounded = append(l.rounded, id)
		}
	}
	return true
}

// checkRounded decides on the ICCIDs that end in zeros as a spreadsheet would
// leave them. One in 10,000 or fewer does so by itself; more than one in 100
// is the spreadsheet's work. In the configuration file they are warnings only,
// so that there is a place for a genuine one.
func (l *list) checkRounded() {
	lost := l.isCardFile && len(l.rounded)*100 > l.digitICCIDs
	for _, id := range l.rounded {
		if lost {
			l.problem(l.at(id), "%s: %s ends in zeros from the 16th digit on, as a spreadsheet leaves a long number, and its last digits are lost: %s; "+
				"one that does end so can be listed under iccids in the configuration", l.iccids, id.text, enterAnew)
		} else {
			l.warn(l.at(id), "ICCID %s ends in zeros from the 16th digit on, as if a spreadsheet had cut it off: see that it is right", id.text)
		}
	}
}

// markListed notes an identifier. If it was there before it warns and returns
// false.
func (l *list) markListed(id entry) bool {
	key := strings.ToUpper(id.text)
	first, again := l.cards[key]
	if again {
		kind := "ICCID"
		if isIMEI(key) {
			kind = "IMEI"
		}
		l.warn(l.at(id), "%s %s is already listed at %s:%d in group %s; this mention is dropped",
			kind, id.text, first.file, first.line, quote(first.group))
		return false
	}
	l.cards[key] = mention{l.at(id), l.group}
	return true
}

// warnSharedDevice warns if another card is expected in the device as well.
func (l *list) warnSharedDevice(imei entry) {
	if first, again := l.devices[imei.text]; again {
		l.warn(l.at(imei), "another card is expected in the device %s as well, at %s:%d; only one of them can be there", imei.text, first.file, first.line)
		return
	}
	l.devices[imei.text] = mention{l.at(imei), l.group}
}
