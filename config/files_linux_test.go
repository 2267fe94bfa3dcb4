package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestGlobOfUnreadableDirectory: that nothing matches is not for want of files.
func TestGlobOfUnreadableDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(dir, 0); err != nil {
		t.Fatal(err)
	}
	becomeNobody(t)
	_, err := osFiles{dir}.Glob("*.csv")
	if !errors.Is(err, fs.ErrPermission) {
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
