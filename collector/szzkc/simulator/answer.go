package simulator

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
)

const (
	typeJSON = "application/json; charset=utf-8"
	typeHTML = "text/html; charset=utf-8"

	// oversizeBytes is well past any sensible limit on an answer.
	oversizeBytes = 3 << 20

	pageMaintenance = "<!DOCTYPE html>\n<html><head><title>系统维护中</title></head>" +
		"<body><h1>系统维护中,请稍后访问</h1></body></html>\n"
	pageUnavailable = "<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>" +
		"<body><h1>Service Unavailable</h1></body></html>\n"
	pageNotFound = "<!DOCTYPE html>\n<html><head><title>404 - 找不到文件或目录</title></head>" +
		"<body><h1>404 - 找不到文件或目录。</h1></body></html>\n"
)

// answer writes the answer to a lawful batch, or what the fault makes of it.
func (s *Simulator) answer(w http.ResponseWriter, current *regime, b batch, fault Fault) {
	switch fault {
	case Reset:
		reset(w)
	case ServerError:
		write(w, http.StatusInternalServerError, typeJSON, []byte(`{"Message":"An error has occurred."}`))
	case Unavailable:
		current.askToWait(w)
		write(w, http.StatusServiceUnavailable, typeHTML, []byte(pageUnavailable))
	case Throttled:
		current.askToWait(w)
		write(w, http.StatusTooManyRequests, typeJSON, []byte(`{"Message":"Too many requests."}`))
	case NotFoundPage:
		write(w, http.StatusNotFound, typeHTML, []byte(pageNotFound))
	case HTML:
		write(w, http.StatusOK, typeHTML, []byte(pageMaintenance))
	case Empty:
		writeJSON(w, nil)
	case Rejected:
		text := current.ErrorText
		if text == "" {
			text = textRejected
		}
		writeJSON(w, failure(text))
	case NullResult:
		writeJSON(w, []byte(`{"state":true,"result":null,"error":""}`))
	case NoState:
		writeJSON(w, []byte(`{}`))
	case Truncated:
		writeTruncated(w, s.body(current, b, fault))
	case HalfJSON:
		body := s.body(current, b, fault)
		writeJSON(w, body[:len(body)/2])
	case Oversize:
		writeOversize(w, s.body(current, b, fault))
	default:
		writeJSON(w, s.body(current, b, fault))
	}
}

// write sends a whole answer. That a client is no longer there to read it is no
// concern of the platform's.
func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func writeJSON(w http.ResponseWriter, body []byte) {
	write(w, http.StatusOK, typeJSON, body)
}

// writeTruncated leaves it to net/http to close a connection on which less was
// written than promised.
func writeTruncated(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body[:len(body)/2])
}

// writeOversize puts the padding before the last brace, where a decoder that
// stops at the end of the first value has to read it too.
func writeOversize(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", typeJSON)
	end := len(body) - 1
	if _, err := w.Write(body[:end]); err != nil {
		return
	}
	blank := bytes.Repeat([]byte{' '}, 64<<10)
	for range oversizeBytes / len(blank) {
		if _, err := w.Write(blank); err != nil {
			return
		}
	}
	_, _ = w.Write(body[end:])
}

// reset makes the client see a connection reset rather than an orderly close,
// as far as the server lets it: without a TCP connection of its own, as under
// HTTP/2, the request is aborted.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = wrapped.NetConn() // below TLS, whose own close sends an alert first
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		// Unsent data is thrown away and the close sends RST instead of FIN.
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}
