package szzkc

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/zstd"
	promconfig "github.com/prometheus/common/config"

	"simcard_exporter/collector/platform"
	"simcard_exporter/collector/szzkc/simulator"
)

// compress returns the body in each content encoding that is decoded.
func compress(t testing.TB, body string) map[string][]byte {
	t.Helper()
	compressed := make(map[string][]byte)
	for name, create := range map[string]func(io.Writer) (io.WriteCloser, error){
		"gzip":        func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
		"deflate":     func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil },
		"deflate raw": func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) },
		"zstd":        func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) },
	} {
		var buffer bytes.Buffer
		w, err := create(&buffer)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(w, body)
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		compressed[name] = buffer.Bytes()
	}
	return compressed
}

// encodingOf returns the content encoding of a name in [compress].
func encodingOf(name string) string {
	encoding, _, _ := strings.Cut(name, " ")
	return encoding
}

// queryEncoded sends a request that is answered with body in these content encodings.
// The end of the connection is the end of the body, as with a gateway without a length.
func queryEncoded(t *testing.T, body []byte, encodings ...string) (platform.Answer, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked := r.Header.Get("Accept-Encoding"); asked != "" {
			t.Errorf("asked for %q", asked)
		}
		w.Header()["Content-Encoding"] = encodings
		w.Header().Set("Connection", "close")
		w.Header().Set("Transfer-Encoding", "identity")
		_, _ = w.Write(body)
	}))
	defer server.Close()
	return newClient(t, server.URL, promconfig.DefaultHTTPClientConfig).Query(t.Context(), []string{"1"}, false)
}

// What a gateway compresses unasked is read, whatever case or older name it uses.
func TestUnaskedCompression(t *testing.T) {
	compressed := compress(t, page)
	for name, body := range compressed {
		if answer, err := queryEncoded(t, body, encodingOf(name)); err != nil || len(answer.Cards) != 3 {
			t.Errorf("%s: %v, %v", name, answer, err)
		}
	}
	for encoding, body := range map[string][]byte{"x-gzip": compressed["gzip"], " GZip ": compressed["gzip"], "identity": []byte(page), "": []byte(page)} {
		if answer, err := queryEncoded(t, body, encoding); err != nil || len(answer.Cards) != 3 {
			t.Errorf("%q: %v, %v", encoding, answer, err)
		}
	}
}

func TestContentEncodingFaults(t *testing.T) {
	compressed := compress(t, page)
	broken := bytes.Clone(compressed["gzip"])
	broken[len(broken)-5]++ // in its checksum
	for name, test := range map[string]struct {
		body      []byte
		encodings []string
		want      string
	}{
		"unknown":              {[]byte(page), []string{"br"}, `decode: decompress answer: content encoding "br" is not gzip, deflate or zstd`},
		"two":                  {compressed["gzip"], []string{"gzip, zstd"}, `decode: decompress answer: content encoding "gzip, zstd" is not gzip, deflate or zstd`},
		"two headers":          {compressed["gzip"], []string{"gzip", "gzip"}, `decode: decompress answer: content encoding "gzip, gzip" is not gzip, deflate or zstd`},
		"a long one":           {[]byte(page), []string{strings.Repeat("x", 500)}, `decode: decompress answer: content encoding "` + strings.Repeat("x", 64) + `" is not gzip, deflate or zstd`},
		"nothing":              {nil, []string{"gzip"}, "decode: parse answer: unexpected end of JSON input"},
		"plain, called gzip":   {[]byte(page), []string{"gzip"}, "decode: decompress answer: gzip: invalid header"},
		"plain, called zstd":   {[]byte(page), []string{"zstd"}, "decode: decompress answer: invalid input: magic number mismatch"},
		"gzip, called nothing": {compressed["gzip"], nil, `decode: parse answer: invalid character '\x1f' looking for beginning of value`},
		"a broken checksum":    {broken, []string{"gzip"}, "decode: decompress answer: gzip: invalid checksum"},
		"more behind it":       {append(bytes.Clone(compressed["gzip"]), page...), []string{"gzip"}, "decode: decompress answer: gzip: invalid header"},
		"HTML in it":           {compress(t, "<html>")["zstd"], []string{"zstd"}, "decode: parse answer: invalid character '<' looking for beginning of value"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := queryEncoded(t, test.body, test.encodings...)
			var failure *platform.Error
			if !errors.As(err, &failure) || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// Of a compressed answer that breaks off, nothing but the missing end may tell.
func TestTruncatedCompression(t *testing.T) {
	for name, body := range compress(t, page) {
		for i := 1; i < len(body); i++ {
			_, err := decompress(body[:i], []string{encodingOf(name)})
			var failure *platform.Error
			if !errors.As(err, &failure) || failure.Reason != platform.Connect {
				t.Errorf("%s, %d of %d bytes: %v", name, i, len(body), err)
			}
		}
		_, err := queryEncoded(t, body[:len(body)/2], encodingOf(name))
		if want := "connect: decompress answer: unexpected EOF"; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// The bound on the size of an answer is one on what it is decompressed to, and no
// more than a few times that is ever allocated.
func TestDecompressionBomb(t *testing.T) {
	whole := page + strings.Repeat(" ", MaxBody-len(page))
	for name, body := range compress(t, whole) {
		if answer, err := queryEncoded(t, body, encodingOf(name)); err != nil || len(answer.Cards) != 3 {
			t.Errorf("%s, just not too large: %v", name, err)
		}
	}
	for name, body := range compress(t, whole+" ") {
		if _, err := queryEncoded(t, body, encodingOf(name)); err == nil || err.Error() != "too_large: answer has more than 1048576 bytes" {
			t.Errorf("%s, just too large: %v", name, err)
		}
	}
	for name, body := range compress(t, strings.Repeat(" ", 32*MaxBody)) {
		if len(body) > MaxBody {
			t.Fatalf("%s: the bomb has %d bytes", name, len(body))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decompress(body, []string{encodingOf(name)})
		runtime.ReadMemStats(&after)
		var failure *platform.Error
		if !errors.As(err, &failure) || failure.Reason != platform.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %d bytes, %d KiB allocated", name, len(body), allocated>>10)
		if allocated > 16*MaxBody {
			t.Errorf("%s: %d MiB allocated", name, allocated>>20)
		}
	}
}

// A window is memory that a frame of a few bytes can ask for.
func TestZstdWindow(t *testing.T) {
	for size, want := range map[int]bool{8 << 20: true, 16 << 20: false} {
		var buffer bytes.Buffer
		w, err := zstd.NewWriter(&buffer, zstd.WithWindowSize(size), zstd.WithSingleSegment(false))
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(w, page)
		if err := errors.Join(err, w.Flush(), w.Close()); err != nil { // so that the encoder does not know the size before
			t.Fatal(err)
		}
		body, err := decompress(buffer.Bytes(), []string{"zstd"})
		if (err == nil) != want || want && string(body) != page {
			t.Errorf("window of %d MiB: %v", size>>20, err)
		}
	}
}

// After a compressed answer, broken or not, the connection is used again.
func TestConnectionIsReusedAfterCompression(t *testing.T) {
	var connections, requests atomic.Int64
	sim := simulator.New(simulator.PageCards())
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		sim.ServeHTTP(recorder, r)
		body := compress(t, recorder.Body.String())["gzip"]
		if requests.Add(1)%2 == 0 {
			body[0]++
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := newClient(t, server.URL, promconfig.DefaultHTTPClientConfig)
	for i := range 6 {
		answer, err := client.Query(t.Context(), []string{"352019040635785"}, false)
		if broken := i%2 == 1; (err != nil) != broken || !broken && len(answer.Cards) != 1 {
			t.Errorf("request %d: %v, %v", i, answer, err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for six requests in a row", n)
	}
}

// FuzzDecompress: whatever an answer holds, the error is typed, and what is decoded
// keeps to the bound.
func FuzzDecompress(f *testing.F) {
	for name, body := range compress(f, page) {
		f.Add(encodingOf(name), body)
		f.Add(encodingOf(name), body[:len(body)/2])
	}
	f.Add("gzip, br", []byte(page))
	location := shanghai(f)
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		plain, err := decompress(body, []string{encoding})
		if err == nil {
			if len(plain) > max(MaxBody, len(body)) {
				t.Errorf("%d bytes of %d, want at most %d", len(plain), len(body), max(MaxBody, len(body)))
			}
			_, err = decode(plain, location)
		}
		var typed *platform.Error
		if err != nil && !errors.As(err, &typed) {
			t.Errorf("error of type %T, want %T: %v", err, typed, err)
		}
	})
}
