package simulator

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// serve starts an HTTP server with the three cards of the documentation.
func serve(t *testing.T) (*Simulator, *httptest.Server) {
	t.Helper()
	sim := New(PageCards())
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return sim, server
}

// reply is what a client sees. If there is a status, err is the error of reading the
// body.
type reply struct {
	status int
	header http.Header
	length int64
	body   string
	err    error
}

func send(t *testing.T, server *httptest.Server, method, body string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/api/app/querySimCardBatch", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, response.ContentLength, string(text), err}
}

// query sends a well-formed request for the identifiers.
func query(t *testing.T, server *httptest.Server, identifiers ...string) reply {
	t.Helper()
	return send(t, server, http.MethodPost, `{"imeis":"`+strings.Join(identifiers, ",")+`"}`)
}

// record sends a request without a network, as tests in a synctest bubble must.
func record(ctx context.Context, sim *Simulator, body string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	sim.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(body)))
	return recorder
}

func pageIMEIs() []string {
	return []string{"352019040635785", "352019040625281", "352019041648936"}
}

const (
	// The items of the documented answer, as JSON without white space.
	first  = `{"ServiceNum":"460044352904839","IMEI":"352019040635785","ICCID":"89860423191970454839","Status":1,"ActiveTS":"2019-07-02T11:03:42","ExpireTS":"2020-07-05T15:08:49","Balance":"8306.00KB"}`
	second = `{"ServiceNum":"460044352904000","IMEI":"352019040625281","ICCID":"89860423191970454000","Status":1,"ActiveTS":"2019-06-21T19:38:22","ExpireTS":"2019-06-22T14:29:44","Balance":"0KB"}`
	third  = `{"ServiceNum":"460044300203314","IMEI":"352019041648936","ICCID":"898604231919c0083314","Status":1,"ActiveTS":"2019-08-09T08:48:15","ExpireTS":"2020-08-15T17:55:27","Balance":"4.00KB"}`

	// The answer about unknown cards.
	noData = `{"state":false,"result":null,"error":"未查询到任何数据"}`
)

// holding returns the answer with the items.
func holding(items ...string) string {
	return `{"state":true,"result":[` + strings.Join(items, ",") + `],"error":""}`
}
