package szzkc

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"simcard_exporter/collector/platform"
)

// TestTokenServerHangs: a request ends with an error if the token server hangs, and one that
// takes longer than a token may, itself, does not.
func TestTokenServerHangs(t *testing.T) {
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/token" {
			<-ended
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token": "a", "token_type": "Bearer"}`)
		} else {
			<-time.After(1200 * time.Millisecond) // more than the timeout below
			_, _ = io.WriteString(w, `{"state": false, "error": "未查询到任何数据"}`)
		}
	}))
	defer server.Close()
	c, err := New(server.URL, time.UTC, promconfig.HTTPClientConfig{OAuth2: &promconfig.OAuth2{ClientID: "me", ClientSecret: "b", TokenURL: server.URL + "/token"}}, boundTokens(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	_, err = c.Query(context.Background(), []string{"352019040635785"}, false)
	var failure *platform.Error
	if !errors.As(err, &failure) || failure.Reason != platform.Timeout {
		t.Errorf("got %v", err)
	}
	close(ended)
	if _, err = c.Query(context.Background(), []string{"352019040635785"}, false); err != nil {
		t.Error(err)
	}
}
