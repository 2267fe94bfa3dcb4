package persistence

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func openTest(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *File) saveTest(t testing.TB, fingerprint string, records ...*Record) {
	t.Helper()
	if _, err := f.Save(fingerprint, slices.Values(records)); err != nil {
		t.Fatal(err)
	}
}

func (f *File) loadTest(fingerprint string) (records []*Record, savedAt time.Time, err error) {
	savedAt, err = f.Load(context.Background(), fingerprint, func(r *Record) { records = append(records, r) })
	return records, savedAt, err
}

// expectFiles compares the names in a directory.
func expectFiles(t testing.TB, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]string, len(entries))
	for i, entry := range entries {
		got[i] = entry.Name()
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

// A second process waits 5 s for the first, and then says why it cannot start.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answers")
	synctest.Test(t, func(t *testing.T) {
		first := openTest(t, path)
		start := time.Now()
		if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), path+" is in use by another process") {
			t.Errorf("second: %v", err)
		}
		if waited := time.Since(start); waited != lockTimeout {
			t.Errorf("waited %v", waited)
		}
		time.AfterFunc(lockTimeout/2, func() { _ = first.Close() })
		openTest(t, path)
	})
}

// What a crash has left is removed, and nothing else is.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"answers.tmp-1", "answers.tmp-2", "answers.bad", "answers", "other.tmp-3"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	openTest(t, filepath.Join(dir, "answers"))
	expectFiles(t, dir, "answers", "answers.bad", "answers.lock", "other.tmp-3")
}

// A check of one process and the start of another do not fail each other.
func TestCheckDuringOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answers")
	var checks sync.WaitGroup
	for range 2 {
		checks.Go(func() {
			for range 500 {
				if err := check(path); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 500 {
		f, err := Open(t.Context(), path)
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Error(err)
			break
		}
	}
	checks.Wait()
}

// Where the path is a symbolic link, as to a volume, the file behind it is replaced, and
// not the link. Processes that come by different paths know of each other.
func TestSymbolicLink(t *testing.T) {
	volume, dir := t.TempDir(), t.TempDir()
	path, link := filepath.Join(volume, "answers"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(path, encodeTest(t, testRecords()...), 0o600), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	f := openTest(t, link)
	if records, _, err := f.loadTest("platform"); err != nil || len(records) != len(testRecords()) {
		t.Errorf("%v, %v", records, err)
	}
	f.saveTest(t, "platform", testRecords()[0])
	expectFiles(t, dir, "link")
	expectFiles(t, volume, "answers", "answers.lock")
	if file, err := os.ReadFile(path); err != nil || len(file) >= len(encodeTest(t, testRecords()...)) {
		t.Errorf("not replaced: %d bytes, %v", len(file), err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "locked.lock"), 0o700); err != nil { // nor may the lock be anything else
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                                 "is no regular file",
		filepath.Join(dir, "no", "answers"): "no such file or directory",
		"/proc/answers":                     "create a file beside /proc/answers: ",
	} {
		if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	expectFiles(t, dir, "locked.lock")
}
