package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzParse checks that no input makes Parse panic, that each mistake has its
// line, and that a configuration survives being shown and read again.
func FuzzParse(f *testing.F) {
	for _, path := range glob(f, "testdata/*/*.txtar") {
		f.Add(mapFS(readArchive(f, path))["simcard.yml"].Data)
	}
	for _, place := range secretPlaces {
		f.Add([]byte("platform: {" + fmt.Sprintf(place, "hunter2") + "}" + anyGroup))
	}
	files := fstest.MapFS{"cards.csv": {Data: []byte("iccid,shop\n89860423191970454839,北京店\n")}}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := Parse("fuzz.yml", data, files)
		if err != nil {
			checkForm(t, err)
			return
		}
		shown, err := cfg.Masked()
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Platform.hasCredentials() || cfg.Platform.HTTPClientConfig.Config.ProxyConnectHeader != nil ||
			strings.Contains(string(shown), masked) || strings.Contains(string(shown), maskedInURL) {
			return
		}
		again, err := Parse("fuzz.yml", shown, files)
		if err != nil {
			t.Fatalf("%s in\n%s", err, shown)
		}
		for i := range cfg.Groups {
			a, b := cfg.Groups[i], again.Groups[i]
			if a.Name.V != b.Name.V || a.Live.V != b.Live.V || a.MaxAge.V != b.MaxAge.V || a.StaleIfError.V != b.StaleIfError.V ||
				a.ExpiringWithin.V != b.ExpiringWithin.V || a.LowBalance.V != b.LowBalance.V ||
				!reflect.DeepEqual(withoutPlaces(a.Cards), withoutPlaces(b.Cards)) || !reflect.DeepEqual(plain(a.Labels), plain(b.Labels)) {
				t.Errorf("group %+v became %+v", a, b)
			}
		}
	})
}
