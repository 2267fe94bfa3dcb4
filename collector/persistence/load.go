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
// or holds records from a platform with another fingerprint, it sets aside, and calls
// yield for none of its records. The error then says why, and where the file is. If ctx
// is done, Load stops with ctx.Err(), and what yield got means nothing.
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
// records.
func (f *File) load(ctx context.Context, fingerprint string, yield func(*Record)) (savedAt time.Time, err error) {
	file, err := os.Open(f.path)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = file.Close() }() // an error changes nothing: it was only read
	records := 0
	h, err := decode(ctx, file, func(*Record) { records++ })
	switch {
	case err != nil:
		return time.Time{}, err
	case records == 0:
		return time.Unix(0, h.SavedAt), nil // whatever platform it is from
	}
	f.fingerprint = h.Fingerprint
	if h.Fingerprint != fingerprint {
		return time.Time{}, errOtherPlatform
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return time.Time{}, err
	}
	_, err = decode(ctx, file, yield)
	return time.Unix(0, h.SavedAt), err
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
