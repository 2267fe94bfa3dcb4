package config

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"simcard_exporter/config/cards"
)

// TestPlaces: a card's place is that of its identifier, where it is listed first.
func TestPlaces(t *testing.T) {
	workbook, err := os.ReadFile("testdata/libreoffice/terminals.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := Parse("simcard.yml", []byte(`groups:
  - name: first
    imeis:
      - 352019040635785
    iccids: [89860423191970454111]
    files: [cards.csv, blank.csv]
  - name: second
    files: [terminals.xlsx]
`+pastedColumns), fstest.MapFS{
		"cards.csv":      {Data: []byte("imei,iccid\n352019040635785,\n352019040600060,\n352019040600078,89860423191970454222\n")},
		"blank.csv":      {Data: []byte("imei\n" + strings.Repeat("\n", 1<<24) + "352019040600086\n")},
		"terminals.xlsx": {Data: workbook},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range cfg.Groups {
		for _, c := range g.Cards {
			got = append(got, cfg.Places.Text(c.Place))
		}
	}
	want := []string{
		"simcard.yml:4", "simcard.yml:5", "cards.csv:3", "cards.csv:4", "blank.csv",
		"terminals.xlsx[台账]!B4", "terminals.xlsx[台账]!B5", "terminals.xlsx[台账]!B7", "terminals.xlsx[台账]!B8",
	}
	if !slices.Equal(got, want) {
		t.Errorf("places\n%q, want\n%q", got, want)
	}
	for _, none := range []cards.Place{0, 1 << 60} {
		if text := cfg.Places.Text(none); text != "" {
			t.Errorf("place %d: %q", none, text)
		}
	}
}
