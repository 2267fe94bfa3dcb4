//go:build e2e

package e2e

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"simcard_exporter/collector/szzkc/simulator"
)

// secretPlaces has every key that may hold a secret, %s in its place. The @ before
// a / stands for an address at which nothing answers.
var secretPlaces = []string{
	`{url: "http://me:%s@@/"}`,
	`{url: "http://%s@@/"}`,
	`{url: "http://@/?token=%s"}`,
	`{url: "http://@/?%s"}`,
	`{url: "http://@/#%s"}`,
	`{http_client_config: {basic_auth: {username: me, password: %s}}}`,
	`{http_client_config: {authorization: {credentials: %s}}}`,
	`{http_client_config: {http_headers: {X-Key: {values: [%s]}}}}`,
	`{http_client_config: {http_headers: {X-Key: {secrets: [%s]}}}}`,
	`{http_client_config: {proxy_url: "http://me:%s@@/"}}`,
	`{http_client_config: {proxy_url: "http://%s@@/"}}`,
	`{http_client_config: {proxy_url: "http://@/?token=%s"}}`,
	`{http_client_config: {proxy_url: "me:%s@@"}}`,
	`{http_client_config: {oauth2: {client_id: me, client_secret: %s, token_url: "http://@/"}}}`,
	`{http_client_config: {oauth2: {client_id: me, client_secret: a, token_url: "http://@/?secret=%s"}}}`,
	`{http_client_config: {oauth2: {client_id: me, client_secret: a, token_url: "http://me:%s@@/"}}}`,
	`{http_client_config: {oauth2: {client_id: me, client_secret: a, token_url: "http://me:%s@[@/"}}}`,
	`{http_client_config: {oauth2: {client_id: me, client_secret: a, token_url: "me:%s@@/"}}}`,
	`{http_client_config: {oauth2: {client_id: me, client_secret: a, token_url: "http://@/", endpoint_params: {password: %s}}}}`,
	`{http_client_config: {oauth2: {client_id: me, client_secret: a, token_url: "http://@/", claims: {pin: %s}}}}`,
	`{http_client_config: {tls_config: {cert: c, key: %s}}}`,
}

// TestSecrets: no secret shows in the log, at debug level, in /config, on the pages, in the
// metrics, in what --config.check and --query print, nor in the answer to a reload.
func TestSecrets(t *testing.T) {
	const secret = "hunter2"
	platform := httptest.NewServer(simulator.New(simulator.PageCards()))
	t.Cleanup(platform.Close)
	nobody := freeAddress(t)
	for _, place := range secretPlaces {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			settings := strings.ReplaceAll(strings.ReplaceAll(place, "@@", "@"+nobody), "/@/", "/"+nobody+"/")
			settings = strings.ReplaceAll(settings, "[@/", "["+nobody+"/")
			settings = fmt.Sprintf(settings, secret)
			if !strings.Contains(settings, "{url") {
				settings = "{url: " + platform.URL + ", " + settings[1:]
			}
			config := filepath.Join(t.TempDir(), "simcard.yml")
			const groups = "\ngroups: [{name: g, imeis: [352019040635785]}]\n"
			write(t, config, "platform: {url: "+platform.URL+"}"+groups)
			e := startExporter(t, "--config.file="+config, "--log.level=debug")
			write(t, config, "platform: "+settings+groups)
			_, reloaded := post(t, "http://"+e.address+"/-/reload")
			shown := []string{reloaded, e.scrape(t, "2")}
			for _, path := range []string{"/config", "/", "/cards", "/cards.csv", "/cards.json", "/card?id=352019040635785"} {
				shown = append(shown, get(t, "http://"+e.address+path))
			}
			checked, _ := command(binaryPath(t), "--config.check", "--config.file="+config).CombinedOutput()
			queried, _ := command(binaryPath(t), "--query=352019040635785", "--config.file="+config).CombinedOutput()
			_ = e.stop()
			for _, text := range append(shown, string(checked), string(queried), e.log.String()) {
				if strings.Contains(text, secret) {
					t.Errorf("shows the secret:\n%s", text)
				}
			}
		})
	}
}
