// Package persistence keeps what is known about cards in a file, so that it
// survives a restart, a crash and a full disk. It knows neither the platform nor
// the fleet: the caller says what is worth saving.
//
// A [Saver] saves regularly and at the end. The file is replaced as a whole by
// [File.Save], and is valid at any moment. It has a checksum, and is loaded as a
// whole or not at all.
package persistence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/gofrs/flock"
)

// lockTimeout is how long [Open] waits for another process: the predecessor may
// be about to end.
const lockTimeout = 5 * time.Second

// File is a file with records, which this process alone uses. Create it with
// [Open]. It is not safe for concurrent use.
type File struct {
	path        string
	lock        *flock.Flock
	fingerprint string // of the records that were loaded or saved last; "" if there were none

	// What makes a save durable; only a test has others.
	syncFile func(*os.File) error
	syncDir  func(path string) error
}

// Open locks the file, which need not exist, and removes what a crash during a save
// has left. It waits up to 5 s for another process that uses the file. An error
// means that the file could not be saved either. If path is a symbolic link to a file,
// it is that file.
func Open(ctx context.Context, path string) (*File, error) {
	path = follow(path)
	if err := check(path); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	lock := flock.New(path+lockSuffix, flock.SetPermissions(0o600))
	switch _, err := lock.TryLockContext(ctx, 50*time.Millisecond); {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%s is in use by another process: each needs a file of its own", path)
	case err != nil:
		return nil, fmt.Errorf("lock persistence file: %w", err)
	}
	f := &File{path: path, lock: lock, syncFile: (*os.File).Sync, syncDir: syncDir}
	if err := f.sweep(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// check returns an error if a file could not be saved at path, or the one that is there
// could not be read. It locks nothing.
func check(path string) error {
	for _, path := range []string{path, path + lockSuffix} {
		switch info, err := os.Stat(path); {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err == nil && !info.Mode().IsRegular():
			return fmt.Errorf("%s is no regular file: name a file, which need not exist, in a directory for it", path)
		}
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("read what was saved: %w", err)
		}
		_ = file.Close() // an error changes nothing: it was only opened
	}
	file, err := createTemporary(path)
	if err != nil {
		return fmt.Errorf("create a file beside %s: %w", path, err)
	}
	return errors.Join(file.Close(), remove(file.Name()))
}

// follow returns the path of the file that a symbolic link leads to: a rename would
// replace the link. A link to nothing is not followed.
func follow(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// Close unlocks the file. The lock file stays: another process may wait for it.
func (f *File) Close() error {
	if err := f.lock.Close(); err != nil {
		return fmt.Errorf("unlock persistence file: %w", err)
	}
	return nil
}

// String returns the path.
func (f *File) String() string { return f.path }

// lockSuffix is what the name of the lock has after the path.
const lockSuffix = ".lock"

// temporary is what the names of unfinished files have after the path.
const temporary = ".tmp-"

func createTemporary(path string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(path), filepath.Base(path)+temporary+"*")
}

// sweep removes unfinished files. With the lock held, nobody is writing any that
// matters.
func (f *File) sweep() error {
	dir := filepath.Dir(f.path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look for unfinished files: %w", err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), filepath.Base(f.path)+temporary) {
			if err := remove(filepath.Join(dir, entry.Name())); err != nil {
				return fmt.Errorf("remove unfinished file: %w", err)
			}
		}
	}
	return nil
}

// remove removes a file that need not be there any more: what one process has in
// check, another removes in sweep.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// setAside renames the file, so that the next save does not overwrite it. It
// replaces what was set aside under the same name before.
func (f *File) setAside(suffix string) (path string, err error) {
	path = f.path + suffix
	if err := os.Rename(f.path, path); err != nil {
		return "", fmt.Errorf("set file aside: %w", err)
	}
	f.fingerprint = ""
	return path, nil
}

// otherPlatform is the suffix of a file with the answers of another platform. Each
// platform has its own. It is a hash, since a file could have any text for fingerprint.
func otherPlatform(fingerprint string) string {
	return fmt.Sprintf(".platform-%016x", xxhash.Sum64String(fingerprint))
}
