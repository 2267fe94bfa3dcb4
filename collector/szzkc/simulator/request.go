package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

const (
	// maxBatch is how many identifiers one request may hold.
	maxBatch = 20
	// maxRequestBytes is far above what maxBatch identifiers need.
	maxRequestBytes = 64 << 10
)

// batch is what one request asks for.
type batch struct {
	identifiers []string
	live        bool
}

// violation is the first rule of the call that a request breaks.
type violation int

const (
	lawful violation = iota
	wrongMethod
	tooLarge
	malformed
	noIdentifiers
	tooMany
	mixedKinds
)

// readBatch reads a request to its end, whatever is wrong with it: net/http
// notices that a client went away only once the body has been read.
func readBatch(w http.ResponseWriter, r *http.Request) (batch, violation) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
	var overflow *http.MaxBytesError
	switch {
	case r.Method != http.MethodPost:
		return batch{}, wrongMethod
	case errors.As(err, &overflow):
		return batch{}, tooLarge
	case err != nil:
		return batch{}, malformed
	}

	// A map rather than a struct: to a struct encoding/json takes keys in any
	// case, and the platform names one spelling.
	var fields map[string]json.RawMessage
	var imeis *string
	var b batch
	if json.Unmarshal(body, &fields) != nil ||
		json.Unmarshal(fields["imeis"], &imeis) != nil || imeis == nil {
		return batch{}, malformed
	}
	if update, ok := fields["update"]; ok && json.Unmarshal(update, &b.live) != nil {
		return batch{}, malformed
	}
	if *imeis != "" {
		b.identifiers = strings.Split(*imeis, ",")
	}
	return b, b.check()
}

// check is the rule that the batch breaks. A text that is no identifier at all
// breaks none: it names a card that nobody knows.
func (b batch) check() violation {
	if len(b.identifiers) == 0 {
		return noIdentifiers
	}
	imeis, iccids := 0, 0
	for _, identifier := range b.identifiers {
		switch {
		case identifier == "":
			return noIdentifiers
		case isIMEI(identifier):
			imeis++
		case isICCID(identifier):
			iccids++
		}
	}
	switch {
	case len(b.identifiers) > maxBatch:
		return tooMany
	case imeis > 0 && iccids > 0:
		return mixedKinds
	}
	return lawful
}

// answer is what a request that breaks a rule gets.
func (v violation) answer(w http.ResponseWriter) {
	switch v {
	case wrongMethod:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "仅支持POST请求", http.StatusMethodNotAllowed)
	case tooLarge:
		http.Error(w, "请求内容过大", http.StatusRequestEntityTooLarge)
	case malformed:
		http.Error(w, "请求格式错误", http.StatusBadRequest)
	case noIdentifiers:
		writeJSON(w, failure("imeis不能为空"))
	case tooMany:
		writeJSON(w, failure("单次最多查询20张卡"))
	case mixedKinds:
		writeJSON(w, failure("IMEI和ICCID不能混合查询"))
	}
}

func isIMEI(s string) bool {
	return len(s) == 15 && strings.Trim(s, "0123456789") == ""
}

func isICCID(s string) bool {
	if len(s) != 19 && len(s) != 20 {
		return false
	}
	for _, c := range []byte(s) {
		digit := '0' <= c && c <= '9'
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !digit && !letter {
			return false
		}
	}
	return true
}
