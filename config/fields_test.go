package config

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestFields: a key of the mapping itself comes before what it merges, and the
// first of several merged mappings before the others.
func TestFields(t *testing.T) {
	for name, test := range map[string]struct{ yml, want string }{
		"none":               {yml: "{}", want: ""},
		"own keys":           {yml: "{a: 1, b: 2}", want: "a=1 b=2"},
		"alias as value":     {yml: "{a: &x 1, b: *x}", want: "a=1 b=1"},
		"merge":              {yml: "{a: 1, <<: {a: 2, b: 2}}", want: "a=1 b=2"},
		"merge of several":   {yml: "{<<: [{a: 1}, {a: 2, b: 2}]}", want: "a=1 b=2"},
		"merge in a merge":   {yml: "{<<: [{<<: {a: 1}}, {a: 2}]}", want: "a=1"},
		"merge of itself":    {yml: "&x {<<: *x, a: 1}", want: "a=1"},
		"merge in a circle":  {yml: "&x {<<: &y {<<: *x, b: 2}, a: 1}", want: "a=1 b=2"},
		"quoted << is a key": {yml: `{"<<": 1}`, want: "<<=1"},

		"not a mapping":        {yml: "[a]", want: "simcard.yml:1: " + notMapping},
		"key twice":            {yml: "a: 1\na: 2", want: `simcard.yml:2: key "a" is already there at line 1`},
		"secret as key, twice": {yml: "{a:hunter2: 1, a:hunter2: 1}", want: "simcard.yml:1: this key is already there at line 1"},
		"list as key":          {yml: "{[a]: 1}", want: "simcard.yml:1: " + isList},
		"mapping as key":       {yml: "{{a: b}: 1}", want: "simcard.yml:1: " + isMapping},
		"merge of a value":     {yml: "{<<: 1}", want: "simcard.yml:1: " + badMerge},
	} {
		t.Run(name, func(t *testing.T) {
			d := &decoder{file: "simcard.yml"}
			var document yaml.Node
			if err := yaml.Unmarshal([]byte(test.yml), &document); err != nil {
				t.Fatal(err)
			}
			var fields []string
			for _, f := range d.fields(document.Content[0]) {
				fields = append(fields, f.key+"="+f.value.Value)
			}
			got := strings.Join(fields, " ")
			if err := d.err(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
