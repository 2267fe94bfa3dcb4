// Package szzkc is a client for the SIM card platform of szzkc.com, a maker of
// payment terminals. The platform's API has one call: it returns up to 20 cards,
// requested either all by IMEI or all by ICCID.
//
// The package covers the protocol only: no metrics, retries or batching. A failed
// request is a [*platform.Error]. An unreadable field of an answer is listed in
// Answer.Invalid; the rest of the answer remains usable.
package szzkc

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"

	"simcard_exporter/collector/platform"
)

const (
	// MaxBatch is the maximum number of cards in one request.
	MaxBatch = 20
	// MaxBody is the maximum size of an answer in bytes, before and after it is
	// decompressed. An answer about MaxBatch cards has about 4 KiB.
	MaxBody = 1 << 20
)

// Client implements [platform.Client]. Create it with [New]; the zero value is not
// usable. It is safe for concurrent use and keeps up to 1000 idle connections for reuse.
type Client struct {
	http     *http.Client
	url      string
	location *time.Location
}

// New returns a Client for the platform at url. Times without an offset in its
// answers are in location. The HTTP client is built from cfg and options; an error
// means that they are invalid. Whatever cfg says, it follows no redirect: that would
// be a request more than was counted, or one without its body, at a host that nobody
// chose. New sends no request.
func New(url string, location *time.Location, cfg promconfig.HTTPClientConfig, options ...promconfig.HTTPClientOption) (*Client, error) {
	options = append(options, promconfig.WithUserAgent("simcard_exporter/"+cmp.Or(version.Version, "devel")))
	cfg.FollowRedirects = false
	client, err := promconfig.NewClientFromConfig(cfg, "platform", options...)
	if err != nil {
		return nil, fmt.Errorf("create HTTP client: %w", err)
	}
	client.Transport = locationGuard{client.Transport}
	return &Client{http: client, url: url, location: location}, nil
}

// CloseIdleConnections closes the connections that are not in use. The Client
// remains usable.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// MaxBatch implements [platform.Client].
func (c *Client) MaxBatch() int { return MaxBatch }

type request struct {
	// Identifiers are separated by commas. The platform calls ICCIDs imeis, too.
	Identifiers string `json:"imeis"`
	Update      bool   `json:"update,omitempty"`
}

// Query sends one request for at most [MaxBatch] cards; identifiers are all IMEIs
// or all ICCIDs. If live is set, the platform forwards the request to the mobile
// operator, which is slow; otherwise its data dates from the end of the previous
// day. The answer leaves out the cards that the platform does not know.
//
// The error is a [*platform.Error], unless ctx was cancelled or the URL of the Client is
// invalid. With an error, only Answer.RetryAfter is meaningful.
func (c *Client) Query(ctx context.Context, identifiers []string, live bool) (platform.Answer, error) {
	body, err := json.Marshal(request{Identifiers: strings.Join(identifiers, ","), Update: live})
	if err != nil {
		return platform.Answer{}, fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return platform.Answer{}, fmt.Errorf("create request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")

	resp, err := c.http.Do(req)
	if err != nil {
		return platform.Answer{}, transportError(ctx, err)
	}
	defer resp.Body.Close()
	answer, err := c.read(ctx, resp)
	answer.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	return answer, err
}

func (c *Client) read(ctx context.Context, resp *http.Response) (platform.Answer, error) {
	// Read the body whatever the status is: a connection can be reused only
	// after the whole answer was read.
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if resp.StatusCode != http.StatusOK {
		return platform.Answer{}, statusError(resp, body)
	}
	if err != nil {
		return platform.Answer{}, transportError(ctx, fmt.Errorf("read answer: %w", err))
	}
	if err := checkSize(body); err != nil {
		return platform.Answer{}, err
	}
	if body, err = decompress(body, resp.Header.Values("Content-Encoding")); err != nil {
		return platform.Answer{}, err
	}
	return decode(body, c.location)
}

func checkSize(body []byte) error {
	if len(body) > MaxBody {
		return &platform.Error{Reason: platform.TooLarge, Err: fmt.Errorf("answer has more than %d bytes", MaxBody)}
	}
	return nil
}

// statusError returns the error of an answer with another status than 200. What a page says
// beside it is part of the error, unless it cannot be read.
func statusError(resp *http.Response, body []byte) error {
	reason := platform.Decode // for 1xx to 3xx, which the documentation does not mention
	switch {
	case isRedirect(resp.StatusCode):
		return redirectError(resp)
	case resp.StatusCode == http.StatusTooManyRequests:
		reason = platform.Throttled
	case resp.StatusCode >= 500:
		reason = platform.HTTP5xx
	case resp.StatusCode >= 400:
		reason = platform.HTTP4xx
	}
	err := fmt.Errorf("status %s", resp.Status)
	if page, broken := decompress(body, resp.Header.Values("Content-Encoding")); broken == nil {
		if text := pageText(page); text != "" && text != resp.Status {
			err = fmt.Errorf("%w: %w", err, pageError(text))
		}
	}
	return &platform.Error{Reason: reason, Err: err}
}

// retryAfter parses a Retry-After header: seconds or an HTTP date. It returns 0 if
// the header is neither or the date has passed.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
