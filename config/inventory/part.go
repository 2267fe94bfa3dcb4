package inventory

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxDepth limits how deep elements of a part are nested.
	maxDepth = 100

	// maxText limits the characters of a text, as spreadsheet programs do.
	maxText = 32_767
)

var errLongText = errors.New("a text has more than 32,767 characters, which no spreadsheet program can hold")

// part is a part of a workbook while it is read.
type part struct {
	path []string // of the elements that are open, without prefixes
	text []byte   // that a reader of the part collects
}

// element is the beginning or the end of an element, or a text in it.
type element struct {
	begins, ends bool
	attributes   []xml.Attr
	text         []byte // until the next element
}

// attr returns an attribute without a prefix, "" if there is none.
func (e element) attr(name string) string {
	for _, a := range e.attributes {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// relationID returns the attribute r:id.
func (e element) relationID() string {
	for _, a := range e.attributes {
		if a.Name.Local == "id" && strings.HasSuffix(a.Name.Space, "/relationships") {
			return a.Value
		}
	}
	return ""
}

// at reports whether the elements that are open are these.
func (p *part) at(path ...string) bool { return slices.Equal(p.path, path) }

// collect appends a text to p.text.
func (p *part) collect(text []byte) error {
	if p.text = append(p.text, text...); len(p.text) > maxText && utf8.RuneCount(p.text) > maxText {
		return errLongText
	}
	return nil
}

// read calls visit for all of a part, or returns an error: a part ends with its root
// element, and what is unpacked has the right checksum.
func (a *archive) read(name string, visit func(*part, element) error) error {
	text, isUTF16, file, err := a.unpack(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // which was opened for reading
	p, decoder := &part{}, xml.NewDecoder(text)
	decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		if isUTF16 && strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return input, nil // decoded already
		}
		return nil, errors.New("it must be UTF-8")
	}
	for hasRoot := false; ; {
		token, err := decoder.Token()
		a.token = 0
		switch {
		case errors.Is(err, io.EOF) && hasRoot:
			return nil
		case errors.Is(err, io.EOF):
			return errors.New("it is empty")
		case err != nil:
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(p.path) == 0 && hasRoot {
				return errors.New("something follows its end")
			} else if len(p.path) == maxDepth {
				return errors.New("its elements are nested too deep")
			}
			if a.elements++; a.elements > maxElements {
				return errTooLarge
			}
			hasRoot = true
			p.path = append(p.path, token.Name.Local)
			err = visit(p, element{begins: true, attributes: token.Attr})
		case xml.EndElement:
			err = visit(p, element{ends: true})
			p.path = p.path[:len(p.path)-1]
		case xml.CharData:
			switch {
			case len(p.path) == 0 && len(bytes.TrimSpace(token)) > 0:
				return errors.New("there is text outside its root element")
			case isUTF16 && bytes.ContainsRune(token, utf8.RuneError): // as the library leaves it
				return errors.New("its UTF-16 is damaged")
			case len(p.path) > 0:
				err = visit(p, element{text: token})
			}
		case xml.Directive:
			return errors.New("it has a document type, which no workbook has")
		}
		if err != nil {
			return err
		}
	}
}

// reasonOf returns the words of an error about a part, without the line, which means
// nothing where all of a sheet is one line, and what to do.
func reasonOf(err error) string {
	if errors.Is(err, errTooLarge) {
		return err.Error()
	}
	reason := []rune(strings.TrimPrefix(err.Error(), "xml: "))
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) {
		reason = []rune("its XML is damaged: " + syntax.Msg)
	}
	return string(reason[:min(len(reason), 120)]) + "; open it in Excel, WPS or LibreOffice, and save it again"
}
