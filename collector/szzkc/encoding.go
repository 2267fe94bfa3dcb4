package szzkc

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"simcard_exporter/collector/platform"
)

// maxWindow is the memory in bytes that a zstd answer may ask for, and no less than
// what RFC 9659 lets servers use.
const maxWindow = 8 << 20

// decompress decodes the body of an answer with these Content-Encoding headers. The
// Client asks for none, but a gateway may compress all the same. The result has at most
// MaxBody bytes, however small the body is. Every error is a [*platform.Error], and what could
// be decoded is beside it.
func decompress(body []byte, encodings []string) ([]byte, error) {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(encodings, ", ")))
	if encoding == "" || encoding == "identity" {
		return body, nil
	}
	var decoded []byte
	r, err := decompressor(body, encoding)
	if err == nil {
		decoded, err = io.ReadAll(io.LimitReader(r, MaxBody+1))
	}
	if err != nil {
		reason := platform.Decode
		if errors.Is(err, io.ErrUnexpectedEOF) { // where the end of the connection is that of the body, nothing else tells
			reason = platform.Connect
		}
		return decoded, &platform.Error{Reason: reason, Err: fmt.Errorf("decompress answer: %w", err)}
	}
	return decoded, checkSize(decoded)
}

// decompressor returns a reader of the decoded body, which need not be closed.
func decompressor(body []byte, encoding string) (io.Reader, error) {
	compressed := bytes.NewReader(body)
	switch {
	case len(body) == 0: // no encoding has an empty stream, but an empty answer may be declared as any
		return compressed, nil
	case encoding == "gzip" || encoding == "x-gzip":
		return gzip.NewReader(compressed)
	case encoding == "deflate":
		r, err := zlib.NewReader(compressed)
		if errors.Is(err, zlib.ErrHeader) { // some servers leave out what is around the deflate stream
			return flate.NewReader(bytes.NewReader(body)), nil
		}
		return r, err
	case encoding == "zstd":
		// Without concurrency, there is no goroutine to end.
		return zstd.NewReader(compressed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	default:
		return nil, fmt.Errorf("content encoding %q is not gzip, deflate or zstd", cut(encoding, maxText))
	}
}
