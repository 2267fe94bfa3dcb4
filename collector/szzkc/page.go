package szzkc

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var (
	titleTag = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	hidden   = regexp.MustCompile(`(?is)<(?:script|style)\b.*?</(?:script|style)>|<!--.*?-->`)
	anyTag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// pageText returns what a page for people says, such as 系统维护中: its title or, if it has
// none, its text. It is "" if body is no page.
func pageText(body []byte) string {
	if !bytes.HasPrefix(bytes.TrimSpace(withoutMark(body)), []byte("<")) {
		return ""
	}
	body = []byte(toUTF8(body))
	text := ""
	if m := titleTag.FindSubmatch(body); m != nil {
		text = plainText(m[1])
	}
	if text == "" {
		text = plainText(hidden.ReplaceAll(body, nil))
	}
	return cut(text, 4*maxText)
}

// toUTF8 returns a text that is in UTF-8 or in GB18030, as answers in China may be. It may break
// off inside a character.
func toUTF8(text []byte) string {
	if whole := withoutPart(text); utf8.Valid(whole) {
		return string(whole)
	}
	text, _ = simplifiedchinese.GB18030.NewDecoder().Bytes(text) // which replaces what it does not know
	return string(text)
}

// withoutPart returns a text without the part of a character in UTF-8 that it may end in.
func withoutPart(text []byte) []byte {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax); i-- {
		if utf8.RuneStart(text[i]) && !utf8.FullRune(text[i:]) {
			return text[:i]
		}
	}
	return text
}

// pageError returns the error of an answer that is a page with a text.
func pageError(text string) error { return fmt.Errorf("answer is a page: %q", text) }

// plainText returns the text of a part of a page in one line.
func plainText(page []byte) string {
	return strings.Join(strings.Fields(html.UnescapeString(string(anyTag.ReplaceAll(page, []byte(" "))))), " ")
}
