package config

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestLabelsOfAnyForm: what stands in the file is what a label has, whatever YAML
// takes it for. A key of a mapping itself comes before what it merges, and the first
// of several merged mappings before the others.
func TestLabelsOfAnyForm(t *testing.T) {
	for name, test := range map[string]struct{ labels, want string }{
		"none":               {labels: "{}", want: ""},
		"own keys":           {labels: "{a: x, b: y}", want: "a=x b=y"},
		"alias as value":     {labels: "{a: &x v, b: *x}", want: "a=v b=v"},
		"alias as key":       {labels: "{a: &x b, *x : c}", want: "a=b b=c"},
		"merge":              {labels: "{a: x, <<: {a: y, b: z}}", want: "a=x b=z"},
		"merge of several":   {labels: "{<<: [{a: x}, {a: y, b: z}]}", want: "a=x b=z"},
		"merge in a merge":   {labels: "{<<: [{<<: {a: x}}, {a: y}]}", want: "a=x"},
		"a tag that is true": {labels: "{a: !!str 7}", want: "a=7"},
		"numbers": {
			labels: "{a: 0012, b: 0x1F, c: 1_000, d: 8986042319191e083314, e: 89860423191970454839, f: 1.50, g: 0o17, h: .inf, i: +5}",
			want:   "a=0012 b=0x1F c=1_000 d=8986042319191e083314 e=89860423191970454839 f=1.50 g=0o17 h=.inf i=+5",
		},
		"words and dates": {labels: "{a: yes, b: True, c: 2019-07-02, d: 12:30:45, e: \"\", f: 'null'}", want: "a=yes b=True c=2019-07-02 d=12:30:45 e= f=null"},
		"keys":            {labels: "{yes: a, n: b, _1: c}", want: "_1=c n=b yes=a"},

		"quoted << is a key":   {labels: `{"<<": x}`, want: `simcard.yml:1: labels: "<<" is not a label name: letters a to z, digits and _ are allowed, and no digit in front (choose one, such as shop)`},
		"key twice":            {labels: "{a: x,\na: y, b: ~}", want: "simcard.yml:2: key \"a\" is already there at line 1\nsimcard.yml:2: labels: \"b\" has no value; write \"\" if it is to be empty"},
		"key twice in a merge": {labels: "{<<: {a: x, a: y}}", want: `simcard.yml:1: key "a" is already there at line 1`},
		"alias of a key twice": {labels: "{&x a: x, *x : y}", want: `simcard.yml:1: key "a" is already there at line 1`},
		"secret as key, twice": {labels: "{a, a}", want: "simcard.yml:1: this key is already there at line 1\nsimcard.yml:1: labels: \"a\" has no value; write \"\" if it is to be empty"},
		"key that is null":     {labels: "{~: x}", want: "simcard.yml:1: " + blankKey},
		"list as key":          {labels: "{[a]: x}", want: "simcard.yml:1: " + notSingle},
		"mapping as key":       {labels: "{{a: b}: x}", want: "simcard.yml:1: " + notSingle},
		"mapping as value":     {labels: "{a: {b: c}}", want: "simcard.yml:1: " + notSingle},
		"merge of a value":     {labels: "{<<: x}", want: "simcard.yml:1: " + badMerge},
		"merge of texts":       {labels: "{<<: [{a: x}, y]}", want: "simcard.yml:1: " + badMerge},
		"merge of itself":      {labels: "&x {<<: *x, a: y}", want: "simcard.yml:1: " + endless},
		"merge in a circle":    {labels: "&x {<<: &y {<<: *x, b: y}, a: z}", want: "simcard.yml:1: " + endless},
		"a tag that is wrong":  {labels: "{a: !!binary gIGC, !!int b: c}", want: "simcard.yml:1: " + leaveOutTag},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := Parse("simcard.yml", []byte("groups: [{name: g, imeis: [352019040635785], labels: "+test.labels+"}]\n"), nil)
			var got string
			if err != nil {
				got = err.Error()
			} else {
				var labels []string
				values := plain(cfg.Groups[0].Labels)
				for _, key := range slices.Sorted(maps.Keys(values)) {
					labels = append(labels, key+"="+values[key])
				}
				got = strings.Join(labels, " ")
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestNearKeys: which key a message proposes.
func TestNearKeys(t *testing.T) {
	for place, keys := range map[string]map[string]string{
		"%s: x\n": {"group": "groups", "Platform": "platform", "plattform": "platform", "name": "", "colour": ""},
		"platform: {%s: x}\n": {"time_out": "timeout", "uri": "url", "time-zone": "timezone", "timezones": "timezone", "retries": "max_retries", "http_client": "http_client_config",
			"concurrency_": "concurrency", "imeis": "", "to": ""},
		"groups: [{%s: x}]\n":                                               {"imei": "imeis", "imies": "imeis", "ICCID": "iccids", "file": "files", "maxage": "max_age", "label": "labels", "colums": "columns", "names": "name", "url": ""},
		"platform: {http_client_config: {%s: x}}\n":                         {"basicauth": "basic_auth", "proxy": "proxy_url", "tlsconfig": "tls_config", "colour": ""},
		"platform: {http_client_config: {oauth2: {tls_config: {%s: x}}}}\n": {"cafile": "ca_file", "insecure": "insecure_skip_verify", "min_versin": "min_version"},
	} {
		for key, near := range keys {
			_, err := Parse("simcard.yml", []byte(strings.ReplaceAll(place, "%s", key)), nil)
			want := `unknown key "` + key + `"`
			if near != "" {
				want += `; did you mean "` + near + `"?`
			}
			if err == nil || !slices.Contains(strings.Split(err.Error(), "\n"), "simcard.yml:1: "+want) {
				t.Errorf("%s: got %v, want %s", key, err, want)
			}
		}
	}
}
