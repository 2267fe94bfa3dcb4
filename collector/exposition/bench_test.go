package exposition

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/problem"
)

// BenchmarkServe serves a fleet with five labels of the user, in turns written and
// as a naive collector has it: constant metrics in a registry, and promhttp.
func BenchmarkServe(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000, 1_000_000} {
		for _, encoding := range []string{"identity", "gzip", "zstd"} {
			b.Run(fmt.Sprintf("cards=%d/encoding=%s", n, encoding), func(b *testing.B) {
				if n > 100_000 && testing.Short() { // also never gathered: 30 s and 7 GB
					b.Skip("a million cards take a gigabyte")
				}
				s := fleet(n)
				write := Compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if _, err := s.Serve(w, r, nil, func(cause string, err error) { b.Error(cause, err) }); err != nil {
						b.Error(err)
					}
				}))
				registry := prometheus.NewRegistry()
				registry.MustRegister(naive{s})
				gather := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
				var written, gathered time.Duration
				series := 0
				for b.Loop() {
					written += serve(b, write, encoding)
					if n <= 100_000 {
						gathered += serve(b, gather, encoding)
					}
					series += 5 * n
				}
				b.ReportMetric(float64(written.Nanoseconds())/float64(series), "ns/series")
				if gathered > 0 {
					b.ReportMetric(written.Seconds()/gathered.Seconds(), "written/gathered")
				}
			})
		}
	}
}

// fleet is a snapshot of n cards with all values and five labels of the user.
func fleet(n int) *Snapshot {
	s := &Snapshot{LabelNames: []string{"address", "city", "owner", "phone", "shop"}}
	for i := range n {
		status, balance := 1, float64(i)*1024
		s.Cards = append(s.Cards, Card{
			IMEI: fmt.Sprintf("35201904%07d", i), ICCID: fmt.Sprintf("89860423191970%06d", i), Group: "terminals",
			Labels: []string{fmt.Sprintf("中山路%d号", i%500), "北京", fmt.Sprintf("张三%d", i%1000), fmt.Sprintf("138%08d", i), fmt.Sprintf("老王面馆%d", i)},
			Known: &platform.Card{
				ServiceNumber: fmt.Sprintf("10648%08d", i), Status: &status, Balance: &balance,
				Expires: platform.Instant(1773100800+i) * 1e9, Activated: platform.Instant(1573100800+i) * 1e9,
			},
		})
		if i%100 == 0 {
			s.Cards[i].Problems = problem.SetOf("expiring")
		}
	}
	return s
}

// naive is a collector as one writes it first.
type naive struct{ *Snapshot }

func (n naive) Collect(metrics chan<- prometheus.Metric) {
	var of []*prometheus.Desc
	for i := range cardFamilies {
		of = append(of, prometheus.NewDesc(cardFamilies[i].name, cardFamilies[i].help, []string{"imei", "iccid"}, nil))
	}
	info := prometheus.NewDesc(infoFamilies[0].name, infoFamilies[0].help, append([]string{"imei", "iccid", "service_number", "group"}, n.LabelNames...), nil)
	wrong := prometheus.NewDesc(problemFamilies[0].name, problemFamilies[0].help, append([]string{"imei", "iccid", "group", "problem"}, n.LabelNames...), nil)
	for i := range n.Cards {
		c := &n.Cards[i]
		for j, f := range cardFamilies {
			if value, present := f.value(c); present {
				metrics <- prometheus.MustNewConstMetric(of[j], prometheus.GaugeValue, value, c.IMEI, c.ICCID)
			}
		}
		metrics <- prometheus.MustNewConstMetric(info, prometheus.GaugeValue, 1, append([]string{c.IMEI, c.ICCID, c.serviceNumber(), c.Group}, c.Labels...)...)
	}
	for _, r := range problemRows(n.Snapshot) {
		value, _ := problemFamilies[0].value(&r)
		metrics <- prometheus.MustNewConstMetric(wrong, prometheus.GaugeValue, value, append([]string{r.IMEI, r.ICCID, r.Group, r.problem.String()}, r.Labels...)...)
	}
}

// serve returns how long a handler takes for a scrape that nobody reads.
func serve(b *testing.B, h http.Handler, encoding string) time.Duration {
	b.Helper()
	req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil)
	req.Header.Set("Accept-Encoding", encoding)
	w := &discard{header: make(http.Header)}
	start := time.Now()
	h.ServeHTTP(w, req)
	return time.Since(start)
}

// discard is a response that nobody reads.
type discard struct {
	io.Writer
	header http.Header
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}
