package collector

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"simcard_exporter/collector/persistence"
	"simcard_exporter/collector/szzkc/simulator"
)

// BenchmarkSave saves a fleet whose cards all have an answer, and scrapes it in turns
// while it is saved without a break and while it is not, in one run, so that their ratio
// says more than either.
func BenchmarkSave(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("cards=%d", n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("a million cards take a minute")
			}
			cards := simulator.Fleet(n)
			group := testGroup("g", byIMEI, cards)
			group.MaxAge = time.Hour
			env := newTestEnv(b, simulator.New(nil), []Group{group})
			f := env.fleet.Load()
			restoreAll(f)
			file, err := persistence.Open(b.Context(), filepath.Join(b.TempDir(), "answers"))
			if err != nil {
				b.Fatal(err)
			}
			_, records := env.Records()
			var quiet, beside, saving time.Duration
			saves := 0
			for b.Loop() {
				quiet += env.timeScrape(b)
				stop, ended := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(ended)
					for again := true; again; saves++ {
						start := time.Now()
						if _, err := file.Save("", records); err != nil {
							b.Error(err)
							return
						}
						saving += time.Since(start)
						select {
						case <-stop:
							again = false
						default:
						}
					}
				}()
				beside += env.timeScrape(b)
				close(stop)
				<-ended
			}
			start := time.Now()
			if _, err := file.Load(b.Context(), "", func(saved *persistence.Record) { f.restore(saved) }); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(time.Since(start).Seconds(), "s/load")
			b.ReportMetric(saving.Seconds()/float64(saves), "s/save")
			b.ReportMetric(beside.Seconds()/quiet.Seconds(), "beside/quiet")
			if err := file.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func (env *testEnv) timeScrape(b *testing.B) time.Duration {
	start := time.Now()
	env.body(b, benchRequest(b, "identity"))
	return time.Since(start)
}

// restoreAll gives every card an answer, as one from the platform.
func restoreAll(f *fleet) {
	status, balance := 1, 12345.
	for i, batch := range f.groups[0].batches {
		for _, c := range batch.cards {
			f.restore(&persistence.Record{ID: c.id, Answer: &persistence.Answer{At: time.Now().UnixNano(), Card: &persistence.Card{
				ServiceNumber: "460044352904839", IMEI: c.id, ICCID: fmt.Sprintf("8986042319197%07d", i),
				Status: &status, Balance: &balance, Activated: 1_562_036_622e9, Expires: 1_893_932_929e9}}})
		}
	}
}
