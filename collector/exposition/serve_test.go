package exposition

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/proto"
)

// serveTo answers a request with the fleet of a hundred cards and a histogram of the
// exporter's own, and returns the header and what the body unpacks to.
func serveTo(t *testing.T, accept, encoding, query string) (http.Header, []byte) {
	t.Helper()
	others := prometheus.NewRegistry()
	own := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "own_seconds", Help: "An own one.", NativeHistogramBucketFactor: 1.1, Buckets: []float64{1}})
	own.Observe(0.5)
	others.MustRegister(own)
	s := fleet(100)
	s.Groups = []Group{{Name: "terminals"}}
	handler := Compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.Serve(w, r, others, func(cause string, err error) { t.Error(cause, err) }); err != nil {
			t.Error(err)
		}
	}))
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics"+query, nil)
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", encoding)
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, req)
	body, err := unpack(recorder.Header().Get("Content-Encoding"), recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	return recorder.Header(), body
}

func unpack(encoding string, packed io.Reader) ([]byte, error) {
	switch encoding {
	case "gzip":
		reader, err := gzip.NewReader(packed)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(reader)
	case "zstd":
		reader, err := zstd.NewReader(packed)
		if err != nil {
			return nil, err
		}
		defer reader.Close()
		return io.ReadAll(reader)
	}
	return io.ReadAll(packed)
}

// TestServe: each format and encoding carries the same families, the exporter's own
// behind those of the cards.
func TestServe(t *testing.T) {
	for _, encoding := range []string{"", "gzip", "zstd", "br"} {
		for name, accept := range map[string]string{
			"text":        "text/plain;version=0.0.4",
			"OpenMetrics": "application/openmetrics-text;version=1.0.0",
			"protobuf":    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
			"anything":    "*/*",
		} {
			t.Run(name+" "+encoding, func(t *testing.T) {
				header, body := serveTo(t, accept, encoding, "")
				if got := header.Get("Content-Encoding"); got != strings.TrimSuffix(encoding, "br") {
					t.Errorf("content encoding %q", got)
				}
				if vary := header.Values("Vary"); !slices.Contains(vary, "Accept") || !slices.Contains(vary, "Accept-Encoding") {
					t.Errorf("vary %q", vary)
				}
				families := decodeFamilies(t, header, body)
				if n := len(families["simcard_info"].GetMetric()); n != 100 {
					t.Errorf("simcard_info of %d cards", n)
				}
				if len(families) != len(ownFamilies)-3+1 { // no oldest answer or data, no balance of the group; own_seconds
					t.Errorf("%d families", len(families))
				}
				native := families["own_seconds"].GetMetric()[0].GetHistogram().GetSampleCountFloat() > 0 ||
					len(families["own_seconds"].GetMetric()[0].GetHistogram().GetPositiveSpan()) > 0
				if native != (name == "protobuf") {
					t.Errorf("native histogram: %t", native)
				}
			})
		}
	}
}

// decodeFamilies decodes a body. The library has no decoder for OpenMetrics, whose
// text is that of Prometheus but for its end.
func decodeFamilies(t *testing.T, header http.Header, body []byte) map[string]*dto.MetricFamily {
	t.Helper()
	format := expfmt.ResponseFormat(header)
	if strings.HasPrefix(header.Get("Content-Type"), "application/openmetrics-text") {
		text, ended := bytes.CutSuffix(body, []byte("# EOF\n"))
		if !ended {
			t.Error("no end")
		}
		body, format = text, expfmt.NewFormat(expfmt.TypeTextPlain)
	}
	families := make(map[string]*dto.MetricFamily)
	decoder := expfmt.NewDecoder(bytes.NewReader(body), format)
	for {
		family := new(dto.MetricFamily)
		if err := decoder.Decode(family); errors.Is(err, io.EOF) {
			return families
		} else if err != nil {
			t.Fatal(err)
		}
		families[family.GetName()] = family
	}
}

// TestProtobufAsGathered: protobuf is what a registry makes of the same.
func TestProtobufAsGathered(t *testing.T) {
	s := fleet(50)
	s.Groups = []Group{{Name: "terminals", Requests: 7}}
	s.Cards[3].Labels = slices.Repeat([]string{"\xff"}, len(s.LabelNames))
	var got bytes.Buffer
	if err := s.WriteProtobuf(&got, func(string) bool { return true }); err != nil {
		t.Fatal(err)
	}
	format := expfmt.NewFormat(expfmt.TypeProtoDelim)
	families := decodeFamilies(t, http.Header{"Content-Type": {string(format)}}, got.Bytes())
	registry := prometheus.NewRegistry()
	registry.MustRegister(s)
	gathered, _ := registry.Gather() // the error is about the label that is not UTF-8
	if len(gathered) != len(families) || len(gathered) < 10 {
		t.Errorf("%d families, want %d", len(families), len(gathered))
	}
	for _, want := range gathered {
		f := families[want.GetName()]
		byLabels := func(a, b *dto.Metric) int { return cmp.Compare(fmt.Sprint(a.GetLabel()), fmt.Sprint(b.GetLabel())) }
		slices.SortFunc(f.GetMetric(), byLabels)
		slices.SortFunc(want.GetMetric(), byLabels)
		if !proto.Equal(f, want) {
			t.Errorf("%s is %.500v, want %.500v", want.GetName(), f, want)
		}
	}
}

// TestOpenMetricsNames: a gauge and a counter whose names differ by _total do not clash.
func TestOpenMetricsNames(t *testing.T) {
	others := prometheus.NewRegistry()
	others.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "own_bytes", Help: "A."}),
		prometheus.NewCounter(prometheus.CounterOpts{Name: "own_bytes_total", Help: "B."}),
		prometheus.NewCounter(prometheus.CounterOpts{Name: "else_total", Help: "C."}))
	for accept, want := range map[string]string{
		"application/openmetrics-text;version=1.0.0": "# TYPE else counter\nelse_total 0.0\n# HELP own_bytes A.\n# TYPE own_bytes gauge\nown_bytes 0.0\n# HELP own_bytes_total B.\n# TYPE own_bytes_total unknown\nown_bytes_total 0.0\n# EOF\n",
		"text/plain": "# TYPE own_bytes_total counter\nown_bytes_total 0\n",
	} {
		recorder := httptest.NewRecorder()
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		req.Header.Set("Accept", accept)
		if _, err := new(Snapshot).Serve(recorder, req, others, func(cause string, err error) { t.Error(cause, err) }); err != nil {
			t.Error(err)
		}
		if !strings.HasSuffix(recorder.Body.String(), want) {
			t.Errorf("%s: %q, want %q at the end", accept, recorder.Body, want)
		}
	}
}

// TestServeSelected: name[] selects families of the cards and of the exporter, in
// every format.
func TestServeSelected(t *testing.T) {
	query := "?" + url.Values{"name[]": {"simcard_up", "own_seconds", "nothing"}}.Encode()
	for _, accept := range []string{"", "application/openmetrics-text;version=1.0.0", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"} {
		header, body := serveTo(t, accept, "", query)
		families := decodeFamilies(t, header, body)
		if len(families) != 2 || families["simcard_up"] == nil || families["own_seconds"] == nil {
			t.Errorf("%q: %v", accept, families)
		}
	}
}

// TestServeOwnAlone: if a scrape names only what is about cards and groups, nothing else is
// gathered, and what is not named is not served.
func TestServeOwnAlone(t *testing.T) {
	s := fleet(100)
	s.Groups = []Group{{Name: "terminals"}}
	others := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		t.Error("the registry is gathered")
		return nil, nil
	})
	for _, names := range [][]string{{"simcard_problem"}, {"simcard_problem", "simcard_up"}} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics?"+url.Values{"name[]": names}.Encode(), nil)
		recorder := httptest.NewRecorder()
		if _, err := s.Serve(recorder, req, others, func(cause string, err error) { t.Error(cause, err) }); err != nil {
			t.Error(err)
		}
		if families := decodeFamilies(t, recorder.Header(), recorder.Body.Bytes()); len(families) != len(names) {
			t.Errorf("%q: %d families", names, len(families))
		}
	}
}

// TestServeGoneClient: a client that goes away, at whatever byte, is no error of the
// exporter.
func TestServeGoneClient(t *testing.T) {
	others := prometheus.NewRegistry()
	for i := range 40 {
		others.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: fmt.Sprint("own_", i)}))
	}
	s := fleet(20)
	for _, accept := range []string{"", "application/openmetrics-text;version=1.0.0", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"} {
		for _, encoding := range []string{"", "gzip", "zstd"} {
			for _, bytes := range []int{0, 100, 1000, 5000, 10_000, 20_000} {
				handler := Compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					_, _ = s.Serve(w, r, others, func(cause string, err error) {
						t.Errorf("%q %q after %d bytes: %s: %v", accept, encoding, bytes, cause, err)
					})
				}))
				req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
				req.Header.Set("Accept", accept)
				req.Header.Set("Accept-Encoding", encoding)
				handler.ServeHTTP(&goneClient{httptest.NewRecorder(), bytes}, req)
			}
		}
	}
}

// goneClient takes some bytes and then goes away.
type goneClient struct {
	http.ResponseWriter
	takes int
}

func (c *goneClient) Write(p []byte) (int, error) {
	if c.takes -= len(p); c.takes < 0 {
		return 0, errors.New("client is gone")
	}
	return len(p), nil
}
