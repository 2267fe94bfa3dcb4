package exposition

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
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
// Series are written as they are made, and what is not selected is not made, in any format.
// The two formats of protobuf that are for reading are answered with text.
func (s *Snapshot) Serve(w http.ResponseWriter, r *http.Request, others prometheus.Gatherer, fail func(cause string, err error)) (size int64, err error) {
	names := r.URL.Query()["name[]"]
	selected := func(family string) bool { return len(names) == 0 || slices.Contains(names, family) }
	format := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	if t := format.FormatType(); t == expfmt.TypeProtoText || t == expfmt.TypeProtoCompact {
		format = expfmt.NewFormat(expfmt.TypeTextPlain)
	}
	w.Header().Add("Vary", "Accept")
	w.Header().Set("Content-Type", string(format))
	to := &client{w: w}
	if format.FormatType() == expfmt.TypeProtoDelim {
		_ = s.WriteProtobuf(to, selected) // an error, here and below, is the client's
	} else {
		_ = s.Write(to, format, selected)
	}
	encoder := expfmt.NewEncoder(to, format)
	encode := func(gatherer prometheus.Gatherer) {
		families, err := gatherer.Gather()
		if err != nil {
			fail("gathering", err)
		}
		if format.FormatType() == expfmt.TypeOpenMetrics {
			separateNames(families)
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
	if isOther := func(name string) bool { return !Exposes(name) }; len(names) > 0 && !slices.ContainsFunc(names, isOther) {
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

// separateNames has no two families bear the same name in OpenMetrics, where that of a counter
// lacks the _total: go_memstats_alloc_bytes is a gauge beside such a counter. It becomes a
// value of unknown type, which keeps its name.
func separateNames(families []*dto.MetricFamily) {
	for _, f := range families {
		name, cut := strings.CutSuffix(f.GetName(), "_total")
		if !cut || f.GetType() != dto.MetricType_COUNTER ||
			!slices.ContainsFunc(families, func(other *dto.MetricFamily) bool { return other.GetName() == name }) {
			continue
		}
		f.Type = dto.MetricType_UNTYPED.Enum()
		for _, m := range f.Metric {
			m.Untyped, m.Counter = &dto.Untyped{Value: m.Counter.Value}, nil
		}
	}
}

// ownFamilies are the names of what a Snapshot exposes.
var ownFamilies = func() (names []string) {
	for _, t := range tables {
		names = append(names, t.names()...)
	}
	return names
}()

// Exposes reports whether a family is one of those that a Snapshot exposes.
func Exposes(family string) bool { return slices.Contains(ownFamilies, family) }

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
