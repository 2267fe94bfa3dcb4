package config

import (
	"os"
	"path/filepath"
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
			if _, err := Parse("simcard.yml", []byte(group), files); err == nil || !strings.HasSuffix(err.Error(), "for example:"+strings.TrimRight(pastedColumns, "\n")) {
				t.Errorf("without columns: %v", err)
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
