package pages

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"simcard_exporter/config/cards"
)

func TestRows(t *testing.T) {
	remark := cards.Remark{
		Reason: cards.Text{English: `设备号: "<b>1</b>" has 8 characters`, Chinese: `设备号：“<b>1</b>”有 8 个字符`},
		Do:     cards.Text{English: "correct it, or delete the row", Chinese: "更正号码，或者删除该行"},
	}
	rows := []GroupRows{{"terminals", cards.Rows{
		Invalid: 1200, Unidentified: 2, Repeated: 3, Unread: 1, NotInUse: map[string]int{"库存": 12},
		First: slices.Repeat([]cards.InvalidRow{{File: "终端.xlsx", Sheet: "台账", Line: 18, Cell: "C18", Remark: remark}}, 1000),
	}}, {"live", cards.Rows{Invalid: 1, First: []cards.InvalidRow{{File: "live.csv", Line: 7, Remark: remark}}}}}
	handler := func(rows []GroupRows) http.Handler {
		return newHandler(&fixed{}, func(o *Options) { o.Rows = func() []GroupRows { return rows } })
	}

	body := serve(t, handler(rows), http.MethodGet, "/rows").Body.String()
	contains(t, body, "<h1>Rows of card files that are left out: 1201</h1>", "终端.xlsx", "台账", "C18", "&lt;b&gt;1&lt;/b&gt;&#34; has 8 characters", "correct it, or delete the row",
		"The first 1000 are shown, and there are 201 more", "Group terminals: 2 without any identifier", "3 list a card again", "12 cards are not in use (库存)", `href="/rows"`)
	if n := strings.Count(body, "<tr>"); n != 1+maxRowsShown {
		t.Errorf("%d rows", n)
	}
	body = serve(t, handler(rows[1:]), http.MethodGet, "/rows", "Accept-Language", "zh-CN").Body.String()
	contains(t, body, "台账中未采用的行：1", "live.csv", "第 7 行", "有 8 个字符", "更正号码，或者删除该行", "没有监控")
	contains(t, serve(t, handler(nil), http.MethodGet, "/rows").Body.String(), "No row is left out")
}
