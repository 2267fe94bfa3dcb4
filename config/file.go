package config

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
)

// File is a configuration file that is loaded again when it has changed. It is
// safe for concurrent use.
type File struct {
	path  string
	files Files

	mu     sync.Mutex
	loaded lookups // of the last load
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
	files := &recorder{Files: f.files, seen: make(lookups)}
	cfg, err := load(f.path, files)
	f.mu.Lock()
	f.loaded = files.seen
	f.mu.Unlock()
	return cfg, err
}

// Look reads all files that the last load read or looked for. It returns a checksum
// of them, and whether any has changed since.
func (f *File) Look() (checksum string, changed bool) {
	f.mu.Lock()
	loaded := f.loaded
	f.mu.Unlock()
	files := &recorder{Files: f.files, seen: make(lookups)}
	for l := range loaded {
		if l.isPattern {
			_, _ = files.Glob(l.name)
		} else {
			_, _ = files.ReadFile(l.name)
		}
	}
	return files.seen.checksum(), !maps.Equal(files.seen, loaded)
}

// lookup is one call of Files.
type lookup struct {
	name      string
	isPattern bool
}

// lookups are the checksums of what the calls returned.
type lookups map[lookup][sha256.Size]byte

// checksum relies on fmt's order of a map, which is that of its keys.
func (l lookups) checksum() string { return fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, l))) }

// recorder notes the calls of Files.
type recorder struct {
	Files
	seen lookups
}

// Glob notes the names.
func (r *recorder) Glob(pattern string) ([]string, error) {
	names, err := r.Files.Glob(pattern)
	r.seen[lookup{pattern, true}] = sha256.Sum256(fmt.Appendf(nil, "%q %v", names, err))
	return names, err
}

// ReadFile notes the content, or the error.
func (r *recorder) ReadFile(name string) ([]byte, error) {
	data, err := r.Files.ReadFile(name)
	sum := sha256.Sum256(data)
	if err != nil {
		sum = sha256.Sum256([]byte(err.Error()))
	}
	r.seen[lookup{name, false}] = sum
	return data, err
}
