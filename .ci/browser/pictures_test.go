package browser

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var (
	pictures    = flag.String("pictures", "", "write pictures of all pages into this folder, to look at")
	pictured    = flag.String("pictures.url", "", "the running exporter whose pages are pictured; the demo if there is none")
	picturePath = flag.String("pictures.paths", "/ /cards /cards?state=out_of_service /rows /digest /config /nowhere", "paths of the pages, with spaces between")
)

// tallest is how much of a page a picture shows, in pixels.
const tallest = 2400

// TestPictures checks that no page is wider than its window, at the desk and on a phone, each in
// one language light and in the other dark. It writes pictures if the flag says where, for
// somebody to look at before a change of the pages lands.
func TestPictures(t *testing.T) {
	folder, url := *pictures, *pictured
	if folder == "" {
		folder = t.TempDir()
	}
	if url == "" {
		url = startDemo(t)
	}
	for _, look := range []struct {
		name, language, scheme string
		width                  int64
	}{
		{"zh-desk-light", "zh-CN", "light", 1280}, {"en-desk-dark", "en", "dark", 1280}, {"zh-phone-dark", "zh-CN", "dark", 390}, {"en-phone-light", "en", "light", 390},
	} {
		t.Run(look.name, func(t *testing.T) {
			ctx, _ := newTab(t, look.language, look.width, 844)
			call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}})
			for path := range strings.FieldsSeq(*picturePath) {
				do(t, ctx, chromedp.Navigate(url+path))
				height := get(t, ctx, chromedp.Evaluate[float64]("document.documentElement.scrollHeight"))
				picture, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
					CaptureBeyondViewport: new(true), Clip: &page.Viewport{Width: float64(look.width), Height: min(height, tallest), Scale: 1},
				})
				if err != nil {
					t.Fatal(err)
				}
				if wider := get(t, ctx, chromedp.Evaluate[int](`document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth`)); wider > 0 {
					t.Errorf("%s, %s: %d pixels wider than the window", path, look.name, wider)
				}
				write(t, filepath.Join(folder, strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(path)+"."+look.name+".png"), picture.Data)
			}
		})
	}
}
