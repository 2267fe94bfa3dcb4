package platform

import (
	"maps"
	"slices"
	"testing"
)

type matchTest struct {
	requested  []string
	answer     Answer
	iccids     []string // of Match.Cards; "" for nil
	ambiguous  bool
	unexpected int
	err        string
}

func matchTests() map[string]matchTest {
	const (
		imei, other       = "352019040635785", "352019040625281"
		iccid, lowerICCID = "898604231919C0083314", "89860423191970454839"
		foreign           = "490154203237518"

		noItem     = "decode: no item of the answer is of a card that was asked for"
		incomplete = "items of the answer could not be read: 1 of 2 cards"
	)
	item := InvalidField{Field: "item"}
	card := Card{IMEI: imei, ICCID: iccid}
	secondSIM := Card{IMEI: imei, ICCID: lowerICCID}
	foreignCard := Card{IMEI: foreign, ICCID: lowerICCID}
	return map[string]matchTest{
		"no data":                 {requested: []string{imei, other}, iccids: []string{"", ""}},
		"one unknown":             {requested: []string{imei, other}, answer: Answer{Cards: []Card{card}}, iccids: []string{iccid, ""}},
		"another case":            {requested: []string{iccid}, answer: Answer{Cards: []Card{{IMEI: imei, ICCID: "898604231919c0083314"}}}, iccids: []string{"898604231919c0083314"}},
		"two SIMs":                {requested: []string{imei}, answer: Answer{Cards: []Card{card, secondSIM}}, iccids: []string{lowerICCID}, unexpected: 1},
		"two SIMs, the other way": {requested: []string{imei}, answer: Answer{Cards: []Card{secondSIM, card}}, iccids: []string{lowerICCID}, unexpected: 1},
		"a foreign one beside":    {requested: []string{imei}, answer: Answer{Cards: []Card{foreignCard, card}}, iccids: []string{iccid}, unexpected: 1},
		"foreign only":            {requested: []string{imei}, answer: Answer{Cards: []Card{foreignCard}}, unexpected: 1, err: noItem},
		"one unreadable": {
			requested: []string{imei, other}, answer: Answer{Cards: []Card{card}, Invalid: []InvalidField{item}},
			iccids: []string{iccid, ""}, ambiguous: true, err: incomplete,
		},
		"all unreadable":  {requested: []string{imei, other}, answer: Answer{Invalid: []InvalidField{item, item}}, err: noItem},
		"IMEI unreadable": {requested: []string{imei}, answer: Answer{Cards: []Card{{ICCID: iccid}}}, err: noItem},
		"one IMEI unreadable": {
			requested: []string{imei, other}, answer: Answer{Cards: []Card{card, {ICCID: lowerICCID}}},
			iccids: []string{iccid, ""}, ambiguous: true, err: incomplete,
		},
		"ICCID unreadable, by IMEI": {
			requested: []string{imei}, answer: Answer{Cards: []Card{{IMEI: imei}}, Invalid: []InvalidField{{Field: "iccid"}}},
			iccids: []string{""},
		},
		"an unreadable item too many": {
			requested: []string{imei}, answer: Answer{Cards: []Card{card}, Invalid: []InvalidField{item}},
			iccids: []string{iccid}, ambiguous: true,
		},
	}
}

func TestMatch(t *testing.T) {
	for name, test := range matchTests() {
		t.Run(name, func(t *testing.T) {
			m, err := test.answer.Match(test.requested)
			var iccids []string
			for _, c := range m.Cards {
				if c == nil {
					c = new(Card)
				}
				iccids = append(iccids, c.ICCID)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if !slices.Equal(iccids, test.iccids) || text != test.err {
				t.Errorf("got %q, error %q, want %q, error %q", iccids, text, test.iccids, test.err)
			}
			if m.Ambiguous != test.ambiguous || m.Unexpected != test.unexpected {
				t.Errorf("ambiguous %v, %d unexpected, want %v, %d", m.Ambiguous, m.Unexpected, test.ambiguous, test.unexpected)
			}
		})
	}
}

// TestMatchInvalid: what is invalid comes with the card that it is of, whatever items
// were left out before it.
func TestMatchInvalid(t *testing.T) {
	answer := Answer{
		Cards: []Card{{IMEI: "352019040625281", ICCID: "89860423191970454000"}, {IMEI: "352019040635785", ICCID: "89860423191970454839"}},
		Invalid: []InvalidField{
			{Item: 0, Field: "item"},
			{Item: 1, Field: "status"},
			{Item: 1, Field: "balance", Text: "--"},
		},
	}
	m, err := answer.Match([]string{"352019040635785", "352019040625281"})
	if err != nil {
		t.Fatal(err)
	}
	if m.Invalid[0] != nil {
		t.Errorf("the whole card has %+v", m.Invalid[0])
	}
	sent := make(map[string]string)
	for _, field := range m.Invalid[1] {
		sent[field.Field] = field.Text
	}
	want := map[string]string{"status": "", "balance": "--"}
	if !maps.Equal(sent, want) {
		t.Errorf("the other has %v, want %v", sent, want)
	}
}
