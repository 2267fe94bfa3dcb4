package persistence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// Load calls yield with each saved record, which yield must not keep, and returns when
// they were saved: the zero time if there is no file. A file that is damaged, foreign,
// changed while it is read, or holds records from a platform with another fingerprint,
// it sets aside. The error then says why, and where the file is. If ctx is done, Load
// stops with ctx.Err(). With an error, what yield got must not be used.
func (f *File) Load(ctx context.Context, fingerprint string, yield func(*Record)) (savedAt time.Time, err error) {
	savedAt, err = f.load(ctx, fingerprint, yield)
	switch {
	case ctx.Err() != nil:
		return time.Time{}, ctx.Err()
	case errors.Is(err, fs.ErrNotExist):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, f.reject(err)
	}
	return savedAt, nil
}

// load reads the file twice: once to see that it is whole, and once to yield the
// records. In between, somebody may overwrite it in place, as with a backup: only if
// the second look sees what the first one saw do the records count.
func (f *File) load(ctx context.Context, fingerprint string, yield func(*Record)) (savedAt time.Time, err error) {
	file, err := os.Open(f.path)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = file.Close() }() // an error changes nothing: it was only read
	records := 0
	first, err := decode(ctx, file, func(*Record) { records++ })
	switch {
	case err != nil:
		return time.Time{}, err
	case records == 0:
		return time.Unix(0, first.SavedAt), nil // whatever platform it is from
	}
	f.fingerprint = first.Fingerprint
	if first.Fingerprint != fingerprint {
		return time.Time{}, errOtherPlatform
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return time.Time{}, err
	}
	second, err := decode(ctx, file, yield)
	switch {
	case err != nil:
		return time.Time{}, err
	case second != first:
		return time.Time{}, errChanged
	}
	return time.Unix(0, first.SavedAt), nil
}

// reject sets the file aside. The error says why, from err, and where it is.
func (f *File) reject(err error) error {
	suffix := ".bad"
	if errors.Is(err, errOtherPlatform) {
		suffix = otherPlatform(f.fingerprint)
	}
	path, failure := f.setAside(suffix)
	if failure != nil {
		return errors.Join(err, failure)
	}
	return fmt.Errorf("%w; the file is now %s", err, path)
}
