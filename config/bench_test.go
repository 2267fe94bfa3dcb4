package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func BenchmarkLoadCSV(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			var text strings.Builder
			text.WriteString("imei,iccid,shop,city,region,owner,model\n")
			for i := range n {
				fmt.Fprintf(&text, "%s,8986042319197%06d1,北京店%d,北京,华北,张三,S%d\n", benchIMEI(i), i, i, i%7)
			}
			dir := b.TempDir()
			path := filepath.Join(dir, "simcard.yml")
			writeFiles(b, map[string]string{path: csvGroup, filepath.Join(dir, "cards.csv"): text.String()})
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				cfg, err := NewFile(path).Load()
				if err != nil {
					b.Fatal(err)
				}
				if len(cfg.Groups[0].Cards) != n || len(cfg.LabelNames) != 5 || len(cfg.Warnings) != 0 {
					b.Fatalf("%d cards, labels %q, warnings %q", len(cfg.Groups[0].Cards), cfg.LabelNames, cfg.Warnings)
				}
			}
		})
	}
}

// benchIMEI returns the i-th of the IMEIs of a benchmark.
func benchIMEI(i int) string {
	imei := fmt.Sprintf("35201904%06d0", i)
	return imei[:14] + string(luhnDigit(imei))
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("imeis=%d", n), func(b *testing.B) {
			var text strings.Builder
			text.WriteString("groups:\n  - name: terminals\n    imeis:\n")
			for i := range n {
				fmt.Fprintf(&text, "      - %q\n", benchIMEI(i))
			}
			data := []byte(text.String())
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				cfg, err := Parse("simcard.yml", data, nil)
				if err != nil {
					b.Fatal(err)
				}
				if len(cfg.Groups[0].Cards) != n || len(cfg.Warnings) != 0 {
					b.Fatalf("%d cards, warnings %q", len(cfg.Groups[0].Cards), cfg.Warnings)
				}
			}
		})
	}
}
