package decant

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"strconv"
	"strings"
)

// requestIDHeader is where a proxy says what it calls the request.
const requestIDHeader = "X-Request-Id"

// longestRequestID is the length in bytes of the longest id that is believed.
const longestRequestID = 128

// Logger is the application's logger with "request_id", "method" and "path" of
// the request attached: Flask's app.logger.
//
//	c.Logger().Info("logged in", "user", name)
//
// It is made when it is first asked for. Ask before you start a goroutine that
// logs.
func (c *Context) Logger() *slog.Logger {
	n := c.take()
	if n.logger == nil {
		n.logger = c.App.logger().With("request_id", c.RequestID(), "method", c.Request.Method, "path", c.Request.Path)
	}
	return n.logger
}

// RequestID names the request in the log: a random text of 26 letters and
// digits, made when it is first asked for, or, with Config.TrustRequestID, what
// the proxy in front of the server calls it.
func (c *Context) RequestID() string {
	n := c.take()
	if n.requestID == "" {
		n.requestID = c.newRequestID()
	}
	return n.requestID
}

func (c *Context) newRequestID() string {
	if id := c.Request.Header.Get(requestIDHeader); c.App.Config.TrustRequestID && isRequestID(id) {
		return id
	}
	return rand.Text()
}

// isRequestID accepts what proxies write, UUIDs and AWS's "Root=1-…" among it,
// and nothing that a log or a page would have to quote.
func isRequestID(text string) bool {
	isOdd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.:;=+/@", r))
	}
	return text != "" && len(text) <= longestRequestID && !strings.ContainsFunc(text, isOdd)
}

// logError writes what went wrong, with the stack of a panic.
func (c *Context) logError(message string, err error) {
	attributes := []any{slog.Any("error", err)}
	var raised *panicError
	if errors.As(err, &raised) {
		attributes = append(attributes, slog.String("stack", string(raised.stack)))
	}
	c.Logger().ErrorContext(c, message, attributes...)
}

// logged is the path and the method of the request for the message of a log
// entry, as Flask writes them.
func (c *Context) logged() string {
	return onOneLine(c.Request.Path) + " [" + onOneLine(c.Request.Method) + "]"
}

// onOneLine quotes a text of the client's that could pass for more than one
// entry of a log: some handlers of slog write messages as they are.
func onOneLine(text string) string {
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return strconv.Quote(text)
		}
	}
	return text
}
