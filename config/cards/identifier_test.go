package cards

import "testing"

// TestNotes: what people write where an identifier is expected is no bad identifier.
func TestNotes(t *testing.T) {
	for _, text := range []string{"待补", "已销户", "合计：3000 台", "制表：李娜 13800138000", "更新日期：2026-11-01", "TBD", "pending", "未装机", "共12台", "?"} {
		if !isNote(text) {
			t.Errorf("%q is taken for an identifier", text)
		}
	}
	for _, text := range []string{
		"352019040635785", "35", "3.52019E+14", "######", "#REF!", "352019040635785（坏）", "IMEI:35201904063578", "8986-0423-1919-7045-4839", "35201904063578X", "８９８６０４２３１９１９７０４５４８３９",
	} {
		if isNote(text) {
			t.Errorf("%q is taken for a note", text)
		}
	}
}

// TestCleanLabel: what keeps a number text is no part of a label, nor is what nobody sees.
func TestCleanLabel(t *testing.T) {
	for text, want := range map[string]string{
		`="0012店"`: "0012店", "'0013": "0013", "'老店'": "'老店'", `="`: `="`, "a\x1fb\x07": "ab", "\u200b店\ufeff": "店", "一\n二": "一\n二", "👨\u200d👩": "👨\u200d👩",
	} {
		if got := cleanLabel(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// TestOtherNumbers: 15 digits that are no IMEI, and those that lost some.
func TestOtherNumbers(t *testing.T) {
	for text, want := range map[string]struct{ isForeign, isLost bool }{
		"352019040635785": {}, "352019040635784": {}, "460044352904839": {isForeign: true}, "898333054000001": {isForeign: true},
		"352019000000000": {isLost: true}, "352021000000000": {isLost: true}, "000000000000000": {}, "352019040000000": {isLost: true}, "868120050000007": {},
	} {
		if isForeign(text) != want.isForeign || lostIMEI(text) != want.isLost {
			t.Errorf("%s: another number %t, lost digits %t", text, isForeign(text), lostIMEI(text))
		}
	}
	if remark := kindICCID.problem(swapped("89860423191970454839"), "imei"); remark == nil || remark.Do.Chinese != "应该是 89860423191970454839" {
		t.Errorf("got %+v", remark)
	}
}
