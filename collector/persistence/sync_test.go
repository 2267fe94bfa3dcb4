package persistence

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A save survives a power cut: the new file is on the disk before it replaces the last
// one, and the rename is when Save returns. If either cannot be made sure of, Save says
// so.
func TestSaveIsDurable(t *testing.T) {
	failed := errors.New("disk error")
	for name, test := range map[string]struct {
		fileErr, dirErr error
		replaced        bool // the last file
	}{
		"both succeed":                      {replaced: true},
		"the file cannot be synced":         {fileErr: failed},
		"the directory cannot be synced":    {dirErr: failed, replaced: true},
		"neither, and the file comes first": {fileErr: failed, dirErr: errors.New("not reached")},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "answers")
			f := openTest(t, path)
			f.saveTest(t, "platform", testRecords()...)
			last := readTest(t, path)

			var order []string
			var synced []byte
			f.syncFile = func(file *os.File) error {
				order = append(order, "file")
				if synced = readTest(t, file.Name()); !bytes.Equal(readTest(t, path), last) {
					t.Error("the last file was replaced before the new one was synced")
				}
				return errors.Join(file.Sync(), test.fileErr)
			}
			f.syncDir = func(dir string) error {
				order = append(order, "directory")
				expectFiles(t, dir, "answers", "answers.lock") // it is the right one, and renamed by now
				return errors.Join(syncDir(dir), test.dirErr)
			}
			_, err := f.Save("platform", slices.Values(testRecords()[:1]))
			if failure := errors.Join(test.fileErr, test.dirErr); (err == nil) != (failure == nil) || err != nil && !errors.Is(err, failed) {
				t.Errorf("error %v, want %v", err, failure)
			}
			want := []string{"file", "directory"}
			if test.fileErr != nil {
				want = want[:1]
			}
			if !slices.Equal(order, want) {
				t.Errorf("synced %q, want %q", order, want)
			}
			got := readTest(t, path)
			if test.replaced && (len(got) == 0 || !bytes.Equal(got, synced)) {
				t.Errorf("the file has %d bytes, of which %d were there when it was synced", len(got), len(synced))
			}
			if !test.replaced && !bytes.Equal(got, last) {
				t.Errorf("the last file of %d bytes is one of %d now", len(last), len(got))
			}
			expectFiles(t, dir, "answers", "answers.lock")
		})
	}
}

func readTest(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
