package cards

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is a text in the languages of the pages.
type Text struct{ English, Chinese string }

// Remark is what is wrong with an identifier, and what to do about it.
type Remark struct{ Reason, Do Text }

func (r *Remark) String() string {
	if r.Do == correct { // which goes without saying, but not on a page
		return r.Reason.English
	}
	return r.Reason.English + "; " + r.Do.English
}

// enterAnew is the advice when digits are lost: changing the format of the cells
// does not bring them back.
var enterAnew = Text{
	"format the column as text, enter or import the numbers again, and save or export the file again",
	"把该列设为“文本”格式，重新填写或导入号码，再保存或导出",
}

// correct is the advice for a number that is simply wrong.
var correct = Text{"correct it, or delete the row", "更正号码，或者删除该行"}

// kind is one of the kinds of identifiers that a card can have.
type kind int

const (
	kindIMEI kind = iota
	kindICCID
)

// kindOf is what there is to know of a kind.
type kindOf struct {
	name   string
	column string // its target
	is     func(text string) bool
	repair func(text string) string
	alien  func(r rune) bool // whether it cannot hold r
	form   Text
	unit   string
	length Text
}

var kinds = [...]kindOf{
	{"IMEI", "imei", isIMEI, repairIMEI, notDigit, Text{"15 digits", "15 位数字"}, "digit", Text{"15", "15"}},
	{"ICCID", "iccid", isICCID, repairICCID, notAlphanumeric, Text{"letters and digits", "字母和数字"}, "character", Text{"19 or 20", "19 或 20"}},
}

// problem says why text, which has been repaired, is not an identifier of that kind, nil
// if it is one. elsewhere is the key or column to list the other kind under.
func (k kind) problem(text, elsewhere string) *Remark {
	want, other := &kinds[k], &kinds[1-k]
	if want.is(text) {
		if k == kindIMEI && lostIMEI(text) {
			return lost(text, "ends in zeros, as a spreadsheet leaves a long number, and its last digits are lost", "末几位变成了 0，是表格软件显示长数字的结果，这些数字已丢失")
		}
		return nil
	}
	if remark := spreadsheetProblem(text); remark != nil {
		return remark
	}
	alien := strings.IndexFunc(text, want.alien)
	longer := "0" + text
	switch {
	case other.is(text):
		return &Remark{Text{text + " is an " + other.name, text + " 是 " + other.name}, Text{"list it under " + elsewhere, "填到 " + elsewhere + " 列"}}
	case alien >= 0:
		r, _ := utf8.DecodeRuneInString(text[alien:])
		return &Remark{
			Text{fmt.Sprintf("%s holds %q, and an %s is %s", Quote(text), r, want.name, want.form.English), fmt.Sprintf("%s 中有 %q，%s 应为%s", Quote(text), r, want.name, want.form.Chinese)},
			correct,
		}
	case k == kindICCID && isICCID(swapped(text)):
		return &Remark{
			Text{Quote(text) + " has its digits swapped in pairs, as a card stores them", Quote(text) + " 的数字两两颠倒，是卡内存储的顺序"},
			Text{"it is probably " + swapped(text), "应该是 " + swapped(text)},
		}
	case k == kindICCID && (len(text) == 19 || len(text) == 20):
		return &Remark{Text{Quote(text) + " does not begin with 89, as every ICCID does", Quote(text) + " 不以 89 开头，不是 ICCID"}, correct}
	case k == kindIMEI && isIMEI(longer) && longer[1] == '1' && hasCheckDigit(longer): // of those that begin with 0, all do with 01
		return &Remark{
			Text{Quote(text) + " has 14 digits, and an IMEI has 15: a spreadsheet drops a leading 0", Quote(text) + " 只有 14 位，IMEI 有 15 位：表格软件会去掉开头的 0"},
			Text{"it is probably " + longer, "应该是 " + longer},
		}
	}
	return &Remark{
		Text{
			fmt.Sprintf("%s has %s, and an %s has %s", Quote(text), count(len(text), want.unit), want.name, want.length.English),
			fmt.Sprintf("%s 有 %d 位，%s 应有 %s 位", Quote(text), len(text), want.name, want.length.Chinese),
		},
		correct,
	}
}

func isIMEI(text string) bool { return len(text) == 15 && isDigits(text) }

func isICCID(text string) bool {
	return (len(text) == 19 || len(text) == 20) && strings.HasPrefix(text, "89") && isAlphanumeric(text)
}

func isDigits(text string) bool { return !strings.ContainsFunc(text, notDigit) }

func isAlphanumeric(text string) bool { return !strings.ContainsFunc(text, notAlphanumeric) }

func notDigit(r rune) bool { return r < '0' || r > '9' }

// notAlphanumeric reports whether r is anything but an ASCII letter or digit.
func notAlphanumeric(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// lostIMEI reports whether an IMEI has lost digits: 3.52019E+14, written out again, ends in
// nine zeros. The first device of a type may end in seven, with the right check digit; zeros
// alone stand for a device that nobody knows.
func lostIMEI(imei string) bool {
	zeros := 15 - len(strings.TrimRight(imei, "0"))
	return zeros >= 8 && zeros < 15 || zeros >= 5 && !hasCheckDigit(imei)
}

// isForeign reports whether 15 digits are probably no IMEI but another number, such as an
// IMSI or a merchant's: neither the check digit nor the body that would have assigned the
// type is right (GSMA TS.06).
func isForeign(imei string) bool {
	return !hasCheckDigit(imei) && !slices.Contains(bodies, imei[:2])
}

// bodies are the first digits of IMEIs, by the body that assigned the type.
var bodies = []string{"00", "01", "10", "30", "33", "35", "44", "45", "49", "50", "51", "52", "53", "54", "86", "91", "98", "99"}

// swapped returns a text with each two characters swapped.
func swapped(text string) string {
	pairs := []byte(text)
	for i := 1; i < len(pairs); i += 2 {
		pairs[i-1], pairs[i] = pairs[i], pairs[i-1]
	}
	return string(pairs)
}

// spreadsheetProblem says what a spreadsheet has done to a number that lost digits,
// nil if nothing shows.
func spreadsheetProblem(text string) *Remark {
	switch {
	case text == "":
		return &Remark{Text{`"" is empty`, "号码为空"}, correct}
	case strings.HasPrefix(text, "##"):
		return &Remark{
			Text{Quote(text) + " is what a spreadsheet shows of a number in a column that is too narrow", Quote(text) + " 是列宽不够时显示的内容"},
			Text{"make it wider, and export again", "把列拉宽，重新导出"},
		}
	case strings.HasPrefix(text, "#"):
		return &Remark{Text{Quote(text) + " is the error of a formula", Quote(text) + " 是公式的错误值"}, Text{"mend the formula, or enter the number itself", "修正公式，或者直接填写号码"}}
	case withExponent.MatchString(text):
		return lost(text, "is what a spreadsheet makes of a long number, and its last digits are lost", "是表格软件显示的长数字，末几位已丢失")
	case withDecimals.MatchString(text), withSeparators.MatchString(text):
		return lost(text, "has decimals or thousands separators: a spreadsheet took it for a number, and kept only 15 digits", "带有小数点或千分位：表格软件把它当作数字，只保留了 15 位")
	}
	return nil
}

// lost is a remark on an identifier whose digits cannot be restored.
func lost(text, english, chinese string) *Remark {
	return &Remark{Text{Quote(text) + " " + english, Quote(text) + " " + chinese}, enterAnew}
}

// hasCheckDigit reports whether the last of the 15 digits of an IMEI is its check digit.
func hasCheckDigit(imei string) bool { return imei[14] == luhnDigit(imei) }

// luhnDigit returns the check digit of an IMEI, computed from its first 14 digits.
func luhnDigit(imei string) byte {
	sum := 0
	for i := range 14 {
		digit := int(imei[i] - '0')
		if i%2 == 1 {
			digit *= 2
		}
		sum += digit/10 + digit%10
	}
	return byte('0' + (10-sum%10)%10)
}

// count returns a number of things in words: 1 row, 2 rows.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
