package inventory

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// datePattern is the form of dates whose format depends on the country.
const datePattern = "yyyy-mm-dd"

// literals matches the parts of a number format that hold no placeholders.
var literals = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.`)

// hasDates reports whether a workbook has a cell style for dates or times.
func hasDates(book *excelize.File) bool {
	if book.Styles == nil || book.Styles.CellXfs == nil {
		return false
	}
	dates := make(map[int]bool) // by number of the format
	if book.Styles.NumFmts != nil {
		for _, f := range book.Styles.NumFmts.NumFmt {
			code := literals.ReplaceAllString(strings.ToLower(f.FormatCode), "")
			dates[f.NumFmtID] = strings.ContainsAny(code, "ydhs")
		}
	}
	for _, style := range book.Styles.CellXfs.Xf {
		if style.NumFmtID == nil {
			continue
		}
		// ECMA-376, 18.8.30: formats that need no code, East Asian ones included.
		switch id := *style.NumFmtID; {
		case dates[id], 14 <= id && id <= 22, 27 <= id && id <= 36, 45 <= id && id <= 47, 50 <= id && id <= 58:
			return true
		}
	}
	return false
}

// showDates replaces the numbers as which a workbook stores dates by the dates that
// it shows.
func showDates(cells, shown []string) {
	for i := range min(len(cells), len(shown)) {
		if cells[i] == shown[i] || !strings.ContainsAny(shown[i], "-/:年月") {
			continue
		}
		if _, err := strconv.ParseFloat(cells[i], 64); err == nil {
			cells[i] = shown[i]
		}
	}
}
