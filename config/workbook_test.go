package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"simcard_exporter/config/cards"
)

const pastedColumns = `
    columns:
      门店: shop
      城市: city
      负责人: owner
      电话: phone
      安装日期: installed
`

// TestLibreOffice loads a workbook that LibreOffice made of terminals.fods, and
// the same sheet as text in the dialects in which it exports. Text shows no
// merged cells.
func TestLibreOffice(t *testing.T) {
	for _, path := range glob(t, "testdata/libreoffice/*") {
		if filepath.Ext(path) == ".fods" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files := fstest.MapFS{"terminals": {Data: data}}
			const group = "groups:\n  - name: terminals\n    files: [terminals]"
			plain, err := Parse("simcard.yml", []byte(group), files)
			if err != nil {
				t.Fatal(err)
			}
			contact := cards.Contact{Person: "王五", Phone: "13800000000"}
			if got := plain.Groups[0].Cards[1]; !slices.Equal(plain.LabelNames, []string{"city", "shop"}) || got.Contact == nil || *got.Contact != contact {
				t.Errorf("without columns: labels %q, contact %+v", plain.LabelNames, got.Contact)
			}
			if want := []cards.Column{{Name: "shop", Header: "门店"}, {Name: "city", Header: "城市"}, {Name: "contact", Header: "负责人"}, {Name: "phone", Header: "电话"}}; !slices.Equal(plain.Columns, want) {
				t.Errorf("columns %q, want %q", plain.Columns, want)
			}
			if block := strings.Join(plain.Warnings, "\n"); !strings.Contains(block, "\n    columns:\n      安装日期: installed") {
				t.Errorf("warnings\n%s", block)
			}
			cfg, err := Parse("simcard.yml", []byte(group+pastedColumns), files)
			if err != nil {
				t.Fatal(err)
			}
			second := []string{"北京", "2024-03-02", "王五", "13800000000", "老王面馆"}
			if filepath.Ext(path) == ".csv" {
				second[0], second[4] = "", ""
			}
			wantCards(t, cfg, 0, []cards.Card{
				{IMEI: "352019040635785", ICCID: "89860423191970454839", Labels: []string{"北京", "2024-03-01", "王五", "13800000000", "老王面馆"}},
				{IMEI: "352019040625281", ICCID: "89860423191970454847", Labels: second},
				{IMEI: "352019040611133", ICCID: "898604231919c0083314", Labels: []string{"上海", "2024-03-03", `李"小"四`, "021-5555 1234", "阳光水果, 2号店"}},
				{ICCID: "89860423191970454905", Labels: []string{"上海", "2024-03-04", "", "", "仓库"}},
			})
		})
	}
}
