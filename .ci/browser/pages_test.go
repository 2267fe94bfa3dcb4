package browser

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "write the README's screenshots into this folder")

// newTab returns a browser that prefers a language and has the size of a window, and the
// list of errors in its console.
func newTab(t *testing.T, language string, width, height int64) (ctx context.Context, errors *[]string) {
	t.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox, chromedp.Flag("hide-scrollbars", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	do(t, ctx, chromedp.EmulateViewport(width, height)) // starts the browser, which lives as long as this context
	ctx, cancel = context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	errors = new([]string)
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded: // a violation of the content security policy, or a file that is missing
			if e.Entry.Level == log.EntryLevelError {
				*errors = append(*errors, e.Entry.Text+" "+e.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			*errors = append(*errors, e.ExceptionDetails.Text)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	call(t, ctx, log.Enable, cdp.Empty{})
	call(t, ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": language}})
	return ctx, errors
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) { //nolint:revive // t comes first in tests
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// call sends a command of the protocol.
func call[P, R any](t *testing.T, ctx context.Context, command cdp.Command[P, R], params P) { //nolint:revive // t comes first in tests
	t.Helper()
	if _, err := chromedp.Call(ctx, command, params); err != nil {
		t.Fatal(err)
	}
}

// get returns the value of an action.
func get[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T { //nolint:revive // t comes first in tests
	t.Helper()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestSearchAndClickThrough finds a shop's card and asks for it, in both languages and
// widths, and on light and dark pages.
func TestSearchAndClickThrough(t *testing.T) {
	url := startDemo(t)
	for name, test := range map[string]struct {
		language      string
		width, height int64
		dark          bool
		verdict, card string // what the list and the card's page say
	}{
		"English, desktop":     {language: "en-GB,en", width: 1280, height: 800, verdict: "Suspended: the terminal is offline.", card: "Ask the operator now"},
		"Chinese, desktop":     {language: "zh-CN,zh", width: 1280, height: 800, verdict: "已停机：终端无法联网。", card: "立即向运营商查询"},
		"English, phone, dark": {language: "en", width: 360, height: 740, dark: true, verdict: "Suspended: the terminal is offline.", card: "Ask the operator now"},
		"Chinese, phone":       {language: "zh-CN", width: 360, height: 740, verdict: "已停机：终端无法联网。", card: "立即向运营商查询"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, errors := newTab(t, test.language, test.width, test.height)
			if test.dark {
				call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
			}
			do(t, ctx, chromedp.Navigate(url))
			checkLooks(t, ctx, "overview", test.dark)
			do(t, ctx, chromedp.SendKeys(chromedp.CSS(`input[name=q]`), "阳光水果2号店\r"), chromedp.WaitVisible(chromedp.CSS(`.cards .verdict`)))
			if got := get(t, ctx, chromedp.Text(chromedp.CSS(".cards .verdict"))); got != test.verdict {
				t.Errorf("the list says %q, want %q", got, test.verdict)
			}
			checkLooks(t, ctx, "list", test.dark)
			do(t, ctx, chromedp.Click(chromedp.CSS(`.cards a`)), chromedp.WaitVisible(chromedp.CSS(`section.verdict h1`)))
			if got := get(t, ctx, chromedp.Text(chromedp.CSS("section.verdict h1"))); got != test.verdict {
				t.Errorf("the card's page says %q, want %q", got, test.verdict)
			}
			checkLooks(t, ctx, "card", test.dark)
			if got := get(t, ctx, chromedp.Text(chromedp.CSS(".ask button"))); got != test.card {
				t.Errorf("the button says %q, want %q", got, test.card)
			}
			get(t, ctx, chromedp.WaitEvent(page.LoadEventFired, func(page.EventLoadEventFired) bool { return true }, chromedp.Click(chromedp.CSS(`.ask button`))))
			address := get(t, ctx, chromedp.Location())
			if !strings.Contains(address, "/card?id=") {
				t.Errorf("the button leads to %s", address)
			}
			if len(*errors) > 0 {
				t.Errorf("errors in the console: %q", *errors)
			}
		})
	}
}

// checkLooks checks that a page is no wider than the window, and as dark as it should be.
func checkLooks(t *testing.T, ctx context.Context, name string, dark bool) { //nolint:revive // t comes first in tests
	t.Helper()
	wider := get(t, ctx, chromedp.Evaluate[int](`document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth`))
	background := get(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`))
	if wider > 0 {
		t.Errorf("the %s is %d pixels wider than the window", name, wider)
	}
	if isDark := background != "rgb(255, 255, 255)"; isDark != dark {
		t.Errorf("the %s has the background %s, dark should be %t", name, background, dark)
	}
}

// maxScreenshots is the size of all screenshots of the README together, in bytes.
const maxScreenshots = 200_000

// TestScreenshots writes the README's screenshots if the flag says where, and checks that
// they are small.
func TestScreenshots(t *testing.T) {
	folder := *screenshots
	if folder == "" {
		folder = t.TempDir()
	}
	url := startDemo(t)
	ctx, _ := newTab(t, "en", 1100, 640)
	phone, _ := newTab(t, "zh-CN", 390, 640)
	shoot(t, ctx, url+"/", filepath.Join(folder, "overview.webp"))
	shoot(t, ctx, url+"/cards?problem=refused", "")
	do(t, ctx, chromedp.Click(chromedp.CSS(`.cards a`)), chromedp.WaitVisible(chromedp.CSS(`section.verdict h1`)))
	shoot(t, ctx, get(t, ctx, chromedp.Location()), filepath.Join(folder, "card.webp"))
	shoot(t, phone, url+"/cards", filepath.Join(folder, "cards.webp"))
	total := int64(0)
	for _, name := range []string{"overview.webp", "card.webp", "cards.webp"} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > maxScreenshots {
		t.Errorf("the screenshots have %d bytes, at most %d are wanted", total, maxScreenshots)
	}
}

// shoot opens a page and, if file is not empty, writes what the window shows.
func shoot(t *testing.T, ctx context.Context, url, file string) { //nolint:revive // t comes first in tests
	t.Helper()
	do(t, ctx, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS(`footer`)))
	if file == "" {
		return
	}
	picture, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(75))})
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, picture.Data)
}
