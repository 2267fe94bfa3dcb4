package config

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func BenchmarkLoadCSV(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("rows=%d", n), func(b *testing.B) {
			var text strings.Builder
			text.WriteString("imei,iccid,shop,city,region,contact,model\n")
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
				if len(cfg.Groups[0].Cards) != n || len(cfg.LabelNames) != 4 || len(cfg.Warnings) != 0 {
					b.Fatalf("%d cards, labels %q, warnings %q", len(cfg.Groups[0].Cards), cfg.LabelNames, cfg.Warnings)
				}
			}
		})
	}
}

// benchIMEI returns the i-th of the IMEIs of a benchmark.
func benchIMEI(i int) string {
	imei, sum := fmt.Sprintf("35201904%06d", i), 0
	for place, digit := range imei {
		n := int(digit-'0') * (1 + place%2)
		sum += n/10 + n%10
	}
	return imei + strconv.Itoa((10-sum%10)%10)
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
