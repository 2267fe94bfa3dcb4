package config

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"simcard_exporter/config/cards"
)

func TestMinimal(t *testing.T) {
	cfg := good(t, "minimal")

	p := cfg.Platform
	if got, want := p.URL.V.String(), "http://app.szzkc.com/api/app/querySimCardBatch"; got != want {
		t.Errorf("url %s, want %s", got, want)
	}
	if got := p.Timezone.V.String(); got != "Asia/Shanghai" {
		t.Errorf("timezone %s", got)
	}
	if p.Timeout.V != Duration(30*time.Second) || p.Concurrency.V != 4 || p.RateLimit.V != 0 || p.MaxRetries.V != 2 {
		t.Errorf("defaults %+v", p)
	}
	if c := p.HTTPClientConfig.Config; c.FollowRedirects || !c.EnableHTTP2 {
		t.Errorf("http client defaults %+v", c)
	}
	wantCards(t, cfg, 0, []cards.Card{{IMEI: "352019040635785"}, {IMEI: "352019040625281"}})
	if g := cfg.Groups; len(g) != 1 || g[0].Name.V != "terminals" || g[0].Live.V || len(g[0].Labels) != 0 ||
		g[0].MaxAge.V != Duration(30*time.Second) || g[0].StaleIfError.V != Duration(time.Hour) ||
		g[0].ExpiringWithin.V != Duration(30*24*time.Hour) || g[0].LowBalance.V != 1<<20 {
		t.Errorf("groups %+v", g)
	}
	if len(cfg.Warnings) != 0 {
		t.Errorf("warnings %q", cfg.Warnings)
	}
}

func TestEverything(t *testing.T) {
	cfg := good(t, "everything")

	p := cfg.Platform
	if got, want := p.URL.V.String(), "https://me:hunter2@platform.example.com:8443/query?x=1"; got != want {
		t.Errorf("url %s, want %s", got, want)
	}
	if p.Timezone.V.Location != time.UTC {
		t.Errorf("timezone %s", p.Timezone.V)
	}
	if p.Timeout.V != Duration(90*time.Second) || p.Concurrency.V != 16 || p.RateLimit.V != 2.5 || p.MaxRetries.V != 0 {
		t.Errorf("platform %+v", p)
	}
	c := p.HTTPClientConfig.Config
	if c.FollowRedirects || !c.EnableHTTP2 || c.ProxyURL.Host != "proxy.example.com:3128" {
		t.Errorf("http client %+v", c)
	}
	if c.OAuth2 == nil || c.OAuth2.ClientSecret != "hunter2" || !slices.Equal(c.OAuth2.Scopes, []string{"read"}) ||
		!reflect.DeepEqual(c.OAuth2.Claims, map[string]any{"role": "reader", "depth": map[string]any{"a": 1}}) {
		t.Errorf("oauth2 %+v", c.OAuth2)
	}
	if h := c.HTTPHeaders.Headers["X-Key"]; len(h.Secrets) != 1 || h.Secrets[0] != "hunter2" {
		t.Errorf("headers %+v", h)
	}

	first, second := cfg.Groups[0], cfg.Groups[1]
	labels := map[string]string{"region": "华南", "code": "0012", "open": "yes", "since": "2019-07-02", "note": ""}
	if !first.Live.V || !reflect.DeepEqual(plain(first.Labels), labels) {
		t.Errorf("first group %+v", first)
	}
	if first.MaxAge.V != Duration(5*time.Minute) || first.StaleIfError.V != Duration(36*time.Hour) || len(first.Files) != 1 {
		t.Errorf("first group %+v", first)
	}
	if first.ExpiringWithin.V != Duration(45*24*time.Hour) || first.LowBalance.V != 10<<20 {
		t.Errorf("first group %+v", first)
	}
	own := []string{"0012", "", "yes", "华南", "", "2019-07-02"}
	wantCards(t, cfg, 0, []cards.Card{
		{IMEI: "352019040635785", Labels: own}, {IMEI: "352019040625281", Labels: own}, {ICCID: "89860423191970454839", Labels: own},
		{IMEI: "352019040611133", ICCID: "89860423191970454900", Labels: []string{"0012", "", "yes", "华北", "北京店", "2019-07-02"}},
	})
	if second.Name.V != "终端 2" || second.Live.V || second.MaxAge.V != 0 || second.StaleIfError.V != 0 || second.ExpiringWithin.V != 0 || second.LowBalance.V != 512<<10 {
		t.Errorf("second group %+v", second)
	}
	own = []string{"", "", "", "", "a", ""}
	wantCards(t, cfg, 1, []cards.Card{{ICCID: "898604231919c0083314", Labels: own}, {ICCID: "8986042319197045400", Labels: own}})
	if got, want := cfg.LabelNames, []string{"code", "note", "open", "region", "shop", "since"}; !slices.Equal(got, want) {
		t.Errorf("label names %q, want %q", got, want)
	}
	if len(cfg.Warnings) != 0 {
		t.Errorf("warnings %q", cfg.Warnings)
	}
}

// TestEmptyKeys: a key without a value is as good as none.
func TestEmptyKeys(t *testing.T) {
	minimal := good(t, "minimal")
	for _, name := range []string{"empty-keys", "empty-platform-keys"} {
		cfg := good(t, name)
		client := &cfg.Platform.HTTPClientConfig
		client.line, client.isWhole = 0, false // as if there were no such key
		if !reflect.DeepEqual(cfg.Platform, minimal.Platform) {
			t.Errorf("%s: platform %+v, want %+v", name, cfg.Platform, minimal.Platform)
		}
		if got, want := cfg.Groups[0], minimal.Groups[0]; got.Live != want.Live || got.MaxAge != want.MaxAge || got.StaleIfError != want.StaleIfError ||
			got.ExpiringWithin != want.ExpiringWithin || got.LowBalance != want.LowBalance {
			t.Errorf("%s: group %+v, want %+v", name, got, want)
		}
		wantCards(t, cfg, 0, []cards.Card{{IMEI: "352019040635785"}})
	}
}

func TestUnquotedNumbersAreText(t *testing.T) {
	cfg := good(t, "unquoted")
	wantCards(t, cfg, 0, []cards.Card{
		{IMEI: "352019040635785"}, {IMEI: "000000000000000"}, {IMEI: "012345678901237"},
		{ICCID: "89860423191970454839"}, {ICCID: "8986042319191e083314"}, {ICCID: "8986042319191970454"},
	})
	if name := cfg.Groups[0].Name.V; name != "2024" {
		t.Errorf("group %q", name)
	}
}

func TestMergeKeys(t *testing.T) {
	cfg := good(t, "merge")
	g := cfg.Groups[1]
	want := map[string]string{"region": "north", "tier": "a"}
	if g.Name.V != "north" || !g.Live.V || g.MaxAge.V != 0 || g.StaleIfError.V != Duration(time.Minute) || !reflect.DeepEqual(plain(g.Labels), want) {
		t.Errorf("group %+v", g)
	}
	wantCards(t, cfg, 1, []cards.Card{{IMEI: "352019040625281", Labels: []string{"north", "a"}}})
}

func TestWarnings(t *testing.T) {
	cfg := good(t, "warnings")
	wantWarnings(t, cfg, []string{
		`simcard.yml:3: credentials are sent in the clear: platform.url is http, not https`,
		`simcard.yml:9: IMEI 352019040635784 is probably mistyped: by its check digit it should end in 5`,
		`simcard.yml:10: IMEI 352019040635785 is already listed at simcard.yml:8 in group "first"; this mention is dropped`,
		`simcard.yml:13: group "second" has no cards: its files list none, or all of them are already listed above; its simcard_up is 0`,
		`simcard.yml:15: ICCID 898604231919C0083314 is already listed at simcard.yml:12 in group "first"; this mention is dropped`,
	})
	if n := len(cfg.Groups[0].Cards); n != 3 {
		t.Errorf("%d cards in the first group, want 3", n)
	}
	if n := len(cfg.Groups[0].IMEIs); n != 3 {
		t.Errorf("%d IMEIs as listed, want 3", n)
	}
}

// TestGoodFilesHaveATest: the cases are named in the tests.
func TestGoodFilesHaveATest(t *testing.T) {
	var source []byte
	for _, path := range glob(t, "*_test.go") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, text...)
	}
	for _, path := range glob(t, "testdata/good/*.txtar") {
		if name := strings.TrimSuffix(filepath.Base(path), ".txtar"); !bytes.Contains(source, []byte(`"`+name+`"`)) {
			t.Errorf("no test reads %s", path)
		}
	}
}

// good parses a case of testdata/good.
func good(t *testing.T, name string) *Config {
	t.Helper()
	files := mapFS(readArchive(t, "testdata/good/"+name+".txtar"))
	cfg, err := Parse("simcard.yml", files["simcard.yml"].Data, files)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// wantCards checks the cards of a group; nil stands for labels that are all
// empty.
func wantCards(t *testing.T, cfg *Config, group int, want []cards.Card) {
	t.Helper()
	for i := range want {
		if want[i].Labels == nil {
			want[i].Labels = make([]string, len(cfg.LabelNames))
		}
	}
	got := withoutPlaces(cfg.Groups[group].Cards)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("group %d: cards\n%+v, want\n%+v", group, got, want)
	}
}

// withoutPlaces returns the cards without their places, which TestPlaces checks.
func withoutPlaces(listed []cards.Card) []cards.Card {
	listed = slices.Clone(listed)
	for i := range listed {
		listed[i].Place = 0
	}
	return listed
}

func wantWarnings(t *testing.T, cfg *Config, want []string) {
	t.Helper()
	if !slices.Equal(cfg.Warnings, want) {
		t.Errorf("warnings:\n%s\nwant:\n%s", strings.Join(cfg.Warnings, "\n"), strings.Join(want, "\n"))
	}
}

// TestReversedZones: POSIX counts hours to the west.
func TestReversedZones(t *testing.T) {
	for zone, want := range map[string][]string{
		"Etc/GMT+8":     {"simcard.yml:1: Etc/GMT+8: in the names of these zones the sign is reversed, and + is west of UTC"},
		"Etc/GMT-8":     {"simcard.yml:1: Etc/GMT-8: in the names of these zones the sign is reversed, and + is west of UTC"},
		"Etc/GMT":       nil,
		"Asia/Shanghai": nil,
	} {
		cfg, err := Parse("simcard.yml", []byte("platform: {timezone: "+zone+"}"+anyGroup), nil)
		if err != nil {
			t.Fatal(err)
		}
		wantWarnings(t, cfg, want)
	}
}

// TestManyKeys: a mapping that is too large is refused before anything is done
// with it.
func TestManyKeys(t *testing.T) {
	for place, text := range map[string]string{
		"labels":             "groups:\n  - name: g\n    imeis: [352019040635785]\n    labels:\n" + strings.Repeat("      a: b\n", maxKeys+1),
		"http_client_config": "platform:\n  http_client_config:\n" + strings.Repeat("      a: b\n", maxKeys+1) + anyGroup,
	} {
		_, err := Parse("simcard.yml", []byte(text), nil)
		if err == nil || !strings.Contains(err.Error(), "a mapping has more than 1000 keys here") || strings.Contains(err.Error(), "already there") {
			t.Errorf("%s: %v", place, err)
		}
	}
}
