package persistence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// testRecords has every field, and every kind of absence.
func testRecords() []*Record {
	suspended, inService, empty, some := 0, 1, 0., 8306.*1024
	return []*Record{
		{ID: "352019040635785", Answer: &Answer{At: 1_700_000_000_123_456_789, Card: &Card{
			ServiceNumber: "460044352904839", IMEI: "352019040635785", ICCID: "898604231919c0083314",
			Status: &inService, Balance: &some, Activated: 1_562_036_622e9, Expires: 1_593_932_929e9}}},
		{ID: "352019040625281", Answer: &Answer{At: 1, Stale: true, Card: &Card{Status: &suspended, Balance: &empty}}},
		{ID: "898604231919c0083314", Live: true, Answer: &Answer{At: -1}}, // unknown to the platform
		{ID: "89860423191970454000", Trouble: &Trouble{Unreadable: 2}},
		{ID: "89860423191970454001", Answer: &Answer{At: 2, Card: &Card{}}, Trouble: &Trouble{Failures: 65535, Until: 1 << 62}},
	}
}

func encodeTest(t testing.TB, records ...*Record) []byte {
	t.Helper()
	var file bytes.Buffer
	size, err := encode(&file, header{Fingerprint: "platform", SavedAt: 3}, slices.Values(records))
	if err != nil || size != int64(file.Len()) {
		t.Fatalf("%d bytes, said to be %d, %v", file.Len(), size, err)
	}
	return file.Bytes()
}

func decodeTest(file []byte) (records []*Record, err error) {
	h, err := decode(context.Background(), bytes.NewReader(file), func(r *Record) { records = append(records, r) })
	if want := (header{Fingerprint: "platform", SavedAt: 3}); err == nil && h.header != want {
		err = fmt.Errorf("header %+v", h.header)
	}
	return records, err
}

func TestRoundTrip(t *testing.T) {
	for _, want := range [][]*Record{nil, testRecords()} {
		got, err := decodeTest(encodeTest(t, want...))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v, got %v, want %v", err, got, want)
		}
	}
}

// A file of which any bit was flipped, or any part of the end is missing, is not
// loaded, and neither is one with more behind it.
func TestDamage(t *testing.T) {
	file := encodeTest(t, testRecords()...)
	for i := range file {
		for bit := range 8 {
			damaged := bytes.Clone(file)
			damaged[i] ^= 1 << bit
			if _, err := decodeTest(damaged); err == nil {
				t.Errorf("bit %d of byte %d is another, and nobody noticed", bit, i)
			}
		}
		if _, err := decodeTest(file[:i]); err == nil {
			t.Errorf("%d of %d bytes pass for the whole file", i, len(file))
		}
	}
	if _, err := decodeTest(append(file, 0)); !errors.Is(err, errDamaged) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestVersion(t *testing.T) {
	for line, want := range map[string]error{
		"simcard_exporter answers 2\n": errNewer,
		"simcard_exporter answers 0\n": errDamaged, // and no frame
		"simcard_exporter answers 1":   errForeign,
		"simcard_exporter answers x\n": errForeign,
		"simcard_exporter answers \n":  errForeign,
		"PK\x03\x04\n":                 errForeign,
		"":                             errForeign,
		"\n":                           errForeign,
		string(bytes.Repeat([]byte("long "), 100_000)):       errForeign,
		"simcard_exporter answers 99999999999999999999999\n": errForeign,
	} {
		if _, err := decodeTest([]byte(line)); !errors.Is(err, want) {
			t.Errorf("%.40q: %v, want %v", line, err, want)
		}
	}
}

// A program ignores the fields that only a newer one knows.
func TestUnknownFields(t *testing.T) {
	type newerAnswer struct {
		Answer
		Remark string `cbor:"99,keyasint"`
	}
	type newerRecord struct {
		ID     string       `cbor:"1,keyasint"`
		Answer *newerAnswer `cbor:"3,keyasint"`
		More   []int        `cbor:"98,keyasint"`
	}
	frame, err := cbor.Marshal(newerRecord{ID: "1", Answer: &newerAnswer{Answer: Answer{At: 7}, Remark: "new"}, More: []int{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	var got Record
	if err := cbor.Unmarshal(frame, &got); err != nil || !reflect.DeepEqual(got, Record{ID: "1", Answer: &Answer{At: 7}}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzDecode: whatever a file holds, reading it ends, with little memory, and a file
// that is read without an error is written again as one with the same records.
func FuzzDecode(f *testing.F) {
	f.Add(encodeTest(f))
	f.Add(encodeTest(f, testRecords()...))
	f.Add([]byte("simcard_exporter answers 1\n\xff\xff\x03"))
	f.Add([]byte("simcard_exporter answers 1\n\x01\xa0\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		var records []*Record
		h, err := decode(context.Background(), bytes.NewReader(file), func(r *Record) { records = append(records, r) })
		if err != nil {
			return
		}
		var again bytes.Buffer
		if _, err := encode(&again, h.header, slices.Values(records)); err != nil {
			t.Fatal(err)
		}
		var reread []*Record
		if _, err := decode(context.Background(), &again, func(r *Record) { reread = append(reread, r) }); err != nil || len(reread) != len(records) {
			t.Errorf("%d records, then %d, %v", len(records), len(reread), err)
		}
	})
}
