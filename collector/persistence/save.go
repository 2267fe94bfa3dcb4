package persistence

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Saved is the result of a save.
type Saved struct {
	Size     int64  // of the file, in bytes
	SetAside string // where the file with the records of another platform is now; "" if there was none
}

// Save replaces the file by one with these records, which are answers of the platform
// with this fingerprint; sequences of any length need little memory. A file that holds
// records of another platform is set aside, not overwritten. If Save returns an error,
// the file is what it was before, or set aside, or the new one, if only its directory
// could not be synced.
func (f *File) Save(fingerprint string, records iter.Seq[*Record]) (saved Saved, err error) {
	file, err := createTemporary(f.path)
	if err != nil {
		return saved, fmt.Errorf("create file: %w", err)
	}
	holds := "" // fingerprint of what the new file holds
	size, err := encode(file, header{Fingerprint: fingerprint, SavedAt: time.Now().UnixNano()}, func(yield func(*Record) bool) {
		for record := range records {
			if holds = fingerprint; !yield(record) {
				return
			}
		}
	})
	if err == nil {
		err = f.syncFile(file)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return saved, errors.Join(fmt.Errorf("write file: %w", err), os.Remove(file.Name()))
	}
	if f.fingerprint != "" && f.fingerprint != fingerprint {
		saved.SetAside, err = f.setAside(otherPlatform(f.fingerprint))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return saved, errors.Join(err, os.Remove(file.Name()))
		}
	}
	if err := os.Rename(file.Name(), f.path); err != nil {
		return saved, errors.Join(fmt.Errorf("replace file: %w", err), os.Remove(file.Name()))
	}
	f.fingerprint, saved.Size = holds, size
	return saved, f.syncDir(filepath.Dir(f.path))
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // which cannot sync a directory
	}
	d, err := os.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}
