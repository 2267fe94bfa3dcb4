package persistence

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// atErr calls f at the nth look at Err, of which a load takes one with each record.
type atErr struct {
	context.Context //nolint:containedctx // it is one
	looks, n        int
	f               func()
}

func (c *atErr) Err() error {
	if c.looks++; c.looks == c.n {
		c.f()
	}
	return c.Context.Err()
}

// A file that is overwritten in place between or during the two looks at it is no
// whole one, even if it is so at both. It is set aside, and the next save writes a
// new one.
func TestLoadOverwrittenFile(t *testing.T) {
	const n = 2000 // far more than is read at once
	encode := func(fingerprint string, savedAt int64, n int) []byte {
		var file bytes.Buffer
		if _, err := encode(&file, header{Fingerprint: fingerprint, SavedAt: savedAt}, manyRecords(n)); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	whole := encode("platform", 3, n)
	for name, test := range map[string]struct {
		before, after []byte
		at            int // the number of the record
		want          string
	}{
		"by another platform's answers": {encode("platform", 3, 10), encode("another!", 3, 10), 1, "it was changed while it was read; "},
		"by newer answers":              {encode("platform", 3, 10), encode("platform", 4, 10), 1, "it was changed while it was read; "},
		"by fewer answers":              {encode("platform", 3, 10), encode("platform", 3, 9), 1, "it was changed while it was read; "},
		"by nothing":                    {encode("platform", 3, 10), nil, 1, "this program did not write it: read first line: EOF; "},
		"by a half, in the middle":      {whole, whole[:len(whole)/2], n + 1, "it is damaged: read record: unexpected EOF; "},
		"by others, in the middle":      {whole, encode("another!", 4, n), n + 1, "it is damaged: checksum differs; "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "answers")
			if err := os.WriteFile(path, test.before, 0o600); err != nil {
				t.Fatal(err)
			}
			f := openTest(t, path)
			ctx := &atErr{Context: t.Context(), n: test.at, f: func() {
				if err := os.WriteFile(path, test.after, 0o600); err != nil { // truncates, and keeps the inode
					t.Error(err)
				}
			}}
			savedAt, err := f.Load(ctx, "platform", func(*Record) {})
			if err == nil || !strings.HasPrefix(err.Error(), test.want) || !strings.HasSuffix(err.Error(), path+".bad") || !savedAt.IsZero() {
				t.Errorf("saved at %v, %v, want %s", savedAt, err, test.want)
			}
			f.saveTest(t, "platform")
			expectFiles(t, dir, "answers", "answers.bad", "answers.lock")
			if got := readTest(t, path+".bad"); !slices.Equal(got, test.after) {
				t.Errorf("%d bytes set aside, want %d", len(got), len(test.after))
			}
		})
	}
}
