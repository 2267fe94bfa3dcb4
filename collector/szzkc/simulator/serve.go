package simulator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// DemoServer is the platform of [Demo] on a port of this machine's own.
type DemoServer struct {
	URL    string
	server *http.Server
	config string
}

// StartDemo starts a DemoServer. It can be reached from this machine only.
func StartDemo(ctx context.Context) (*DemoServer, error) {
	var port net.ListenConfig
	listener, err := port.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	terminals, live := Demo(time.Now())
	platform := New(append(terminals, live...))
	platform.SetBehaviour(Behaviour{
		Latency: 20 * time.Millisecond, Jitter: 30 * time.Millisecond, LiveLatency: 400 * time.Millisecond,
		// Graphs that move once a day would not be much of a demo.
		AlwaysCurrent: true,
	})
	d := &DemoServer{
		URL:    "http://" + listener.Addr().String() + "/api/app/querySimCardBatch",
		server: &http.Server{Handler: platform, ReadHeaderTimeout: time.Minute},
	}
	d.config = demoConfig(d.URL, terminals, live)
	go func() { _ = d.server.Serve(listener) }() // ends with Close
	return d, nil
}

// Config is the exporter's configuration for the demo, as YAML.
func (d *DemoServer) Config() []byte { return []byte(d.config) }

// Close ends the server and the requests that it is answering.
func (d *DemoServer) Close() { _ = d.server.Close() }

func demoConfig(url string, terminals, live []Card) string {
	var b strings.Builder
	fmt.Fprintf(&b, "platform:\n  url: %s\n", url)
	fmt.Fprint(&b, "groups:\n  - name: terminals\n    labels:\n      city: 北京\n    imeis:\n")
	for _, c := range terminals {
		fmt.Fprintf(&b, "      - %q\n", c.IMEI)
	}
	for _, imei := range DemoUnknown() {
		fmt.Fprintf(&b, "      - %q # unknown to the platform\n", imei)
	}
	fmt.Fprint(&b, "  - name: live\n    live: true\n    labels:\n      city: 上海\n    iccids:\n")
	for _, c := range live {
		fmt.Fprintf(&b, "      - %q\n", c.ICCID)
	}
	return b.String()
}
