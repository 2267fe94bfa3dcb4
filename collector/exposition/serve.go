package exposition

import (
	"net/http"
	"slices"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Compress returns a handler that compresses what h answers with gzip or zstd, as
// the client wishes, and in favour of speed: the text of series is repetitive.
func Compress(h http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(true))
	if err != nil {
		panic(err) // of the options above
	}
	return wrap(h)
}

// Serve answers a scrape with s and what others gathers, if that is not nil, in the
// format that the client wishes. The parameters name[] of the request, if any, name
// the families to serve. Of what cannot be gathered or encoded fail is told, with
// "gathering" or "encoding" as the cause; the rest is served nevertheless.
//
// Text is written as it is made. Protobuf, which alone carries native histograms,
// is gathered first, which takes a kilobyte for each series.
func (s *Snapshot) Serve(w http.ResponseWriter, r *http.Request, others prometheus.Gatherer, fail func(cause string, err error)) {
	names := r.URL.Query()["name[]"]
	selected := func(family string) bool { return len(names) == 0 || slices.Contains(names, family) }
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Content-Type", string(format))
	encoder := expfmt.NewEncoder(w, format)

	encode := func(gatherer prometheus.Gatherer) {
		families, err := gatherer.Gather()
		if err != nil {
			fail("gathering", err)
		}
		for _, family := range families {
			if !selected(family.GetName()) {
				continue
			}
			if err := encoder.Encode(family); err != nil {
				fail("encoding", err)
			}
		}
	}
	switch format.FormatType() {
	case expfmt.TypeTextPlain, expfmt.TypeOpenMetrics:
		if s.Write(w, format, selected) != nil {
			return // the client is gone
		}
	default:
		rows := prometheus.NewRegistry()
		rows.MustRegister(s)
		encode(rows)
	}
	if others != nil {
		encode(others)
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		if err := closer.Close(); err != nil {
			fail("encoding", err)
		}
	}
}
