package exposition

import (
	"io"
	"net/http"
	"slices"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

// Compress returns a handler that compresses what h answers with gzip or zstd, as
// the client wishes, at the fastest level: the text of series is repetitive anyway.
func Compress(h http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(true))
	if err != nil {
		panic(err) // of the options above
	}
	return wrap(h)
}

// Serve answers a scrape with s and what others gathers, if that is not nil, in the
// format that the client wishes. The parameters name[] of the request, if any, name
// the families to serve. If something cannot be gathered or encoded, Serve calls fail
// with "gathering" or "encoding" as the cause, and serves the rest. The error is that of w:
// what was written then is not whole. The size is that of what was written, in bytes.
//
// Text is written as it is made. Of protobuf, which alone carries native histograms, each
// family is gathered first. What is not selected is not made, in any format.
func (s *Snapshot) Serve(w http.ResponseWriter, r *http.Request, others prometheus.Gatherer, fail func(cause string, err error)) (size int64, err error) {
	names := r.URL.Query()["name[]"]
	selected := func(family string) bool { return len(names) == 0 || slices.Contains(names, family) }
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Content-Type", string(format))
	to := &client{w: w}
	encoder := expfmt.NewEncoder(to, format)

	encode := func(gatherer prometheus.Gatherer) {
		families, err := gatherer.Gather()
		if err != nil {
			fail("gathering", err)
		}
		for _, family := range families {
			if !selected(family.GetName()) {
				continue
			}
			if err := encoder.Encode(family); to.err != nil {
				return
			} else if err != nil {
				fail("encoding", err)
			}
		}
	}
	switch format.FormatType() {
	case expfmt.TypeTextPlain, expfmt.TypeOpenMetrics:
		_ = s.Write(to, format, selected) // an error is the client's
	default:
		for family := range s.collectors(selected) { // one after the other, since each takes a kilobyte for each series
			rows := prometheus.NewRegistry()
			rows.MustRegister(family)
			if encode(rows); to.err != nil {
				break
			}
		}
	}
	if isOther := func(name string) bool { return !slices.Contains(ownFamilies, name) }; len(names) > 0 && !slices.ContainsFunc(names, isOther) {
		others = nil
	}
	if others != nil && to.err == nil {
		encode(others)
	}
	if closer, ok := encoder.(expfmt.Closer); ok && to.err == nil {
		if err := closer.Close(); err != nil && to.err == nil {
			fail("encoding", err)
		}
	}
	return to.size, to.err
}

// ownFamilies are the names of what a Snapshot exposes.
var ownFamilies = func() (names []string) {
	for _, t := range tables {
		names = append(names, t.names()...)
	}
	return names
}()

// client is what a response is written to. It remembers its first error, which is not one
// of an encoder.
type client struct {
	w    io.Writer
	err  error
	size int64 // written
}

func (c *client) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(p)
	c.size += int64(n)
	c.err = err
	return n, err
}
