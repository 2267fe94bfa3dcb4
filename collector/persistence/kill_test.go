package persistence

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

var kills = flag.Int("persistence.kills", 60, "how often TestKill kills a process that saves")

const (
	// saveForever is the environment variable that makes TestKill the process that is
	// killed. It holds the path.
	saveForever    = "TEST_SAVE_FOREVER"
	recordsPerSave = 5000
)

// TestKill kills a process that saves without a break. What it leaves is a whole file
// each time, and not older than the last save that it reported.
func TestKill(t *testing.T) {
	if path := os.Getenv(saveForever); path != "" {
		saveUntilKilled(t, path)
	}
	const lanes = 4
	var unfinished atomic.Int64
	t.Run("lanes", func(t *testing.T) {
		for lane := range lanes {
			t.Run(strconv.Itoa(lane), func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "answers")
				for range *kills / lanes {
					reported := saveAndKill(t, path)
					left, err := filepath.Glob(path + temporary + "*")
					if err != nil {
						t.Fatal(err)
					}
					unfinished.Add(int64(len(left)))
					expectWhole(t, path, reported)
				}
			})
		}
	})
	t.Logf("%d kills, %d of them during a save", *kills, unfinished.Load())
	if *kills >= 50 && unfinished.Load() < int64(*kills/10) {
		t.Error("too few kills fell into a save for the test to mean anything")
	}
}

// expectWhole loads what a killed process has left: all of the reported save, or of a
// later one.
func expectWhole(t *testing.T, path string, reported int64) {
	t.Helper()
	f, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	expectFiles(t, filepath.Dir(path), "answers", "answers.lock")
	n, saved := 0, int64(0)
	_, err = f.Load(t.Context(), "platform", func(r *Record) {
		if n++; n > 1 && r.Answer.At != saved {
			t.Errorf("record %d is of save %d, the first of %d", n, r.Answer.At, saved)
		}
		saved = r.Answer.At
	})
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if n != recordsPerSave || saved < reported {
		t.Fatalf("%d records of save %d, at least %d is wanted", n, saved, reported)
	}
}

// saveAndKill starts a process that saves, kills it at a random moment after the first
// save, and returns the number of the last save that it reported.
func saveAndKill(t *testing.T, path string) (reported int64) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
	child.Env = append(os.Environ(), saveForever+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			t.Fatalf("child: %s", lines.Text())
		}
		if reported == 0 {
			time.AfterFunc(rand.N(30*time.Millisecond), func() { _ = child.Process.Kill() })
		}
		reported = n
	}
	_ = child.Wait() // says that it was killed
	return reported
}

// saveUntilKilled saves again and again, numbers the saves by the time, and reports
// each that has ended.
func saveUntilKilled(t *testing.T, path string) {
	f, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for {
		number := time.Now().UnixNano()
		if _, err := f.Save("platform", numbered(number)); err != nil {
			t.Fatal(err)
		}
		fmt.Println(number)
	}
}

func numbered(number int64) iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		for i := range recordsPerSave {
			if !yield(&Record{ID: strconv.Itoa(i), Answer: &Answer{At: number}}) {
				return
			}
		}
	}
}
