package persistence

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

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

// Whose answers a file holds is known after a restart as well: they are set aside under
// that platform's name, by a load for another one, and by the first save after a reload.
func TestOtherPlatformAfterRestart(t *testing.T) {
	for name, test := range map[string]struct {
		load, save string   // platforms
		want       []string // files besides the lock
	}{
		"the same":                   {load: "platform", save: "platform", want: []string{"answers"}},
		"another since the start":    {load: "b", save: "b", want: []string{"answers", "answers" + otherPlatform("platform")}},
		"another since a reload":     {load: "platform", save: "b", want: []string{"answers", "answers" + otherPlatform("platform")}},
		"the first one once again":   {load: "b", save: "platform", want: []string{"answers", "answers" + otherPlatform("platform")}},
		"a third one since a reload": {load: "b", save: "c", want: []string{"answers", "answers" + otherPlatform("platform")}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "answers")
			if err := os.WriteFile(path, encodeTest(t, testRecords()...), 0o600); err != nil {
				t.Fatal(err)
			}
			f := openTest(t, path)
			if _, _, err := f.loadTest(test.load); (err == nil) != (test.load == "platform") {
				t.Errorf("load: %v", err)
			}
			f.saveTest(t, test.save, testRecords()[0])
			expectFiles(t, dir, append(test.want, "answers.lock")...)
		})
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
