package browser

import (
	"context"
	"flag"
	"io"
	"net/http"
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

// TestSearchAndClickThrough finds shops' cards and asks for one, in both languages and
// widths, and on light and dark pages.
func TestSearchAndClickThrough(t *testing.T) {
	url := startDemo(t)
	for name, test := range map[string]struct {
		language        string
		width, height   int64
		dark            bool
		heading, button string // of the card's page
		chip, csv       string // of a list, and the beginning of its download
		other           string // the other language's word for the overview
	}{
		"English, desktop":     {language: "en-GB,en", width: 1280, height: 800, heading: "Suspended · 20.0 MB left", button: "Ask the operator now", chip: "Problem: Suspended", csv: "Shop,City,Contact,Phone,Problem", other: "概览"},
		"Chinese, desktop":     {language: "zh-CN,zh", width: 1280, height: 800, heading: "已停机 · 剩余 20.0 MB", button: "立即向运营商查询", chip: "问题：已停机", csv: "门店,城市,联系人,电话,问题", other: "Overview"},
		"English, phone, dark": {language: "en", width: 360, height: 740, dark: true, heading: "Suspended · 20.0 MB left", button: "Ask the operator now", chip: "Problem: Suspended", csv: "Shop,City,Contact,Phone,Problem", other: "概览"},
		"Chinese, phone":       {language: "zh-CN", width: 360, height: 740, heading: "已停机 · 剩余 20.0 MB", button: "立即向运营商查询", chip: "问题：已停机", csv: "门店,城市,联系人,电话,问题", other: "Overview"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, errors := newTab(t, test.language, test.width, test.height)
			if test.dark {
				call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
			}
			do(t, ctx, chromedp.Navigate(url))
			checkLooks(t, ctx, "overview", test.dark)

			// Two words find the cards that have both.
			do(t, ctx, chromedp.SendKeys(chromedp.CSS(`input[name=q]`), "阳光水果 广州\r"), chromedp.WaitVisible(chromedp.CSS(`table.cards`)))
			checkLooks(t, ctx, "list", test.dark)
			all := get(t, ctx, chromedp.Evaluate[int](countRows))
			if all < 2 {
				t.Errorf("two words find %d cards", all)
			}
			if wrong := get(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll("table.cards tbody tr")].filter(row => !row.innerText.includes("阳光水果") || !row.innerText.includes("广州")).length`)); wrong > 0 {
				t.Errorf("%d rows have not both words", wrong)
			}
			do(t, ctx, chromedp.Navigate(url+"/cards?problem=suspended"), chromedp.WaitVisible(chromedp.CSS(`.chips a`)))
			if got := get(t, ctx, chromedp.Text(chromedp.CSS(".chips a"))); !strings.HasPrefix(got, test.chip) {
				t.Errorf("the chip says %q, want %q", got, test.chip)
			}
			if link := get(t, ctx, chromedp.Evaluate[string](`document.querySelector("a[href*='cards.csv']").href`)); link != url+"/cards.csv?problem=suspended" {
				t.Errorf("the link to the download is %q", link)
			}
			checkCSV(t, url+"/cards.csv?problem=suspended", test.language, test.csv)
			some := get(t, ctx, chromedp.Evaluate[int](countRows))
			get(t, ctx, chromedp.WaitEvent(page.LoadEventFired, func(page.EventLoadEventFired) bool { return true }, chromedp.Click(chromedp.CSS(`.chips a`))))
			if without := get(t, ctx, chromedp.Evaluate[int](countRows)); some < 1 || without <= some {
				t.Errorf("%d cards with the chip, %d without it", some, without)
			}

			// A single hit opens the card.
			do(t, ctx, chromedp.SendKeys(chromedp.CSS(`input[name=q]`), "阳光水果2号店\r"), chromedp.WaitVisible(chromedp.CSS(`section.verdict h1`)))
			if got := get(t, ctx, chromedp.Text(chromedp.CSS("section.verdict h1"))); !strings.Contains(got, test.heading) {
				t.Errorf("the card's page says %q, want %q", got, test.heading)
			}
			checkLooks(t, ctx, "card", test.dark)
			if got := get(t, ctx, chromedp.Text(chromedp.CSS(".ask button"))); got != test.button {
				t.Errorf("the button says %q, want %q", got, test.button)
			}
			get(t, ctx, chromedp.WaitEvent(page.LoadEventFired, func(page.EventLoadEventFired) bool { return true }, chromedp.Click(chromedp.CSS(`.ask button`))))
			address := get(t, ctx, chromedp.Location())
			if !strings.Contains(address, "/card?id=") {
				t.Errorf("the button leads to %s", address)
			}

			// The other language stays.
			get(t, ctx, chromedp.WaitEvent(page.LoadEventFired, func(page.EventLoadEventFired) bool { return true }, chromedp.Click(chromedp.CSS(`nav .language`))))
			do(t, ctx, chromedp.Navigate(url))
			if got := get(t, ctx, chromedp.Text(chromedp.CSS("h1"))); got != test.other {
				t.Errorf("after the switch, the overview is called %q, want %q", got, test.other)
			}
			if len(*errors) > 0 {
				t.Errorf("errors in the console: %q", *errors)
			}
		})
	}
}

// countRows counts the cards of a list.
const countRows = `document.querySelectorAll("table.cards tbody tr").length`

// checkCSV checks how a download begins.
func checkCSV(t *testing.T, url, language, want string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", language)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(body), "\ufeff"+want) {
		t.Errorf("the download begins with %.100q, want %q", body, want)
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
