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

// Save replaces the file by one with these records, which the platform with a
// fingerprint has answered; sequences of any length need little memory. It returns
// the size in bytes. One that holds records of another platform is set aside, not
// overwritten. If it returns an error, the file is what it was before, or set aside, or
// the new one, if only its directory could not be synced.
func (f *File) Save(fingerprint string, records iter.Seq[*Record]) (size int64, err error) {
	file, err := createTemporary(f.path)
	if err != nil {
		return 0, fmt.Errorf("create file: %w", err)
	}
	holds := "" // fingerprint of what the new file holds
	size, err = encode(file, header{Fingerprint: fingerprint, SavedAt: time.Now().UnixNano()}, func(yield func(*Record) bool) {
		for record := range records {
			if holds = fingerprint; !yield(record) {
				return
			}
		}
	})
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return 0, errors.Join(fmt.Errorf("write file: %w", err), os.Remove(file.Name()))
	}
	if f.fingerprint != "" && f.fingerprint != fingerprint {
		if _, err := f.setAside(otherPlatform(f.fingerprint)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, errors.Join(err, os.Remove(file.Name()))
		}
	}
	if err := os.Rename(file.Name(), f.path); err != nil {
		return 0, errors.Join(fmt.Errorf("replace file: %w", err), os.Remove(file.Name()))
	}
	f.fingerprint = holds
	return size, syncDir(filepath.Dir(f.path))
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
