package persistence

import (
	"fmt"
	"iter"
	"strconv"
	"testing"
)

// manyRecords yields n records as those of a fleet.
func manyRecords(n int) iter.Seq[*Record] {
	status, balance := 1, 12345.
	return func(yield func(*Record) bool) {
		for i := range n {
			iccid := fmt.Sprintf("8986042319197%07d", i)
			if !yield(&Record{ID: iccid, Answer: &Answer{At: 1_700_000_000e9 + int64(i), Card: &Card{
				ServiceNumber: "460044352904839", IMEI: fmt.Sprintf("35201904%07d", i), ICCID: iccid,
				Status: &status, Balance: &balance, Activated: 1_562_036_622e9, Expires: 1_593_932_929e9}}}) {
				return
			}
		}
	}
}

func BenchmarkSave(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million cards take seconds")
			}
			f := openTest(b, b.TempDir()+"/answers")
			b.ReportAllocs()
			for b.Loop() {
				saved, err := f.Save("platform", manyRecords(n))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(saved.Size)/float64(n), "B/card")
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million cards take seconds")
			}
			f := openTest(b, b.TempDir()+"/answers")
			if _, err := f.Save("platform", manyRecords(n)); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Load(b.Context(), "platform", func(*Record) {}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
