package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"path/filepath"
	"sync"
)

// File is a configuration file that is loaded again when it has changed. It is
// safe for concurrent use.
type File struct {
	path  string
	files Files

	mu       sync.Mutex
	calls    []call // of the last load
	checksum string // of what they returned
}

// NewFile returns the file at path. Nothing is read yet.
func NewFile(path string) *File { return NewFileIn(osFiles{filepath.Dir(path)}, path) }

// NewFileIn returns the file at path in files, where those that it names are read
// too.
func NewFileIn(files Files, path string) *File { return &File{path: path, files: files} }

// Load reads and validates f and the card files that it names, and checks the
// certificates and other files that requests to the platform need. Relative paths in
// it begin at its directory. Mistakes in the files are returned as an *Error; if f
// itself cannot be read, the error is the system's. For Look, Load remembers which
// files it read, also after an error.
func (f *File) Load() (*Config, error) {
	files := &recorder{Files: f.files, sum: sha256.New()}
	cfg, err := load(f.path, files)
	f.mu.Lock()
	f.calls, f.checksum = files.calls, files.checksum()
	f.mu.Unlock()
	return cfg, err
}

// Look reads all files that the last load read or looked for. It returns a checksum
// of them, and whether any has changed since.
func (f *File) Look() (checksum string, changed bool) {
	f.mu.Lock()
	calls, loaded := f.calls, f.checksum
	f.mu.Unlock()
	files := &recorder{Files: f.files, sum: sha256.New()}
	for _, c := range calls {
		if c.isPattern {
			_, _ = files.Glob(c.name)
		} else {
			_, _ = files.ReadFile(c.name)
		}
	}
	checksum = files.checksum()
	return checksum, checksum != loaded
}

// call is one call of Files.
type call struct {
	name      string
	isPattern bool
}

// recorder notes the calls of Files, and a checksum of what they return.
type recorder struct {
	Files
	calls []call
	sum   hash.Hash
}

func (r *recorder) checksum() string { return hex.EncodeToString(r.sum.Sum(nil)) }

// Glob notes the names.
func (r *recorder) Glob(pattern string) ([]string, error) {
	names, err := r.Files.Glob(pattern)
	r.calls = append(r.calls, call{pattern, true})
	_, _ = fmt.Fprintf(r.sum, "%q %v\n", names, err)
	return names, err
}

// ReadFile notes the content, or the error.
func (r *recorder) ReadFile(name string) ([]byte, error) {
	data, err := r.Files.ReadFile(name)
	r.calls = append(r.calls, call{name, false})
	_, _ = fmt.Fprintf(r.sum, "%d %v\n", len(data), err)
	_, _ = r.sum.Write(data)
	return data, err
}
