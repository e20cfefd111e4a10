package server

import (
	"io"
	"net/http"
	"time"
)

// timedBody is the body of a request whose client must keep sending. If the
// next piece takes too long, Read returns os.ErrDeadlineExceeded.
type timedBody struct {
	io.ReadCloser
	connection *http.ResponseController
	limit      time.Duration
}

// newTimedBody sets the first deadline at once. It counts when the view does
// not read the body and net/http reads the rest of it after the answer.
func newTimedBody(w http.ResponseWriter, body io.ReadCloser, limit time.Duration) *timedBody {
	b := &timedBody{body, http.NewResponseController(w), limit}
	b.connection.SetReadDeadline(time.Now().Add(limit))
	return b
}

func (b *timedBody) Read(data []byte) (int, error) {
	b.connection.SetReadDeadline(time.Now().Add(b.limit))
	n, err := b.ReadCloser.Read(data)
	if err == io.EOF { // net/http now waits for the client to close the connection
		b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}
