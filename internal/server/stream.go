package server

import (
	"io"
	"net/http"
	"time"
)

// pacedWriter is the writer of a request of HTTP/2, whose client says how much
// of each answer it takes. The connection below can be in the best of health
// while one answer stands still.
type pacedWriter struct {
	http.ResponseWriter
	stream  *http.ResponseController
	pace    Pace
	timer   *time.Timer
	hasSent bool
}

// streamPatience is for how many intervals an answer may stand still. A client
// mostly asks for more when it has taken half of what it asked for before.
const streamPatience = 2

func newPacedWriter(w http.ResponseWriter, pace Pace) *pacedWriter {
	p := &pacedWriter{ResponseWriter: w, stream: http.NewResponseController(w), pace: pace}
	p.timer = time.AfterFunc(streamPatience*pace.Interval, p.expire)
	p.timer.Stop()
	return p
}

// expire resets the stream.
func (w *pacedWriter) expire() { w.stream.SetWriteDeadline(time.Now().Add(-time.Second)) }

// Unwrap lets handlers reach what the server's own writer can do.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *pacedWriter) Write(data []byte) (written int, err error) {
	for first := true; first || len(data) > 0; first = false {
		piece := data[:min(int64(len(data)), max(w.pace.Bytes, 1))]
		n, err := w.timed(func() (int, error) { return w.ResponseWriter.Write(piece) })
		written += n
		if err != nil {
			return written, err
		}
		data = data[len(piece):]
	}
	return written, nil
}

// WriteString saves a copy of short texts.
func (w *pacedWriter) WriteString(text string) (int, error) {
	if int64(len(text)) > w.pace.Bytes {
		return w.Write([]byte(text))
	}
	return w.timed(func() (int, error) { return io.WriteString(w.ResponseWriter, text) })
}

// Flush serves handlers that look for an http.Flusher.
func (w *pacedWriter) Flush() { w.FlushError() }

// FlushError serves http.ResponseController.
func (w *pacedWriter) FlushError() error {
	_, err := w.timed(func() (int, error) { return 0, w.stream.Flush() })
	return err
}

func (w *pacedWriter) timed(write func() (int, error)) (int, error) {
	w.hasSent = true
	w.timer.Reset(streamPatience * w.pace.Interval)
	defer w.timer.Stop()
	return write()
}

// finish limits how long the rest of the answer may take, which net/http sends
// when the handler is done.
func (w *pacedWriter) finish() {
	if w.hasSent {
		w.stream.SetWriteDeadline(time.Now().Add(streamPatience * w.pace.Interval))
	}
}
