package persistence

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"iter"
	"strconv"

	"github.com/cespare/xxhash/v2"
	"github.com/fxamacker/cbor/v2"
)

// encode writes a file, and returns its size.
func encode(file io.Writer, h header, records iter.Seq[*Record]) (size int64, err error) {
	hash := xxhash.New()
	w := &writer{out: bufio.NewWriterSize(io.MultiWriter(file, hash), 1<<16)}
	w.write([]byte(magic + strconv.Itoa(version) + "\n"))
	w.frame(&h)
	for record := range records {
		if w.frame(record); w.err != nil {
			return 0, w.err
		}
	}
	w.write([]byte{0})
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err != nil {
		return 0, w.err
	}
	checksum := binary.BigEndian.AppendUint64(nil, hash.Sum64())
	_, err = file.Write(checksum)
	return w.size + int64(len(checksum)), err
}

// writer writes a file until there is an error.
type writer struct {
	out    *bufio.Writer
	size   int64
	buffer bytes.Buffer // of the last frame
	err    error
}

func (w *writer) write(p []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(p)
		w.size += int64(len(p))
	}
}

// frame writes v, which is never empty.
func (w *writer) frame(v any) {
	w.buffer.Reset()
	if err := cbor.MarshalToBuffer(v, &w.buffer); err != nil {
		w.err = err
		return
	}
	w.write(binary.AppendUvarint(nil, uint64(w.buffer.Len())))
	w.write(w.buffer.Bytes())
}
