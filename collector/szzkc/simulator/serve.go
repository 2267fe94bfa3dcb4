package simulator

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"testing/fstest"
	"time"
)

// DemoServer is the platform of [Demo] on a port of this machine's own, and
// the configuration of an exporter for it.
type DemoServer struct {
	URL    string
	server *http.Server
	files  fstest.MapFS
}

// DemoConfig is the name of the configuration among a DemoServer's files.
const DemoConfig = "simcard.yml"

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
	d.files = fstest.MapFS{
		DemoConfig:      {Data: fmt.Appendf(nil, demoConfig, d.URL)},
		"terminals.csv": {Data: demoTerminals(terminals)},
		"live.csv":      {Data: demoLive(live)},
	}
	go func() { _ = d.server.Serve(listener) }() // ends with Close
	return d, nil
}

// Files are the configuration and its spreadsheets.
func (d *DemoServer) Files() interface {
	fs.GlobFS
	fs.ReadFileFS
} {
	return d.files
}

// Close ends the server and the requests that it is answering.
func (d *DemoServer) Close() { _ = d.server.Close() }

const demoConfig = `platform:
  url: %s
groups:
  - name: terminals
    stale_if_error: 1h
    files: [terminals.csv]
  - name: live
    live: true
    max_age: 30s
    stale_if_error: 1h
    files: [live.csv]
`

// demoTerminals is the spreadsheet of the first group, with two terminals that
// the platform does not know.
func demoTerminals(cards []Card) []byte {
	rows := [][]string{{"imei", "shop", "city"}}
	for _, c := range cards {
		rows = append(rows, append([]string{c.IMEI}, demoShop(len(rows))...))
	}
	for _, imei := range DemoUnknown() {
		rows = append(rows, append([]string{imei}, demoShop(len(rows))...))
	}
	return spreadsheet(rows)
}

// demoLive is the spreadsheet of the second group. The last card is expected
// in the terminal of the last but one: somebody has moved it.
func demoLive(cards []Card) []byte {
	rows := [][]string{{"iccid", "imei", "shop", "city"}}
	for i, c := range cards {
		imei := c.IMEI
		if i == len(cards)-1 {
			imei = cards[i-1].IMEI
		}
		rows = append(rows, append([]string{c.ICCID, imei}, demoShop(100+len(rows))...))
	}
	return spreadsheet(rows)
}

// demoShop is the i-th shop and its city.
func demoShop(i int) []string {
	shops := []string{"老王面馆", "悦来超市", "阳光水果", "城南药房", "街角咖啡", "红旗便利店", "大众理发"}
	cities := []string{"北京", "上海", "广州", "成都"}
	return []string{fmt.Sprintf("%s%d号店", shops[i%len(shops)], i), cities[i%len(cities)]}
}

func spreadsheet(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows) // a buffer takes everything
	return b.Bytes()
}
