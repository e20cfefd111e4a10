package server

import (
	"io"
	"net/http"
	"os"
	"time"
)

// pacedBody is the body of a request whose client must send it at a pace. If it
// does not, Read returns os.ErrDeadlineExceeded. The time between two calls of
// Read does not count.
type pacedBody struct {
	io.ReadCloser
	connection *http.ResponseController
	pace       Pace
	left       time.Duration // of an interval of waiting
	got        int64         // bytes in that interval

	// armedAt is when the deadline was set. It counts, too, when net/http reads
	// what the handler has left over.
	armedAt time.Time
	// timer takes the place of the deadline in HTTP/2, where a deadline ends the
	// body although nobody reads it.
	timer *time.Timer
}

func newPacedBody(w http.ResponseWriter, r *http.Request, pace Pace) *pacedBody {
	b := &pacedBody{ReadCloser: r.Body, connection: http.NewResponseController(w), pace: pace, left: pace.Interval}
	if r.ProtoMajor == 2 {
		b.timer = time.AfterFunc(pace.Interval, b.expire)
		b.timer.Stop()
	} else {
		b.arm(time.Now())
	}
	return b
}

func (b *pacedBody) arm(now time.Time) {
	if b.timer != nil {
		b.timer.Reset(b.pace.Interval)
		return
	}
	if now.Sub(b.armedAt) >= b.pace.Interval/4 {
		b.armedAt = now
		b.connection.SetReadDeadline(now.Add(b.pace.Interval))
	}
}

func (b *pacedBody) disarm() {
	if b.timer != nil {
		b.timer.Stop()
	}
}

// expire makes all further reads of the body fail.
func (b *pacedBody) expire() { b.connection.SetReadDeadline(time.Now()) }

func (b *pacedBody) Read(data []byte) (int, error) {
	began := time.Now()
	b.arm(began)
	n, err := b.ReadCloser.Read(data)
	b.disarm()
	if err == io.EOF && b.timer == nil { // net/http now waits for the client to close the connection
		b.connection.SetReadDeadline(time.Time{})
	}
	if err != nil {
		return n, err
	}
	b.left -= time.Since(began)
	b.got += int64(n)
	if b.left > 0 {
		return n, nil
	}
	if b.got < b.pace.Bytes {
		b.expire()
		return n, os.ErrDeadlineExceeded
	}
	b.left, b.got = b.pace.Interval, 0
	return n, nil
}
