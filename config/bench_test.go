package config

import (
	"fmt"
	"os"
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
				imei := fmt.Sprintf("35201904%06d0", i)
				fmt.Fprintf(&text, "%s%c,8986042319197%06d1,北京店%d,北京,华北,张三,S%d\n", imei[:14], luhnDigit(imei), i, i, i%7)
			}
			dir := b.TempDir()
			path := filepath.Join(dir, "simcard.yml")
			for name, data := range map[string]string{path: csvGroup, filepath.Join(dir, "cards.csv"): text.String()} {
				if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
					b.Fatal(err)
				}
			}
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

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("imeis=%d", n), func(b *testing.B) {
			var text strings.Builder
			text.WriteString("groups:\n  - name: terminals\n    imeis:\n")
			for i := range n {
				imei := fmt.Sprintf("35201904%06d0", i)
				fmt.Fprintf(&text, "      - \"%s%c\"\n", imei[:14], luhnDigit(imei))
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
