package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestGlobOfUnreadableDirectory: that nothing matches there is not for want of files.
// Every such directory is named, whatever others hold.
func TestGlobOfUnreadableDirectory(t *testing.T) {
	dir := t.TempDir()
	for _, open := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(open, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"open", "closed", "shut", ".hidden"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFiles(t, map[string]string{filepath.Join(dir, name, "a.csv"): "imei\n"})
		if name != "open" {
			if err := os.Chmod(filepath.Join(dir, name), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	becomeNobody(t)
	names, err := osFiles{dir}.Glob("*/*.csv")
	if !errors.Is(err, fs.ErrPermission) || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "closed") || !strings.Contains(err.Error(), "shut") {
		t.Errorf("got %v", err)
	}
	if len(names) != 1 {
		t.Errorf("names %q", names)
	}
	if _, err := (osFiles{filepath.Join(dir, "closed")}).Glob("*.csv"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

// becomeNobody takes from root, until the test ends, the right to read everything.
// Other users keep what they have.
func becomeNobody(t *testing.T) {
	t.Helper()
	const nobody = 65534
	runtime.LockOSThread() // which alone changes its user
	// Refused to other users than root, as it should be.
	_ = syscall.Setfsuid(nobody)
	t.Cleanup(func() {
		_ = syscall.Setfsuid(os.Getuid())
		runtime.UnlockOSThread()
	})
}
