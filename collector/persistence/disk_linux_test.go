package persistence

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// onSmallDisk runs the rest of a test in a process of its own, on a file system of
// 256 KiB at the returned directory. In the test's own process it returns "" when
// that has ended. It needs no root: the process is root in a namespace.
func onSmallDisk(t *testing.T) (dir string) {
	t.Helper()
	const inside = "TEST_SMALL_DISK"
	if dir := os.Getenv(inside); dir != "" {
		mount(t, dir, 0)
		return dir
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), inside+"="+t.TempDir())
	child.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := child.CombinedOutput()
	t.Logf("%s", out)
	switch {
	case errors.Is(err, syscall.EPERM):
		t.Skip(forbidden)
	case err != nil:
		t.Fatal(err)
	}
	return ""
}

const forbidden = "the kernel lets nobody but root mount a file system, as in a container without CAP_SYS_ADMIN, or where kernel.apparmor_restrict_unprivileged_userns is 1"

func mount(t *testing.T, dir string, flags uintptr) {
	t.Helper()
	switch err := syscall.Mount("none", dir, "tmpfs", flags, "size=256k"); {
	case errors.Is(err, syscall.EPERM) && flags == 0:
		t.Skip(forbidden)
	case err != nil:
		t.Fatalf("mount: %v", err)
	}
}

// On a full disk, a save fails, and the last file and nothing else is there. When
// there is space again, the next one succeeds.
func TestFullDisk(t *testing.T) {
	dir := onSmallDisk(t)
	if dir == "" {
		return
	}
	f := openTest(t, filepath.Join(dir, "answers"))
	f.saveTest(t, "platform", testRecords()...)
	for range 3 {
		if _, err := f.Save("platform", manyRecords(10_000)); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("10,000 records on 256 KiB: %v", err)
		}
		expectFiles(t, dir, "answers", "answers.lock")
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("ballast: %v", err)
	}
	if _, err := f.Save("another", slices.Values(testRecords())); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("no byte left: %v", err)
	}
	records, _, err := f.loadTest("platform")
	if err != nil || !reflect.DeepEqual(records, testRecords()) {
		t.Errorf("loaded %v, %v", records, err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	f.saveTest(t, "platform", testRecords()[0])
	if records, _, err := f.loadTest("platform"); err != nil || len(records) != 1 {
		t.Errorf("with space again: %v, %v", records, err)
	}
}

// A disk that is read-only is an error at a start. One that becomes so, as Linux does
// after an error of the device, makes saves fail and does not keep a file from being
// loaded.
func TestReadOnlyDisk(t *testing.T) {
	dir := onSmallDisk(t)
	if dir == "" {
		return
	}
	path := filepath.Join(dir, "answers")
	f := openTest(t, path)
	f.saveTest(t, "platform", testRecords()...)
	mount(t, dir, syscall.MS_REMOUNT|syscall.MS_RDONLY)
	if _, err := f.Save("platform", slices.Values(testRecords()[:1])); !errors.Is(err, syscall.EROFS) {
		t.Errorf("save: %v", err)
	}
	if records, _, err := f.loadTest("platform"); err != nil || len(records) != len(testRecords()) {
		t.Errorf("%v, %v", records, err)
	}
	if _, _, err := f.loadTest("another"); err == nil || !strings.Contains(err.Error(), "another url or timezone") || !errors.Is(err, syscall.EROFS) {
		t.Errorf("another platform's: %v", err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), "create a file beside "+path) {
		t.Errorf("open: %v", err)
	}
}
