package inventory

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// datePattern is how dates are shown whose format leaves it to the country.
const datePattern = "yyyy-mm-dd"

// literals are the parts of a number format that stand for themselves.
var literals = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.`)

// hasDates says whether a cell of the workbook may be shown as a date or time.
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

// showDates replaces the numbers by which a workbook counts days by the dates
// that it shows.
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
