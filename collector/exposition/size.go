package exposition

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/common/expfmt"
)

// Size is how much a scrape brings.
type Size struct {
	Series     int
	Bytes      int64 // of text
	Compressed int64 // bytes with gzip
}

// Add returns the size of two scrapes together.
func (s Size) Add(other Size) Size {
	return Size{s.Series + other.Series, s.Bytes + other.Bytes, s.Compressed + other.Compressed}
}

// Scale returns the size of a scrape of so many times as many cards.
func (s Size) Scale(factor float64) Size {
	scale := func(n int64) int64 { return int64(float64(n)*factor + 0.5) }
	return Size{int(scale(int64(s.Series))), scale(s.Bytes), scale(s.Compressed)}
}

// Size returns the size of s as text.
func (s *Snapshot) Size() Size {
	var compressed, plain counter
	zip, err := gzip.NewWriterLevel(&compressed, gzip.BestSpeed)
	if err != nil {
		panic(err) // of the level
	}
	// A counter takes everything, and so does gzip.
	_ = s.Write(io.MultiWriter(&plain, zip), expfmt.NewFormat(expfmt.TypeTextPlain), func(string) bool { return true })
	_ = zip.Close()
	return Size{Series: plain.series, Bytes: plain.bytes, Compressed: compressed.bytes}
}

// counter counts what is written to it, in whole lines.
type counter struct {
	bytes  int64
	series int // lines that are no comments
}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	for line := range bytes.Lines(p) {
		if line[0] != '#' {
			c.series++
		}
	}
	return len(p), nil
}
