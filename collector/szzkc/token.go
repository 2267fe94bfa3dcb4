package szzkc

import (
	"context"
	"net"
	"time"

	promconfig "github.com/prometheus/common/config"
)

// tokenTimeout is how long an OAuth 2.0 token server may take.
const tokenTimeout = 10 * time.Second

// ownRequest marks the context of a request to the platform.
type ownRequest struct{}

// boundTokens has the connections to a token server end after a timeout. The library asks
// for a token without a deadline, and all requests wait for it: a server that hangs would hold
// them up for good.
func boundTokens(timeout time.Duration) promconfig.HTTPClientOption {
	return promconfig.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		if ctx.Value(ownRequest{}) != nil {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		conn, err := (&net.Dialer{Timeout: timeout}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return conn, conn.SetDeadline(time.Now().Add(timeout))
	})
}
