package inventory

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

const (
	byteOrderMark  = "\ufeff"
	guessedGB18030 = "the file is not UTF-8 and was read as GB18030, as Excel in China saves CSV; if names look wrong, save it as \"CSV UTF-8\""
)

// toUTF8 converts a text to UTF-8 without a byte-order mark. It returns a warning
// if the encoding is a guess.
func toUTF8(data []byte) (text []byte, warning string, err *Error) {
	if e := utf16(data); e != nil {
		text, failed := e.NewDecoder().Bytes(data)
		if failed != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return nil, "", &Error{Text: "the file is UTF-16 that is damaged: save or copy it again"}
		}
		return text, "", nil
	}
	data, marked := bytes.CutPrefix(data, []byte(byteOrderMark))
	if utf8.Valid(data) {
		return data, "", nil
	}
	firstInvalid, invalid, valid := countLines(data)
	if marked {
		return nil, "", &Error{Place{Line: firstInvalid}, "the line is not UTF-8, though the file begins as such: it is damaged, or put together from several; save it as \"CSV UTF-8\""}
	}
	// Hardly a line of Chinese in GB18030 is valid UTF-8 by chance.
	if valid > invalid/1000 {
		return nil, "", &Error{Place{Line: firstInvalid}, "the line is not UTF-8, though others are: the file may be put together from several; save it as \"CSV UTF-8\""}
	}
	text, failed := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if failed != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return nil, "", &Error{Place{Line: firstInvalid}, "the file is neither UTF-8 nor UTF-16 nor GB18030: in Excel or WPS, save it as .xlsx or as \"CSV UTF-8\""}
	}
	return text, guessedGB18030, nil
}

// utf16 returns the encoding if the text is UTF-16, nil otherwise: it has a byte-order
// mark, or many zero bytes, nearly all of them in one half of its characters.
func utf16(data []byte) encoding.Encoding {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	var zeros [2]int // at even places, and at odd ones
	sample := data[:min(len(data), 4096)]
	for i, b := range sample {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch few := len(sample) / 8; {
	case zeros[1] > few && zeros[0] < few/8+1:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros[0] > few && zeros[1] < few/8+1:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// countLines counts the lines that are invalid UTF-8, and those that are valid
// and hold two characters of three bytes or more, as Chinese ones are. Two bytes of
// GB18030, such as 小, are often a character of UTF-8 by chance.
func countLines(data []byte) (firstInvalid, invalid, valid int) {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		switch {
		case !utf8.Valid(text):
			invalid++
			if firstInvalid == 0 {
				firstInvalid = line
			}
		case len(text)-utf8.RuneCount(text) > 3 && bytes.ContainsFunc(text, func(r rune) bool { return utf8.RuneLen(r) > 2 }):
			valid++
		}
	}
	return firstInvalid, invalid, valid
}

// InvalidUTF8 returns the number of the first line that is not UTF-8, or 0.
func InvalidUTF8(data []byte) int {
	line, _, _ := countLines(data)
	return line
}
