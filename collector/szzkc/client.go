// Package szzkc asks the platform of a maker of payment terminals about the
// SIM cards inside them. The platform has one call, which answers for up to 20
// cards, all named by IMEI or all by ICCID.
//
// The package knows the wire and nothing else: no metrics, no retries, no
// batching. A request that brings no answer is an [*Error] with a [Reason];
// what is wrong with a single card of an answer is listed in [Answer.Invalid]
// and costs that card's field only.
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
)

const (
	// MaxBatch is how many cards one request may name.
	MaxBatch = 20
	// MaxBody is how many bytes of an answer are read; a true one has about 4 KiB.
	MaxBody = 1 << 20
)

// Client asks the platform. It is safe for concurrent use and reuses its
// connections, up to 1000 of them at once.
type Client struct {
	http     *http.Client
	url      string
	location *time.Location
}

// New returns a Client for the platform at url, whose times without a zone are
// local to location. Options go to the HTTP client beside cfg.
func New(url string, location *time.Location, cfg promconfig.HTTPClientConfig, options ...promconfig.HTTPClientOption) (*Client, error) {
	options = append(options, promconfig.WithUserAgent("simcard_exporter/"+cmp.Or(version.Version, "devel")))
	client, err := promconfig.NewClientFromConfig(cfg, "platform", options...)
	if err != nil {
		return nil, fmt.Errorf("create HTTP client: %w", err)
	}
	return &Client{http: client, url: url, location: location}, nil
}

// CloseIdleConnections closes the connections that no request is using.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

type request struct {
	// Identifiers is called imeis on the wire for both kinds.
	Identifiers string `json:"imeis"`
	Update      bool   `json:"update,omitempty"`
}

// Query asks once about the cards that identifiers name: at most [MaxBatch],
// all IMEIs or all ICCIDs. With live the platform asks the mobile operator
// there and then, which is slow; without it the data is of the end of
// yesterday. Cards that the platform does not know are not in the answer.
//
// The error is an [*Error], except when ctx was cancelled.
func (c *Client) Query(ctx context.Context, identifiers []string, live bool) (Answer, error) {
	body, err := json.Marshal(request{Identifiers: strings.Join(identifiers, ","), Update: live})
	if err != nil {
		return Answer{}, fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("create request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")

	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, transportError(ctx, err)
	}
	defer resp.Body.Close()
	answer, err := c.read(ctx, resp)
	answer.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	return answer, err
}

func (c *Client) read(ctx context.Context, resp *http.Response) (Answer, error) {
	// The body is read whatever the status is: a connection is reused only
	// after its answer was read to the end.
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err := checkStatus(resp); err != nil {
		return Answer{}, err
	}
	if err != nil {
		return Answer{}, transportError(ctx, fmt.Errorf("read answer: %w", err))
	}
	if len(body) > MaxBody {
		return Answer{}, &Error{Reason: TooLarge, Err: fmt.Errorf("answer has more than %d bytes", MaxBody)}
	}
	return decode(body, c.location)
}

func checkStatus(resp *http.Response) error {
	reason := Decode // a status that is neither an answer nor a documented failure
	switch {
	case resp.StatusCode == http.StatusOK:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests:
		reason = Throttled
	case resp.StatusCode >= 500:
		reason = HTTP5xx
	case resp.StatusCode >= 400:
		reason = HTTP4xx
	}
	return &Error{Reason: reason, Err: fmt.Errorf("status %s", resp.Status)}
}

// retryAfter reads both forms of the header, seconds and an HTTP date. What
// is neither, or lies in the past, is 0.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
