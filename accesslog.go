package decant

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"
)

// AccessLog is middleware that logs each request once it is answered, as the
// line that Flask's development server prints, and with how long it took:
//
//	app.Use(decant.AccessLog(nil))
//
//	127.0.0.1 - - [24/Nov/2026 03:22:19] "GET /login?next=/ HTTP/1.1" 200 -
//
// The line holds the address as the client wrote it, query included, so keep
// secrets out of queries. What a client could forge a line with is escaped.
// The status is "-" where the connection was cut before an answer, and 101
// where a handler took the connection over. Behind a
// proxy, add it after [ProxyFix] to see the client's address. A nil logger
// means slog.Default().
func AccessLog(logger *slog.Logger) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began := time.Now()
			watched := &watchedWriter{ResponseWriter: w}
			defer func() {
				cmp.Or(logger, slog.Default()).InfoContext(r.Context(), accessLine(r, watched.status, began), "duration", time.Since(began))
			}()
			next.ServeHTTP(watched, r)
			watched.begin(http.StatusOK)
		})
	}
}

// accessLine is a line of Werkzeug's server.
func accessLine(r *http.Request, status int, at time.Time) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr // ProxyFix leaves no port
	}
	request := strconv.QuoteToASCII(r.Method + " " + cmp.Or(r.RequestURI, r.URL.RequestURI()) + " " + r.Proto)
	code := "-"
	if status != 0 {
		code = strconv.Itoa(status)
	}
	return fmt.Sprintf("%s - - [%s] %s %s -", onOneLine(host), at.Format("02/Jan/2006 15:04:05"), request, code)
}

// watchedWriter notes the status. It keeps what the writer below it can do:
// sendfile by ReadFrom, and all the rest by Unwrap.
type watchedWriter struct {
	http.ResponseWriter
	status int // 0 until the answer begins
}

func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watchedWriter) begin(status int) {
	isFinal := status >= 200 || status == http.StatusSwitchingProtocols
	if w.status == 0 && isFinal {
		w.status = status
	}
}

func (w *watchedWriter) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(data []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.ResponseWriter.Write(data)
}

func (w *watchedWriter) WriteString(text string) (int, error) {
	w.begin(http.StatusOK)
	return io.WriteString(w.ResponseWriter, text)
}

func (w *watchedWriter) ReadFrom(body io.Reader) (int64, error) {
	w.begin(http.StatusOK)
	return io.Copy(w.ResponseWriter, body)
}

// Hijack serves handlers that look for an http.Hijacker, as those of WebSockets
// do. What is written from then on is not seen.
func (w *watchedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.begin(http.StatusSwitchingProtocols)
	}
	return connection, buffered, err
}

// Flush serves handlers that look for an http.Flusher.
func (w *watchedWriter) Flush() {
	w.begin(http.StatusOK)
	http.NewResponseController(w.ResponseWriter).Flush()
}
