package simulator

import (
	"bytes"
	"cmp"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	typeJSON = "application/json; charset=utf-8"
	typeHTML = "text/html; charset=utf-8"

	// oversizeBytes is more than any sensible limit for an answer.
	oversizeBytes = 3 << 20

	// redirectURL is where Redirect leads: .example never resolves.
	redirectURL = "http://login.example/portal?ticket=hunter2"

	pageMaintenance = "<!DOCTYPE html>\n<html><head><title>系统维护中</title></head>" +
		"<body><h1>系统维护中,请稍后访问</h1></body></html>\n"
	pageUnavailable = "<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>" +
		"<body><h1>Service Unavailable</h1></body></html>\n"
	pageNotFound = "<!DOCTYPE html>\n<html><head><title>404 - 找不到文件或目录</title></head>" +
		"<body><h1>404 - 找不到文件或目录。</h1></body></html>\n"
)

// answer writes the answer to a valid batch, subject to the fault.
func (s *Simulator) answer(w http.ResponseWriter, behaviour *behaviourState, b batch, fault Fault) {
	switch fault {
	case Reset:
		reset(w)
	case ServerError:
		write(w, http.StatusInternalServerError, typeJSON, []byte(`{"Message":"An error has occurred."}`))
	case Unavailable:
		behaviour.setRetryAfter(w.Header())
		write(w, http.StatusServiceUnavailable, typeHTML, []byte(pageUnavailable))
	case Throttled:
		behaviour.setRetryAfter(w.Header())
		write(w, http.StatusTooManyRequests, typeJSON, []byte(`{"Message":"Too many requests."}`))
	case NotFoundPage:
		write(w, http.StatusNotFound, typeHTML, []byte(pageNotFound))
	case Redirect:
		w.Header().Set("Location", redirectURL)
		write(w, http.StatusTemporaryRedirect, typeHTML, nil)
	case HTML:
		write(w, http.StatusOK, typeHTML, []byte(pageMaintenance))
	case Empty:
		writeJSON(w, nil)
	case Rejected:
		writeJSON(w, failure(cmp.Or(behaviour.ErrorText, textRejected)))
	case NullResult:
		writeJSON(w, []byte(`{"state":true,"result":null,"error":""}`))
	case NoState:
		writeJSON(w, []byte(`{}`))
	case Truncated:
		writeTruncated(w, s.body(behaviour, b, fault))
	case HalfJSON:
		body := s.body(behaviour, b, fault)
		writeJSON(w, body[:len(body)/2])
	case Oversize:
		writeOversize(w, s.body(behaviour, b, fault))
	default:
		writeJSON(w, s.body(behaviour, b, fault))
	}
}

// setRetryAfter sets the Retry-After header to [Behaviour.RetryAfter].
func (s *behaviourState) setRetryAfter(header http.Header) {
	if s.RetryAfter > 0 {
		seconds := (s.RetryAfter + time.Second - 1) / time.Second
		header.Set("Retry-After", strconv.Itoa(int(seconds)))
	}
}

// write sends a complete answer. It ignores errors: the client has disconnected.
func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func writeJSON(w http.ResponseWriter, body []byte) {
	write(w, http.StatusOK, typeJSON, body)
}

// writeTruncated sends half of the answer. net/http closes the connection, because
// less was written than Content-Length says.
func writeTruncated(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body[:len(body)/2])
}

// writeOversize pads the answer before its last brace. A decoder cannot skip the
// padding by stopping at the end of the JSON value.
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

// reset resets the TCP connection, which the client can tell from an orderly close.
// If there is no connection to take over, as under HTTP/2, it aborts the request.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	raw := conn
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = wrapped.NetConn() // closing the TLS connection would send an alert first
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		// Close then discards unsent data and sends RST instead of FIN.
		_ = tcp.SetLinger(0)
	}
	_ = raw.Close()
}
