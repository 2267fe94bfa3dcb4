package cards

import (
	"strings"
	"testing"
)

func TestIdentify(t *testing.T) {
	for text, want := range map[string]struct{ imei, iccid, warning, fail string }{
		"352019040635785": {imei: "352019040635785"},
		" IMEI：３５２０１９０４０６３５７８５": {imei: "352019040635785"},
		"35-201904-063578-5":         {imei: "352019040635785"},
		"352019040635784":            {imei: "352019040635784", warning: "IMEI 352019040635784 is probably mistyped: by its check digit it should end in 5"},
		"898604231919c0083314":       {iccid: "898604231919c0083314"},
		"8986 0423 1919 7045 4839":   {iccid: "89860423191970454839"},
		"":                           {fail: `"" is empty`},
		"35201904063578":             {fail: `"35201904063578" has 14 digits, and an IMEI has 15`},
		"460044352904839000000":      {fail: `has 21 characters, and an ICCID has 19 or 20`},
		"12860423191970454839":       {fail: "does not begin with 89, as every ICCID does"},
		"98684032919107548493":       {fail: "it is probably 89860423191970454839"},
		"3.52019E+14":                {fail: "its last digits are lost"},
		"352019000000000":            {fail: "its last digits are lost"},
		"老王面馆":                       {fail: "an IMEI is 15 digits"},
		"352019040635785,8986042319": {fail: "neither an IMEI nor an ICCID: "},
	} {
		c, warning, err := Identify(text)
		if c.IMEI != want.imei || c.ICCID != want.iccid || warning != want.warning || (err == nil) != (want.fail == "") || err != nil && !strings.Contains(err.Error(), want.fail) {
			t.Errorf("%q: %q %q, %q, %v", text, c.IMEI, c.ICCID, warning, err)
		}
	}
}
