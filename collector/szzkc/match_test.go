package szzkc

import (
	"slices"
	"testing"
)

func TestMatch(t *testing.T) {
	const (
		imei, other     = "352019040635785", "352019040625281"
		iccid, twin     = "898604231919C0083314", "89860423191970454839"
		foreign, noItem = "490154203237518", "decode: no item of the answer is of a card that was asked for"
	)
	item := InvalidField{Field: "item"}
	for name, test := range map[string]struct {
		asked      []string
		answer     Answer
		iccids     []string // of the cards found; "" if not found
		unexpected int
		err        string
	}{
		"no data":      {asked: []string{imei, other}, iccids: []string{"", ""}},
		"one unknown":  {asked: []string{imei, other}, answer: Answer{Cards: []Card{{IMEI: imei, ICCID: iccid}}}, iccids: []string{iccid, ""}},
		"another case": {asked: []string{iccid}, answer: Answer{Cards: []Card{{IMEI: imei, ICCID: "898604231919c0083314"}}}, iccids: []string{"898604231919c0083314"}},
		"two SIMs": {asked: []string{imei}, answer: Answer{Cards: []Card{{IMEI: imei, ICCID: iccid}, {IMEI: imei, ICCID: twin}}},
			iccids: []string{twin}, unexpected: 1},
		"two SIMs, the other way": {asked: []string{imei}, answer: Answer{Cards: []Card{{IMEI: imei, ICCID: twin}, {IMEI: imei, ICCID: iccid}}},
			iccids: []string{twin}, unexpected: 1},
		"a foreign one beside": {asked: []string{imei}, answer: Answer{Cards: []Card{{IMEI: foreign, ICCID: twin}, {IMEI: imei, ICCID: iccid}}},
			iccids: []string{iccid}, unexpected: 1},
		"foreign only":    {asked: []string{imei}, answer: Answer{Cards: []Card{{IMEI: foreign, ICCID: twin}}}, unexpected: 1, err: noItem},
		"one unreadable":  {asked: []string{imei, other}, answer: Answer{Cards: []Card{{IMEI: imei, ICCID: iccid}}, Invalid: []InvalidField{item}}, iccids: []string{iccid, ""}, err: ErrIncomplete.Error() + ": 1 of 2 cards"},
		"all unreadable":  {asked: []string{imei, other}, answer: Answer{Invalid: []InvalidField{item, item}}, err: noItem},
		"IMEI unreadable": {asked: []string{imei}, answer: Answer{Cards: []Card{{ICCID: iccid}}}, err: noItem},
		"one IMEI unreadable": {asked: []string{imei, other}, answer: Answer{Cards: []Card{{IMEI: imei, ICCID: iccid}, {ICCID: twin}}}, iccids: []string{iccid, ""},
			err: ErrIncomplete.Error() + ": 1 of 2 cards"},
		"ICCID unreadable, by IMEI":   {asked: []string{imei}, answer: Answer{Cards: []Card{{IMEI: imei}}, Invalid: []InvalidField{{Field: "iccid"}}}, iccids: []string{""}},
		"an unreadable item too many": {asked: []string{imei}, answer: Answer{Cards: []Card{{IMEI: imei, ICCID: iccid}}, Invalid: []InvalidField{item}}, iccids: []string{iccid}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := test.answer.Match(test.asked)
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
			if !slices.Equal(iccids, test.iccids) || text != test.err || m.Unexpected != test.unexpected {
				t.Errorf("got %q, %d unexpected, error %q", iccids, m.Unexpected, text)
			}
		})
	}
}
