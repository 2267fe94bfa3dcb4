package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

const (
	// maxBatch is the maximum number of identifiers in one request.
	maxBatch = 20
	// maxRequestBytes is far more than maxBatch identifiers need.
	maxRequestBytes = 64 << 10
)

// batch is the content of one request.
type batch struct {
	identifiers []string
	live        bool // update is true
}

// violation says which rule of the API a request breaks. If it breaks several, it is
// the first of them; if none, it is valid.
type violation int

const (
	valid violation = iota
	wrongMethod
	tooLarge
	malformed
	noIdentifiers
	tooMany
	mixedKinds
)

// readBatch parses and checks a request. It reads the whole body even if the request
// is invalid, because net/http only then notices if the client disconnects.
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

	// A map, because encoding/json ignores the case of keys for a struct, and the
	// documentation has one spelling only.
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

// check returns the rule that the batch breaks. An identifier that is neither an
// IMEI nor an ICCID breaks none: it counts as an unknown card.
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
	return valid
}

// answer writes the answer to a request that breaks the rule.
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
