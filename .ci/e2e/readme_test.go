//go:build e2e

package e2e

import (
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"simcard_exporter/collector/szzkc/simulator"
)

// TestReadmes compares the tables of flags and endpoints, and the settings, with the
// program, in both languages: what one has, the other must have.
func TestReadmes(t *testing.T) {
	demo := startExporter(t, "--demo")
	saving := startExporter(t, "--config.file="+startPlatform(t, simulator.Behaviour{}), "--persistence.file="+filepath.Join(t.TempDir(), "answers"))
	help, metrics, settings := output(t, "--help"), demo.scrape(t, "")+saving.scrape(t, ""), defaultSettings(t)
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		t.Run(name, func(t *testing.T) {
			readme := func(folder string) string {
				text := string(read(t, filepath.Join(repository, folder, name)))
				checkMetricNames(t, metrics, text)
				return text
			}
			readme(".")
			readme("collector")
			compareSets(t, "path", endpoints(t), submatches("`(/[^`?]*)", firstCells(readme("collector/pages"), "/")))
			configuration := readme("config")
			compareFlags(t, help, configuration)

			var got any
			if err := yaml.Unmarshal([]byte(strings.Join(submatches("(?s)```yaml\n(platform:.*?)```", configuration), "")), &got); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, settings) {
				t.Errorf("the settings are\n%v\nwant\n%v", got, settings)
			}
		})
	}
}

// compareFlags compares the flags and their defaults.
func compareFlags(t *testing.T, help, readme string) {
	t.Helper()
	placeholder := regexp.MustCompile(`^$|^<|^[A-Z]`)
	defaults := make(map[string]string) // in backticks, as the READMEs have them; "" for none
	for _, m := range regexp.MustCompile(`(?m)^(?:  -h, |      )--(?:\[no-\])?([a-z.-]+)(?:=(\S+))?`).FindAllStringSubmatch(help, -1) {
		defaults[m[1]] = ""
		if value := strings.Trim(m[2], `"`); !placeholder.MatchString(value) {
			defaults[m[1]] = "`" + value + "`"
		}
	}
	var found []string
	for _, row := range rows(readme, "--") {
		flags, values := submatches("`--([^`]+)`", row[0]), regexp.MustCompile("[,、] ?").Split(row[1], -1)
		found = append(found, flags...)
		for i, flag := range flags {
			if want := defaults[flag]; want != "" && (i >= len(values) || values[i] != want) {
				t.Errorf("the defaults of %v are %q, that of --%s is %s", flags, values, flag, want)
			}
		}
	}
	compareSets(t, "flag", slices.Collect(maps.Keys(defaults)), found)
}

// TestMetricsReadmes compares the tables of metrics in both languages with the program.
func TestMetricsReadmes(t *testing.T) {
	demo := startExporter(t, "--demo")
	saving := startExporter(t, "--config.file="+startPlatform(t, simulator.Behaviour{}), "--persistence.file="+filepath.Join(t.TempDir(), "answers"))
	metrics := demo.scrape(t, "") + saving.scrape(t, "")
	for _, name := range []string{"collector/README.md", "collector/README.zh-CN.md"} {
		t.Run(name, func(t *testing.T) { compareMetrics(t, metrics, string(read(t, repository+"/"+name))) })
	}
}

// compareMetrics compares metrics, their types and labels, and the values of labels that have
// a meaning.
func compareMetrics(t *testing.T, metrics, readme string) {
	t.Helper()
	compareSets(t, "metric", submatches(`(?m)^# TYPE (simcard_\w+ \w+)`, metrics), typesOf(readme))
	for _, row := range rows(readme, "simcard_") {
		name := submatches("`([^`]+)`", row[0])[0]
		labels := make(map[string]bool)
		for _, series := range submatches(`(?m)^`+name+`(?:_bucket)?{(.*)} `, metrics) {
			for _, label := range submatches(`(?:^|",)(\w+)="`, series) {
				labels[label] = true
			}
		}
		for _, ofUser := range []string{"shop", "city", "region", "le"} { // in the demo, and of a histogram
			delete(labels, ofUser)
		}
		compareFew(t, "label of "+name, slices.Collect(maps.Keys(labels)), submatches("`([^`]+)`", row[2]))
	}
	for _, label := range []string{"state", "problem", "reason"} {
		compareFew(t, label, submatches(label+`="(\w+)"`, metrics), valuesOf(readme, label))
	}
}

// typesOf returns the metrics of all tables, each with its type.
func typesOf(readme string) (types []string) {
	for _, row := range rows(readme, "simcard_") {
		types = append(types, strings.Trim(row[0], "`")+" "+row[1])
	}
	return types
}

// valuesOf returns the values in the table whose first header is a label.
func valuesOf(readme, label string) []string {
	table := submatches("(?m)^\\| `"+label+"` \\|.*\n\\| ---.*\n((?:\\|.*\n)+)", readme)
	if len(table) != 1 {
		return nil
	}
	return submatches("(?m)^\\| `([^`]+)`", table[0])
}

// checkMetricNames checks that all metrics of which a text speaks exist.
func checkMetricNames(t *testing.T, metrics, text string) {
	t.Helper()
	names := submatches(`(?m)^# TYPE (simcard_\w+)`, metrics)
	for _, name := range submatches(`(simcard_\w+)`, text) {
		if name != "simcard_exporter" && !slices.Contains(names, name) {
			t.Errorf("there is no metric %s", name)
		}
	}
}

// defaultSettings returns the settings of an exporter whose configuration has no more
// than a card, without the card. The exporter is never scraped: its platform is the
// real one.
func defaultSettings(t *testing.T) any {
	t.Helper()
	path := filepath.Join(t.TempDir(), "simcard.yml")
	write(t, path, "groups: [{name: terminals, imeis: [352019040635785]}]")
	var settings struct {
		Platform map[string]any
		Groups   []map[string]any
	}
	if err := yaml.Unmarshal([]byte(get(t, "http://"+startExporter(t, "--config.file="+path).address+"/config")), &settings); err != nil {
		t.Fatal(err)
	}
	settings.Platform["http_client_config"] = map[string]any{} // its defaults are Prometheus's
	settings.Groups[0]["imeis"] = []any{}
	return map[string]any{"platform": settings.Platform, "groups": []any{settings.Groups[0]}}
}

// endpoints returns the paths that people and programs use.
func endpoints(t *testing.T) []string {
	t.Helper()
	source := string(read(t, repository+"/collector/web/handler.go")) + string(read(t, repository+"/collector/pages/pages.go"))
	paths := []string{"/", "/metrics", "/-/healthy", "/-/ready"}
	for _, path := range submatches(`\b(?:page|handle|protected)\((?:http\.\w+, )?"([^"]+)"`, source) {
		if !strings.Contains(path, "{") { // the root, and what the pages load
			paths = append(paths, path)
		}
	}
	return paths
}

// rows returns the cells of each table row that begins with a piece of code with that
// prefix.
func rows(markdown, prefix string) [][]string {
	var found [][]string
	for line := range strings.Lines(markdown) {
		if strings.HasPrefix(line, "| `"+prefix) {
			cells := strings.Split(strings.Trim(line, "|\n"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			found = append(found, cells)
		}
	}
	return found
}

func firstCells(markdown, prefix string) string {
	var cells strings.Builder
	for _, row := range rows(markdown, prefix) {
		cells.WriteString(row[0] + "\n")
	}
	return cells.String()
}

// compareSets compares what a document has with what the program has, of which there is
// much.
func compareSets(t *testing.T, what string, want, got []string) {
	t.Helper()
	if len(want) < 10 {
		t.Errorf("only %d times a %s", len(want), what)
	}
	compareFew(t, what, want, got)
}

// compareFew is compareSets of any number.
func compareFew(t *testing.T, what string, want, got []string) {
	t.Helper()
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("no table has the %s %s", what, name)
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("there is no %s %s", what, name)
		}
	}
}

// TestChineseReadme finds each message that config/README.zh-CN.md explains among the
// texts of the program.
func TestChineseReadme(t *testing.T) {
	var texts strings.Builder
	for _, pattern := range []string{"/config/testdata/*/*.txtar", "/config/*_test.go", "/config/inventory/*.go"} {
		paths, err := filepath.Glob(repository + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			texts.Write(read(t, path))
		}
	}
	_, table, _ := strings.Cut(string(read(t, repository+"/config/README.zh-CN.md")), "| 提示（节选） |")
	table, _, _ = strings.Cut(table, "\n\n")
	n := 0
	for row := range strings.Lines(table) {
		explained, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, message := range submatches("`([^`]+)`", explained) {
			n++
			if !strings.Contains(texts.String(), message) {
				t.Errorf("no message reads %s", message)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d messages", n)
	}
}

// submatches returns what the group of a pattern matches.
func submatches(pattern, text string) []string {
	var found []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}
