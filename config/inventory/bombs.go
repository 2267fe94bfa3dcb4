package inventory

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
)

const (
	// maxElements is how many XML elements a part of a workbook can have that is
	// read as a whole. excelize takes 250 bytes for each: within maxUnpacked,
	// shared texts took 5 GB.
	maxElements = 4_000_000

	// maxSmallElements is the same for parts of which no workbook has many.
	maxSmallElements = 500_000
)

// checkElements returns an error if a workbook has a part that would take too much
// memory. Sheets are read row by row.
func checkElements(data []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	for _, f := range archive.File {
		name, limit := strings.ToLower(f.Name), maxSmallElements
		switch {
		case strings.HasPrefix(name, "xl/worksheets/sheet"), strings.HasPrefix(name, "xl/pivot"), strings.HasPrefix(name, "xl/media/"):
			continue
		case strings.HasSuffix(name, "sharedstrings.xml"), strings.HasSuffix(name, "calcchain.xml"):
			limit = maxElements
		}
		if f.UncompressedSize64 < uint64(limit) { // the usual case: fewer bytes than that
			continue
		}
		n, err := countElements(f)
		if err != nil {
			return err
		}
		if n > limit {
			return errors.New(f.Name + " has too many elements: divide the workbook, or save the table as .csv")
		}
	}
	return nil
}

func countElements(f *zip.File) (int, error) {
	part, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer func() { _ = part.Close() }() // which was opened for reading
	n, buffer := 0, make([]byte, 1<<16)
	for {
		read, err := part.Read(buffer)
		n += bytes.Count(buffer[:read], []byte("<")) - bytes.Count(buffer[:read], []byte("</"))
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return 0, err
		}
	}
}
