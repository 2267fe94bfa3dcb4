package browser

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var axeFile = flag.String("axe", "", "check that the pages are accessible, with this axe.min.js of axe-core")

// runAxe returns what axe-core finds, "" for nothing. Its rule against a page that reloads
// itself does not hold for a display that grows old in a tab.
const runAxe = `axe.run({rules: {"meta-refresh": {enabled: false}}}).then(found => found.violations.map(v =>
	v.help + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join("; ")).join("\n"))`

// TestAccessibility: axe-core has nothing to say about any page, light or dark, at the desk or
// on a phone.
func TestAccessibility(t *testing.T) {
	if *axeFile == "" {
		t.Fatal("-axe must name axe.min.js, which .ci/run downloads")
	}
	axe, err := os.ReadFile(*axeFile)
	if err != nil {
		t.Fatal(err)
	}
	url := startDemo(t)
	for _, look := range []struct {
		language, scheme string
		width            int64
	}{{"zh-CN", "light", 1280}, {"en", "dark", 360}} {
		ctx, _ := newTab(t, look.language, look.width, 800)
		call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}})
		for _, path := range []string{"/", "/cards", "/cards?problem=suspended&expires=2026-12", "/card?id=864053031046034", "/card?id=864052031046077", "/rows", "/nowhere"} {
			do(t, ctx, chromedp.Navigate(url+path))
			if strings.HasPrefix(path, "/card?") {
				do(t, ctx, chromedp.WaitVisible(chromedp.CSS("section.verdict")))
			}
			evaluate(t, ctx, string(axe))
			if found := evaluate(t, ctx, runAxe); found != `""` {
				t.Errorf("%s, %s: %s", path, look.scheme, found)
			}
		}
	}
}

// evaluate returns the value of a promise or of another expression, as JSON.
func evaluate(t *testing.T, ctx context.Context, expression string) string { //nolint:revive // t comes first in tests
	t.Helper()
	result, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, AwaitPromise: new(true), ReturnByValue: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	return string(result.Result.Value)
}
