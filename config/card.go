package config

import "strings"

// Card is one card, as it is asked for: by its ICCID if that is given, and then
// IMEI is the device that it is expected in.
type Card struct {
	IMEI  string // 15 digits, or "" if not given
	ICCID string // 19 or 20 letters and digits as the user wrote them, or "" if not given

	// Labels are the values of Config.LabelNames, in their order; "" where
	// the card has none. Cards of a group may share them.
	Labels []string
}

// mention is where a card was first named.
type mention struct {
	place
	group string
}

// source is where identifiers are listed: a group's lists in the YAML file, or
// a CSV file.
type source struct {
	*document
	group         string
	file          string
	imeis, iccids string // what they are listed under

	digitICCIDs int     // how many ICCIDs have no letter
	rounded     []Entry // those of them that a spreadsheet may have rounded
}

// listCards makes cards of the group's identifiers: IMEIs, ICCIDs, card files.
func (g *Group) listCards(d *document) {
	start := d.at(g.node.Line)
	if len(g.IMEIs)+len(g.ICCIDs)+len(g.Files) == 0 {
		if g.misread == nil {
			d.problem(start, "%s has no cards: list them under imeis, iccids or files", g.called())
		}
		return
	}
	shared := make([]string, len(d.cfg.LabelNames))
	for i, name := range d.cfg.LabelNames {
		shared[i] = g.Labels[name]
	}
	g.Cards = make([]Card, 0, len(g.IMEIs)+len(g.ICCIDs))
	s := source{document: d, group: g.Name, file: d.file, imeis: "imeis", iccids: "iccids"}
	for _, imei := range g.IMEIs {
		if s.validIMEI(imei) && s.firstMention(imei) {
			g.Cards = append(g.Cards, Card{IMEI: imei.Text, Labels: shared})
		}
	}
	for _, iccid := range g.ICCIDs {
		if s.validICCID(iccid) && s.firstMention(iccid) {
			g.Cards = append(g.Cards, Card{ICCID: iccid.Text, Labels: shared})
		}
	}
	s.judgeRounded()
	for _, t := range g.tables {
		t.listCards(g, shared, d)
	}
	if len(g.Cards) == 0 {
		d.warn(start, "%s is left without cards: all of them are listed before", g.called())
	}
}

func (s *source) at(id Entry) place { return place{s.file, id.line} }

func (s *source) validIMEI(id Entry) bool {
	if text := imeiProblem(id.Text, s.iccids); text != "" {
		s.problem(s.at(id), "%s: %s", s.imeis, text)
		return false
	}
	if digit := luhnDigit(id.Text); digit != id.Text[14] {
		s.warn(s.at(id), "IMEI %s is probably mistyped: by its check digit it should end in %c", id.Text, digit)
	}
	return true
}

func (s *source) validICCID(id Entry) bool {
	if text := iccidProblem(id.Text, s.imeis); text != "" {
		s.problem(s.at(id), "%s: %s", s.iccids, text)
		return false
	}
	if isDigits(id.Text) {
		s.digitICCIDs++
		if zerosBehind15(id.Text) {
			s.rounded = append(s.rounded, id)
		}
	}
	return true
}

// judgeRounded decides on the ICCIDs that end in zeros as a spreadsheet would
// leave them. One in 10,000 or fewer does so by itself; more than one in 100
// is the spreadsheet's work. In the YAML file they are warnings only, so that
// there is a place for a genuine one.
func (s *source) judgeRounded() {
	lost := s.file != s.document.file && len(s.rounded)*100 > s.digitICCIDs
	for _, id := range s.rounded {
		if lost {
			s.problem(s.at(id), "%s: %s ends in zeros from the 16th digit on, as a spreadsheet leaves a long number, and its last digits are lost: %s; "+
				"one that does end so can be listed under iccids in the configuration", s.iccids, id.Text, enterAnew)
		} else {
			s.warn(s.at(id), "ICCID %s ends in zeros from the 16th digit on, as if a spreadsheet had cut it off: see that it is right", id.Text)
		}
	}
}

// firstMention notes an identifier, or warns that it was there before. IMEIs
// and ICCIDs share one map: their lengths keep them apart.
func (s *source) firstMention(id Entry) bool {
	key := strings.ToUpper(id.Text)
	first, again := s.listed[key]
	if again {
		kind := "ICCID"
		if isIMEI(key) {
			kind = "IMEI"
		}
		s.warn(s.at(id), "%s %s is already listed at %s:%d in group %s; this mention is dropped",
			kind, id.Text, first.file, first.line, quote(first.group))
		return false
	}
	s.listed[key] = mention{s.at(id), s.group}
	return true
}

// oneCard warns if another card is expected in the device as well.
func (s *source) oneCard(imei Entry) {
	key := "device " + imei.Text
	if first, again := s.listed[key]; again {
		s.warn(s.at(imei), "another card is expected in the device %s as well, at %s:%d; only one of them can be there", imei.Text, first.file, first.line)
		return
	}
	s.listed[key] = mention{s.at(imei), s.group}
}
