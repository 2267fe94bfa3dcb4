package collector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"simcard_exporter/collector/szzkc"
)

// recordedResponse keeps what is written through it.
type recordedResponse struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer // at most a little more than szzkc.MaxBody
	failed bool         // it could not be written to its end
}

// Unwrap lets the simulator hijack the connection.
func (r *recordedResponse) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recordedResponse) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recordedResponse) Write(data []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if r.body.Len() <= szzkc.MaxBody {
		r.body.Write(data)
	}
	n, err := r.ResponseWriter.Write(data)
	r.failed = r.failed || err != nil
	return n, err
}

// recordedReply is an answer of the platform, read independently of the exporter.
type recordedReply struct {
	items     map[string]recordedItem // by the identifier that was asked for, in upper case
	anonymous bool                    // some items cannot be assigned to a card, so a card without one may be known
	doubtful  bool                    // some items have no value that can be read
}

type recordedItem struct {
	status, balance float64 // NaN if unreadable
	doubtful        bool    // neither can be read, so it may count as an answer or not
}

// reply reads the answer to a request for the identifiers, and reports false if
// there is none.
func (r *recordedResponse) reply(identifiers []string) (recordedReply, bool) {
	length := r.Header().Get("Content-Length")
	whole := length == "" || length == strconv.Itoa(r.body.Len())
	if r.status != http.StatusOK || r.failed || !whole || r.body.Len() > szzkc.MaxBody {
		return recordedReply{}, false
	}
	var envelope struct {
		State  *bool
		Result []json.RawMessage
		Error  string
	}
	if json.Unmarshal(r.body.Bytes(), &envelope) != nil || envelope.State == nil {
		return recordedReply{}, false
	}
	if !*envelope.State {
		return recordedReply{}, envelope.Error == "未查询到任何数据"
	}
	answer := recordedReply{items: make(map[string]recordedItem)}
	for _, raw := range envelope.Result {
		answer.add(raw, identifiers)
	}
	return answer, len(answer.items) > 0
}

// add adds an item under the identifier that was asked for.
func (a *recordedReply) add(raw json.RawMessage, identifiers []string) {
	var item struct{ IMEI, ICCID, Status, Balance any }
	if json.Unmarshal(raw, &item) != nil {
		a.anonymous = true
		return
	}
	imei, iccid := fmt.Sprint(item.IMEI), strings.ToUpper(fmt.Sprint(item.ICCID))
	asked := slices.IndexFunc(identifiers, func(id string) bool { return id == imei || strings.EqualFold(id, iccid) })
	switch {
	case asked >= 0:
	case len(imei) == 15 && len(iccid) > 18: // of a card that nobody asked for
		return
	default:
		a.anonymous = true
		return
	}
	status, isNumber := item.Status.(float64)
	if !isNumber {
		status = math.NaN()
	}
	read := recordedItem{status: status, balance: kilobytes(fmt.Sprint(item.Balance))}
	read.doubtful = math.IsNaN(read.status) && math.IsNaN(read.balance)
	a.doubtful = a.doubtful || read.doubtful
	a.items[strings.ToUpper(identifiers[asked])] = read
}

// kilobytes returns a balance in bytes, NaN if it cannot be read.
func kilobytes(text string) float64 {
	number, ok := strings.CutSuffix(text, "KB")
	n, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil {
		return math.NaN()
	}
	return n * 1024
}
