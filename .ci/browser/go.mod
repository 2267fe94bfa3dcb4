module simcard_exporter/ci/browser

go 1.26

require (
	github.com/chromedp/cdproto v0.160.2
	github.com/chromedp/chromedp v0.23.1
)

require github.com/go-json-experiment/json v1.27.2 // indirect
