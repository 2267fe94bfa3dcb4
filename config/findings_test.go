package config

import (
	"fmt"
	"testing"
	"testing/fstest"
)

// TestAnyCard: the first card that is in use stands for all, or else the first.
func TestAnyCard(t *testing.T) {
	for use, want := range map[string]string{"在用": "352019041648936", "库存": "352019040635785"} {
		table := "imei,状态\n352019040635785,库存\n352019041648936," + use + "\n"
		cfg, err := Parse("simcard.yml", []byte("groups: [{name: none, files: [empty.csv]}, {name: g, files: [cards.csv]}]"), fstest.MapFS{
			"cards.csv": {Data: []byte(table)}, "empty.csv": {Data: []byte("imei\n3520\n")},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(cfg.AnyCard(), " ", cfg.InvalidRows()); got != want+" 1" {
			t.Errorf("%s: %s, want %s", use, got, want)
		}
	}
}
