package collector

import (
	"slices"
	"testing"
	"time"

	"simcard_exporter/collector/szzkc"
)

func TestQuarantineDoubles(t *testing.T) {
	now := time.Now()
	for maxAge, want := range map[time.Duration][]int{
		30 * time.Second: {1, 2, 4, 8, 16, 32, 60, 60},
		3 * time.Hour:    {1, 2, 4, 8, 16, 32, 64, 128, 180, 180},
	} {
		var r record
		var minutes []int
		for range want {
			r.quarantine(maxAge)
			minutes = append(minutes, int(r.trouble.Load().until.Sub(now).Round(time.Minute).Minutes()))
		}
		if !slices.Equal(minutes, want) {
			t.Errorf("max_age %v: %v minutes, want %v", maxAge, minutes, want)
		}
	}
	var r record
	for range 100 { // does not overflow
		r.quarantine(365 * 24 * time.Hour)
	}
	if until := r.trouble.Load().until; !until.After(now) {
		t.Errorf("until %v", until)
	}
}

func TestMisreadThreeTimes(t *testing.T) {
	var r record
	now := time.Now()
	for i, want := range []bool{false, false, true} {
		if got := r.misread(time.Minute); got != want || r.quarantined() != want {
			t.Errorf("item %d: quarantined %t, want %t", i, got, want)
		}
	}
	if !r.put(&answer{asked: now}) || r.quarantined() {
		t.Error("an answer did not end the quarantine")
	}
	r.misread(time.Minute)
	r.put(&answer{asked: now})
	r.misread(time.Minute)
	if r.misread(time.Minute) {
		t.Error("two in a row were enough")
	}
}

// An answer that was asked for earlier never replaces one asked for later.
func TestPutKeepsTheYoungerRequest(t *testing.T) {
	var r record
	now := time.Now()
	later := &answer{asked: now, at: now.Add(time.Second)}
	r.put(later)
	r.put(&answer{asked: now.Add(-time.Minute), at: now.Add(time.Hour)})
	if r.answer.Load() != later {
		t.Error("a slow request replaced the answer to a younger one")
	}
}

// The monotonic clock stands still while a machine is suspended, so ages must
// not be measured with it.
func TestWallClock(t *testing.T) {
	if now := wallClock(); now != now.Round(0) {
		t.Errorf("%v has a monotonic reading", now)
	}
}

func TestRead(t *testing.T) {
	imei, iccid, other := "352019040635785", "898604231919C0083314", "89860423191970454839"
	asked := []*card{{id: imei}, {id: "352019040625281"}}
	byICC := []*card{{id: iccid}}
	item := szzkc.InvalidField{Field: "item"}
	for name, test := range map[string]struct {
		kind   kind
		cards  []*card
		answer szzkc.Answer
		iccids []string // of the cards found, in the order asked for; "" if not found
		check  string
	}{
		"no data":       {byIMEI, asked, szzkc.Answer{}, []string{"", ""}, ""},
		"one unknown":   {byIMEI, asked, szzkc.Answer{Cards: []szzkc.Card{{IMEI: imei, ICCID: iccid}}}, []string{iccid, ""}, ""},
		"case":          {byICCID, byICC, szzkc.Answer{Cards: []szzkc.Card{{ICCID: "898604231919c0083314"}}}, []string{"898604231919c0083314"}, ""},
		"two SIMs":      {byIMEI, asked[:1], szzkc.Answer{Cards: []szzkc.Card{{IMEI: imei, ICCID: iccid}, {IMEI: imei, ICCID: other}}}, []string{other}, ""},
		"the other way": {byIMEI, asked[:1], szzkc.Answer{Cards: []szzkc.Card{{IMEI: imei, ICCID: other}, {IMEI: imei, ICCID: iccid}}}, []string{other}, ""},
		"foreign only": {byIMEI, asked, szzkc.Answer{Cards: []szzkc.Card{{IMEI: "490154203237518"}}}, []string{"", ""},
			"decode: no item of the answer is of a card that was asked for"},
		"an item unreadable": {byIMEI, asked, szzkc.Answer{Cards: []szzkc.Card{{IMEI: imei, ICCID: iccid}}, Invalid: []szzkc.InvalidField{item}}, []string{iccid, ""},
			"items of the answer could not be read: 1 of 2 cards"},
		"all unreadable": {byIMEI, asked, szzkc.Answer{Invalid: []szzkc.InvalidField{item, item}}, []string{"", ""},
			"decode: no item of the answer is of a card that was asked for"},
		"IMEI unreadable": {byIMEI, asked[:1], szzkc.Answer{Cards: []szzkc.Card{{ICCID: iccid}}, Invalid: []szzkc.InvalidField{{Field: "imei"}}}, []string{""},
			"decode: no item of the answer is of a card that was asked for"},
		"ICCID unreadable, by IMEI": {byIMEI, asked[:1], szzkc.Answer{Cards: []szzkc.Card{{IMEI: imei}}, Invalid: []szzkc.InvalidField{{Field: "iccid"}}}, []string{""}, ""},
		"an unreadable item too many": {byIMEI, asked[:1], szzkc.Answer{Cards: []szzkc.Card{{IMEI: imei, ICCID: iccid}}, Invalid: []szzkc.InvalidField{item}},
			[]string{iccid}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(test.kind, test.cards, test.answer)
			var iccids []string
			for _, c := range test.cards {
				id := ""
				if r.found[c] != nil {
					id = r.found[c].ICCID
				}
				iccids = append(iccids, id)
			}
			text := ""
			if err := r.check(test.cards); err != nil {
				text = err.Error()
			}
			if !slices.Equal(iccids, test.iccids) || text != test.check {
				t.Errorf("found %q, error %q", iccids, text)
			}
		})
	}
}
