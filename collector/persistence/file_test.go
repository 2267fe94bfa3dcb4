package persistence

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
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

func TestSaveAndLoad(t *testing.T) {
	dir := t.TempDir()
	f := openTest(t, filepath.Join(dir, "answers"))
	if records, savedAt, err := f.loadTest("a"); records != nil || !savedAt.IsZero() || err != nil {
		t.Errorf("no file: %v, %v, %v", records, savedAt, err)
	}
	before := time.Now()
	f.saveTest(t, "a", testRecords()...)
	f.saveTest(t, "a", testRecords()[:2]...)
	records, savedAt, err := f.loadTest("a")
	if err != nil || !reflect.DeepEqual(records, testRecords()[:2]) {
		t.Errorf("%v, %v", records, err)
	}
	if savedAt.Before(before) || savedAt.After(time.Now()) {
		t.Errorf("saved at %v", savedAt)
	}
	expectFiles(t, dir, "answers", "answers.lock")
}

// A file that cannot be loaded is set aside, and the next save writes a new one.
func TestLoadBadFile(t *testing.T) {
	whole := encodeTest(t, testRecords()...)
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"empty":     {file: nil, want: "this program did not write it: read first line: EOF; the file is now "},
		"torn":      {file: whole[:len(whole)/2], want: "it is damaged: read record: unexpected EOF; "},
		"flipped":   {file: slices.Concat(whole[:60], []byte{whole[60] ^ 4}, whole[61:]), want: "it is damaged: "},
		"zeros":     {file: make([]byte, len(whole)), want: "this program did not write it: "},
		"foreign":   {file: []byte("imei,iccid\n"), want: "this program did not write it; "},
		"newer":     {file: []byte(magic + "2\nwhatever"), want: "a newer version of this program wrote it; "},
		"two files": {file: slices.Concat(whole, whole), want: "it is damaged: checksum differs; "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "answers")
			if err := os.WriteFile(path, test.file, 0o600); err != nil {
				t.Fatal(err)
			}
			f := openTest(t, path)
			records, _, err := f.loadTest("platform")
			if records != nil || err == nil || !strings.HasPrefix(err.Error(), test.want) || !strings.HasSuffix(err.Error(), path+".bad") {
				t.Errorf("%v, %v", records, err)
			}
			f.saveTest(t, "platform")
			expectFiles(t, dir, "answers", "answers.bad", "answers.lock")
			if got, err := os.ReadFile(path + ".bad"); err != nil || !slices.Equal(got, test.file) {
				t.Errorf("set aside: %v", err)
			}
		})
	}
}

// The answers of another platform are neither loaded nor overwritten, whether it was
// another at the start or is another since a reload.
func TestOtherPlatform(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "answers")
	f := openTest(t, path)
	f.saveTest(t, "a", testRecords()[0])
	f.saveTest(t, "b", testRecords()[1])
	asideA := "answers" + otherPlatform("a")
	expectFiles(t, dir, "answers", "answers.lock", asideA)

	records, _, err := f.loadTest("c")
	if records != nil || err == nil || !strings.Contains(err.Error(), "another url or timezone") {
		t.Errorf("%v, %v", records, err)
	}
	expectFiles(t, dir, "answers.lock", asideA, "answers"+otherPlatform("b"))

	if err := os.Rename(filepath.Join(dir, asideA), path); err != nil {
		t.Fatal(err)
	}
	if records, _, err := f.loadTest("a"); err != nil || len(records) != 1 || records[0].ID != testRecords()[0].ID {
		t.Errorf("put back: %v, %v", records, err)
	}
}

// A platform that has answered nothing, as one whose url is a mistake, leaves nothing
// worth keeping. What is set aside from the right one stays, however often the mistake
// is made.
func TestOtherPlatformWithoutAnswers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "answers")
	f := openTest(t, path)
	f.saveTest(t, "a", testRecords()...)
	for _, fingerprint := range []string{"b", "a", "b"} {
		f.saveTest(t, fingerprint)
	}
	if records, savedAt, err := f.loadTest("c"); records != nil || savedAt.IsZero() || err != nil {
		t.Errorf("without answers: %v, %v, %v", records, savedAt, err)
	}
	asideA := "answers" + otherPlatform("a")
	expectFiles(t, dir, "answers", "answers.lock", asideA)
	if err := os.Rename(filepath.Join(dir, asideA), path); err != nil {
		t.Fatal(err)
	}
	if records, _, err := f.loadTest("a"); err != nil || !reflect.DeepEqual(records, testRecords()) {
		t.Errorf("put back: %v, %v", records, err)
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

// A load that is not wanted any more ends, and sets nothing aside.
func TestLoadCancelled(t *testing.T) {
	dir := t.TempDir()
	f := openTest(t, filepath.Join(dir, "answers"))
	f.saveTest(t, "platform", testRecords()...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Load(ctx, "platform", func(*Record) { t.Error("a record") }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	expectFiles(t, dir, "answers", "answers.lock")
}
