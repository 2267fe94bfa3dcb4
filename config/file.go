package config

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
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

// NewFileIn returns the file that files call path, as they have those that it
// names.
func NewFileIn(files Files, path string) *File { return &File{path: path, files: files} }

// Load is [Load], and remembers what it has read, also if that had mistakes.
func (f *File) Load() (*Config, error) {
	files := &recorder{Files: f.files, seen: make(lookups)}
	cfg, err := load(f.path, files)
	f.mu.Lock()
	f.loaded = files.seen
	f.mu.Unlock()
	return cfg, err
}

// Look reads all files that the last load has read or looked for, and returns a
// checksum of them, and whether any differs from what was loaded.
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

// lookup is a question to the file system.
type lookup struct {
	name      string
	isPattern bool
}

// lookups are the answers' checksums.
type lookups map[lookup][sha256.Size]byte

func (l lookups) checksum() string {
	var lines []string
	for question, answer := range l {
		lines = append(lines, fmt.Sprintf("%q %v %x", question.name, question.isPattern, answer))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, lines)))
}

// recorder notes the answers of Files.
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

// ReadFile notes the content, or that there is none.
func (r *recorder) ReadFile(name string) ([]byte, error) {
	data, err := r.Files.ReadFile(name)
	sum := sha256.Sum256(data)
	if err != nil {
		sum = sha256.Sum256([]byte(err.Error()))
	}
	r.seen[lookup{name, false}] = sum
	return data, err
}
