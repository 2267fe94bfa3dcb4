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
	pictures    = flag.String("pictures", "", "write pictures of the pages of a running exporter into this folder, to look at")
	pictured    = flag.String("pictures.url", "http://127.0.0.1:10460", "the exporter whose pages are pictured")
	picturePath = flag.String("pictures.paths", "/ /cards /cards?state=out_of_service /rows /digest /config /nowhere", "paths of the pages, with spaces between")
)

// tallest is how much of a page a picture shows, in pixels.
const tallest = 2400

// TestPictures writes pictures of the pages in both languages, at the desk and on a phone, light
// and dark, for somebody to look at before a change of the pages lands.
func TestPictures(t *testing.T) {
	if *pictures == "" {
		t.Skip("-pictures names no folder")
	}
	for _, look := range []struct {
		name, language, scheme string
		width                  int64
	}{
		{"zh-desk-light", "zh-CN", "light", 1280}, {"en-desk-dark", "en", "dark", 1280}, {"zh-phone-dark", "zh-CN", "dark", 390}, {"en-phone-light", "en", "light", 390},
		{"zh-desk-dark", "zh-CN", "dark", 1280}, {"en-desk-light", "en", "light", 1280}, {"zh-phone-light", "zh-CN", "light", 390}, {"en-phone-dark", "en", "dark", 390},
	} {
		t.Run(look.name, func(t *testing.T) {
			ctx, _ := newTab(t, look.language, look.width, 844)
			call(t, ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}}})
			for path := range strings.FieldsSeq(*picturePath) {
				do(t, ctx, chromedp.Navigate(*pictured+path))
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
				write(t, filepath.Join(*pictures, strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-").Replace(path)+"."+look.name+".png"), picture.Data)
			}
		})
	}
}
