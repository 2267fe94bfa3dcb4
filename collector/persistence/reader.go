package persistence

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/fxamacker/cbor/v2"
)

// What can be wrong with a file.
var (
	errForeign       = errors.New("this program did not write it")
	errNewer         = errors.New("a newer version of this program wrote it")
	errDamaged       = errors.New("it is damaged")
	errChanged       = errors.New("it was changed while it was read")
	errOtherPlatform = errors.New("its answers are from a platform with another url or timezone")
)

// ends are the header of a file and the checksum of all of it: of two looks at a file,
// equal ones have seen the same.
type ends struct {
	header
	checksum uint64
}

// decode reads a file, and calls yield with each record, which yield must not keep.
// Only if the error is nil was the file whole; otherwise what yield got must not be
// used.
func decode(ctx context.Context, file io.Reader, yield func(*Record)) (ends, error) {
	r := &reader{in: bufio.NewReaderSize(file, 1<<16), hash: xxhash.New()}
	if err := r.version(); err != nil {
		return ends{}, err
	}
	var h header
	if err := r.frame(&h); err != nil {
		return ends{}, fmt.Errorf("%w: read header: %w", errDamaged, err)
	}
	for {
		var record Record
		switch err := r.frame(&record); {
		case errors.Is(err, errEnd):
			sum, err := r.checksum()
			return ends{h, sum}, err
		case err != nil:
			return ends{}, fmt.Errorf("%w: read record: %w", errDamaged, err)
		case ctx.Err() != nil:
			return ends{}, ctx.Err()
		}
		yield(&record)
	}
}

// errEnd is returned for the frame of length 0.
var errEnd = errors.New("no more frames")

// reader reads a file, and hashes what it reads.
type reader struct {
	in     *bufio.Reader
	hash   *xxhash.Digest
	buffer []byte // of the last frame
}

// Read implements [io.Reader].
func (r *reader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	_, _ = r.hash.Write(p[:n]) // never fails
	return n, err
}

// ReadByte implements [io.ByteReader].
func (r *reader) ReadByte() (byte, error) {
	b, err := r.in.ReadByte()
	if err == nil {
		_, _ = r.hash.Write([]byte{b})
	}
	return b, err
}

// version reads the first line.
func (r *reader) version() error {
	line, err := r.in.ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("%w: read first line: %w", errForeign, err)
	}
	_, _ = r.hash.Write(line)
	text, ours := strings.CutPrefix(strings.TrimSuffix(string(line), "\n"), magic)
	v, err := strconv.ParseUint(text, 10, 31)
	switch {
	case !ours || err != nil:
		return errForeign
	case v > version:
		return errNewer
	}
	return nil
}

// frame reads a frame into v, a pointer to a zero value.
func (r *reader) frame(v any) error {
	n, err := binary.ReadUvarint(r)
	switch {
	case err != nil:
		return err
	case n == 0:
		return errEnd
	case n > maxFrame:
		return fmt.Errorf("frame has %d bytes", n)
	}
	if cap(r.buffer) < int(n) {
		r.buffer = make([]byte, n)
	}
	r.buffer = r.buffer[:n]
	if _, err := io.ReadFull(r, r.buffer); err != nil {
		return err
	}
	return cbor.Unmarshal(r.buffer, v)
}

// checksum reads what follows the last frame.
func (r *reader) checksum() (uint64, error) {
	sum := r.hash.Sum64()
	want := binary.BigEndian.AppendUint64(nil, sum)
	got, err := io.ReadAll(io.LimitReader(r.in, checksumSize+1))
	switch {
	case err != nil:
		return 0, fmt.Errorf("%w: read checksum: %w", errDamaged, err)
	case !bytes.Equal(got, want):
		return 0, fmt.Errorf("%w: checksum differs", errDamaged)
	}
	return sum, nil
}
