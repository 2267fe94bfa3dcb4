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

// DemoServer serves the cards of [Demo] on a local port and holds an exporter's
// configuration for them. Create it with [StartDemo]; the zero value is not usable.
// It is safe for concurrent use.
type DemoServer struct {
	URL    string // of the platform's call; not to be changed
	server *http.Server
	files  fstest.MapFS
}

// DemoConfig is the name of the configuration file in [DemoServer.Files].
const DemoConfig = "simcard.yml"

// StartDemo starts a DemoServer on a free port of the loopback interface. The caller
// must close it. The context only limits the start. An error means that there is no
// port to listen on.
func StartDemo(ctx context.Context) (*DemoServer, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	terminals, live := Demo(time.Now())
	platform := New(append(terminals, live...))
	platform.SetBehaviour(Behaviour{
		Latency: 20 * time.Millisecond, Jitter: 30 * time.Millisecond, LiveLatency: 400 * time.Millisecond,
		// Otherwise, most graphs would change only once a day.
		AlwaysCurrent: true,
		Refuse:        []string{DemoRefused()},
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
	go func() { _ = d.server.Serve(listener) }() // returns after Close
	return d, nil
}

// Files returns a read-only file system with [DemoConfig] and the card files that it
// names.
func (d *DemoServer) Files() interface {
	fs.GlobFS
	fs.ReadFileFS
} {
	return d.files
}

// Close stops the server at once and breaks off the requests in progress.
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

// demoTerminals returns the card file of the first group: the cards, two that the
// platform does not know, and one that it refuses.
func demoTerminals(cards []Card) []byte {
	rows := [][]string{{"imei", "shop", "city", "contact", "phone"}}
	for _, c := range cards {
		rows = append(rows, append([]string{c.IMEI}, demoShop(len(rows))...))
	}
	for _, imei := range append(DemoUnknown(), DemoRefused()) {
		rows = append(rows, append([]string{imei}, demoShop(len(rows))...))
	}
	return toCSV(rows)
}

// demoLive returns the card file of the second group. It expects the last card in the
// terminal of the last but one, as if somebody had moved it.
func demoLive(cards []Card) []byte {
	rows := [][]string{{"iccid", "imei", "shop", "city", "contact", "phone"}}
	for i, c := range cards {
		imei := c.IMEI
		if i == len(cards)-1 {
			imei = cards[i-1].IMEI
		}
		rows = append(rows, append([]string{c.ICCID, imei}, demoShop(100+len(rows))...))
	}
	return toCSV(rows)
}

// demoShop returns the name of the i-th shop, its city, and whom to call there: nobody has such
// a number.
func demoShop(i int) []string {
	shops := []string{"老王面馆", "悦来超市", "阳光水果", "城南药房", "街角咖啡", "红旗便利店", "大众理发"}
	cities := []string{"北京", "上海", "广州", "成都"}
	people := []string{"王敏", "李娜", "张伟", "刘洋", "陈静"}
	return []string{fmt.Sprintf("%s%d号店", shops[i%len(shops)], i), cities[i%len(cities)], people[i%len(people)], fmt.Sprintf("1000000%04d", i)}
}

func toCSV(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows) // cannot fail for a buffer
	return b.Bytes()
}
