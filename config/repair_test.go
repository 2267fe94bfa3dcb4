package config

import "testing"

// TestRepairIMEI: an IMEI that kept all 15 digits comes out whole, whatever a
// spreadsheet, a form or a keyboard has made of it.
func TestRepairIMEI(t *testing.T) {
	const imei = "352019040635785"
	for _, text := range []string{
		imei, " " + imei + "\t", "'" + imei, "‘" + imei, `="` + imei + `"`,
		imei + ".", imei + ".0", imei + ".00", imei + ",00",
		"352,019,040,635,785", "352,019,040,635,785.00", "352.019.040.635.785", "352'019'040'635'785", "352,0190,4063,5785",
		"3.52019040635785E+14", "3.52019040635785E14", "3,52019040635785e+14", "3.520190406357850E+14", "3.52019040635785000E+014",
		"35-201904-063578-5", "35 201904 063578 5", "35–201904–063578–5", "352019\u00a0040635785",
		"３５２０１９０４０６３５７８５", imei + "\u200b", "\u202a" + imei + "\u202c", "\ufeff" + imei,
	} {
		if got := repairIMEI(text); got != imei {
			t.Errorf("%q became %q", text, got)
		}
	}
	for _, text := range []string{
		"3.52019E+14", "3.5201904063578E+14", "3.52019040635785E+15", "3.520190406357851E+14", "352019040635785.5",
		"352,019,040,635,78", "35201904063578", "3520190406357851", "", "IMEI", "35201904063578X", "######",
	} {
		if got := repairIMEI(text); isIMEI(got) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestRepairICCID: one that a spreadsheet has taken for a number has lost
// digits, and stays as it is.
func TestRepairICCID(t *testing.T) {
	for text, want := range map[string]string{
		"89860423191970454839":       "89860423191970454839",
		" 8986 0423 1919 7045 4839 ": "89860423191970454839",
		"8986-0423-1919-7045-4839":   "89860423191970454839",
		"'89860423191970454839":      "89860423191970454839",
		"89860423191970454839.0":     "89860423191970454839",
		"898604231919c0083314":       "898604231919c0083314",
		"８９８６０４２３１９１９Ｃ００８３３１４": "898604231919C0083314",
		"8.98604E+19":                  "8.98604E+19",
		"8.9860423191970454E+19":       "8.9860423191970454E+19",
		"89,860,423,191,970,454,839":   "89,860,423,191,970,454,839",
		"89,860,423,191,970,400,000.0": "89,860,423,191,970,400,000.0",
		"89860423191970454839.5":       "89860423191970454839.5",
	} {
		if got := repairICCID(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
