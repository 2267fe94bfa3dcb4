package web

import (
	"net"
	"net/http"
)

// resetAborted returns a handler that resets the connection when h breaks off a response over
// HTTP/1.0, which nginx speaks: there, the response ends with the connection, and one that is
// cut would look whole.
func resetAborted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoAtLeast(1, 1) {
			h.ServeHTTP(w, r)
			return
		}
		defer func() {
			if p := recover(); p != nil {
				if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
					reset(conn)
				}
				panic(p)
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// reset closes a connection so that its client gets an error.
func reset(conn net.Conn) {
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok { // of TLS
		conn = secure.NetConn()
	}
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0) // an error changes nothing, here and below: the client is about to go
	}
	_ = conn.Close()
}
