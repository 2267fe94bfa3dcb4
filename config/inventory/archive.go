package inventory

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/url"
	"path"
	"strings"
)

const (
	// maxUnpacked limits the bytes that are unpacked of a workbook. A sheet counts twice,
	// since it is looked through for merged cells first.
	maxUnpacked = 1 << 30

	// maxElements limits the elements of a workbook: more do not fit in half as many bytes,
	// unless they are empty.
	maxElements = 30_000_000

	// maxRelations limits what one part refers to.
	maxRelations = 100_000

	// maxToken limits the bytes of a tag, a comment or a text, give or take a buffer.
	maxToken = 8 << 20
)

var errPacked = errors.New("it cannot be unpacked")

var errTooLarge = errors.New("it is too large: divide the workbook, or save the table as .csv")

// archive is the zip file that a workbook is. It must not be used by several goroutines
// at once.
type archive struct {
	files map[string]*zip.File // by the canonical names of the parts
	left  int64                // bytes that may still be unpacked

	elements int   // so far
	token    int64 // bytes since the last one
}

func openArchive(data []byte) (*archive, error) {
	reader, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	a := &archive{files: make(map[string]*zip.File, len(reader.File)), left: maxUnpacked}
	for _, f := range reader.File {
		name := canonical(f.Name)
		if a.files[name] != nil && !f.FileInfo().IsDir() {
			return nil, errors.New("it has two files " + name)
		}
		a.files[name] = f
	}
	return a, nil
}

// canonical returns the form in which names of parts are compared: programs write
// /xl/Workbook.xml, xl\workbook.xml and xl/work%62ook.xml.
func canonical(name string) string {
	if unescaped, err := url.PathUnescape(name); err == nil {
		name = unescaped
	}
	name = path.Clean("/" + strings.ReplaceAll(name, `\`, "/"))
	return strings.ToLower(name[1:])
}

// relation is what one part says of another.
type relation struct {
	id     string
	kind   string // the end of its type, which strict files share with others
	target string // the canonical name of a part
}

// relations returns what a part refers to; that of the whole archive is "".
func (a *archive) relations(of string) ([]relation, error) {
	dir, base := path.Split(of)
	name := dir + "_rels/" + base + ".rels"
	if a.files[name] == nil {
		return nil, nil
	}
	var all []relation
	err := a.read(name, func(p *part, e element) error {
		if e.begins && p.at("Relationships", "Relationship") && e.attr("TargetMode") != "External" {
			if len(all) == maxRelations {
				return errTooLarge
			}
			target := strings.ReplaceAll(e.attr("Target"), `\`, "/")
			if !strings.HasPrefix(target, "/") {
				target = dir + target
			}
			kind := e.attr("Type")
			all = append(all, relation{e.attr("Id"), kind[strings.LastIndex(kind, "/")+1:], canonical(target)})
		}
		return nil
	})
	return all, err
}

// unpack opens a part as UTF-8 without a byte-order mark. A part may be UTF-16.
func (a *archive) unpack(name string) (text *bufio.Reader, isUTF16 bool, file io.Closer, err error) {
	f := a.files[name]
	if f == nil {
		return nil, false, nil, errors.New("it is missing")
	}
	if f.Flags&1 != 0 {
		return nil, false, nil, errors.New("it has a password")
	}
	packed, err := f.Open()
	if err != nil {
		return nil, false, nil, errPacked
	}
	a.token = 0
	text = bufio.NewReaderSize(&metered{packed, a}, 1<<16)
	start, _ := text.Peek(3) // what is shorter is no XML
	switch {
	case bytes.HasPrefix(start, []byte("\ufeff")):
		_, _ = text.Discard(3)
	default:
		if e := utf16(start[:len(start)/2*2]); e != nil {
			return bufio.NewReaderSize(e.NewDecoder().Reader(text), 1<<16), true, packed, nil
		}
	}
	return text, false, packed, nil
}

// metered counts what is unpacked.
type metered struct {
	io.Reader
	archive *archive
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	m.archive.left -= int64(n)
	m.archive.token += int64(n)
	switch {
	case m.archive.left < 0:
		return 0, errTooLarge
	case m.archive.token > maxToken:
		return 0, errLongText
	case err != nil && !errors.Is(err, io.EOF):
		return n, errPacked
	}
	return n, err
}
