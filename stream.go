package decant

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/files"
	"github.com/decant-go/decant/internal/header"
)

// stream writes a body to the client.
type stream func(w http.ResponseWriter) error

// streamed returns the response for an answer that is streamed, and nil for any
// other answer.
func (c *Context) streamed(answer any) *Response {
	switch body := answer.(type) {
	case http.Handler:
		r := c.sourceResponse(body)
		r.contentType = noType
		return r
	case io.Reader:
		return c.contentResponse(files.NewContent(body, files.UnknownSize))
	}
	if pieces := piecesOf(answer); pieces != nil {
		return c.sourceResponse(pieces)
	}
	if events := eventsOf(answer); events != nil {
		return c.eventResponse(events)
	}
	return nil
}

func (c *Context) sourceResponse(source any) *Response {
	r := c.newResponse()
	r.needExtras().source = source
	return r
}

// piecesOf returns the stream of an answer that is a sequence of strings or
// bytes, and nil for any other answer. Each type is listed twice because a
// function literal does not have the named type.
func piecesOf(answer any) stream {
	switch body := answer.(type) {
	case func(io.Writer) error:
		return func(w http.ResponseWriter) error { return body(w) }
	case iter.Seq[string]:
		return sendEach(unfailing(body), writeText)
	case func(func(string) bool):
		return sendEach(unfailing(body), writeText)
	case iter.Seq[[]byte]:
		return sendEach(unfailing(body), writeBytes)
	case func(func([]byte) bool):
		return sendEach(unfailing(body), writeBytes)
	case iter.Seq2[string, error]:
		return sendEach(body, writeText)
	case func(func(string, error) bool):
		return sendEach(body, writeText)
	case iter.Seq2[[]byte, error]:
		return sendEach(body, writeBytes)
	case func(func([]byte, error) bool):
		return sendEach(body, writeBytes)
	}
	return nil
}

func writeText(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}

func writeBytes(w io.Writer, data []byte) error {
	_, err := w.Write(data)
	return err
}

// unfailing adds an error, which is always nil, to each piece of a sequence.
func unfailing[T any](pieces iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for piece := range pieces {
			if !yield(piece, nil) {
				return
			}
		}
	}
}

// sendEach sends each piece at once. It stops when the client has gone away or
// the sequence reports an error.
func sendEach[T any](pieces iter.Seq2[T, error], write func(io.Writer, T) error) stream {
	return func(w http.ResponseWriter) error {
		for piece, err := range pieces {
			if err == nil {
				err = write(w, piece)
			}
			if err == nil {
				err = flush(w)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// flush sends the bytes that were written so far, if the server can do that.
func flush(w http.ResponseWriter) error {
	err := http.NewResponseController(w).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// partOf returns the stream of the bytes from start up to, and without, end.
func partOf(whole stream, start, end int64) stream {
	return func(w http.ResponseWriter) error {
		part := &partWriter{ResponseWriter: w, skip: start, left: end - start}
		err := whole(part)
		switch {
		case part.left == 0:
			return nil // the rest of the stream does not matter
		case err == nil:
			return fmt.Errorf("decant: the stream ended %d bytes before its Content-Length: %w", part.left, io.ErrUnexpectedEOF)
		}
		return err
	}
}

// partWriter sends a part of what is written to it.
type partWriter struct {
	http.ResponseWriter
	skip, left int64
}

var errPartIsSent = errors.New("decant: the part of the stream that the client has asked for is sent")

// Write fails behind the end of the part, so that the stream ends.
func (w *partWriter) Write(data []byte) (int, error) {
	size := len(data)
	skipped := min(w.skip, int64(size))
	w.skip -= skipped
	data = data[skipped:]
	n, err := w.ResponseWriter.Write(data[:min(w.left, int64(len(data)))])
	w.left -= int64(n)
	if err == nil && w.left == 0 {
		err = errPartIsSent
	}
	return size, err
}

// Unwrap is for http.ResponseController, which flushes.
func (w *partWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// contentResponse answers with the content of a reader, which is closed with
// the request, sent or not.
func (c *Context) contentResponse(content *files.Content) *Response {
	r := c.newResponse()
	r.setContent(content)
	return r
}

func (r *Response) setContent(content *files.Content) {
	if closer, ok := content.Reader.(io.Closer); ok {
		r.context.closeLater(closer)
	}
	r.needExtras().source = content
}

// closeFunc is a function of OnClose as an io.Closer.
type closeFunc func()

// Close calls the function.
func (f closeFunc) Close() error {
	f()
	return nil
}

// closeLater closes a body when the request is over.
func (c *Context) closeLater(body io.Closer) {
	n := c.needExtras()
	n.bodies = append(n.bodies, body)
}

func (c *Context) closeBody(body io.Closer) {
	c.runLate("Closing the answer", func() { body.Close() })
}

// Event is a server-sent event. A view answers with an iter.Seq of events, or
// with an iter.Seq2 of events and errors. Each event is sent at once, as
// text/event-stream:
//
//	return iter.Seq[decant.Event](func(yield func(decant.Event) bool) {
//		for {
//			select {
//			case price := <-prices:
//				if !yield(decant.Event{Data: price}) {
//					return
//				}
//			case <-c.Done(): // the client has gone away
//				return
//			}
//		}
//	}), nil
//
// A browser that lost the connection connects again. Its header Last-Event-ID is
// the ID of the last event that it received. The zero Event is sent as a comment;
// it keeps proxies from closing a quiet connection.
type Event struct {
	// ID names the event. A line break or NUL in it ends the stream with an
	// error, as it does in Event.
	ID string
	// Event is the type for which scripts listen. The empty type is "message".
	Event string
	// Data is the message for the script. It may have many lines; every line
	// break arrives as "\n".
	Data string
	// Retry is how long the browser waits before it connects again, in whole
	// milliseconds. Zero or less changes nothing.
	Retry time.Duration
}

// eventsOf returns the events of an answer, and nil for any other answer.
func eventsOf(answer any) iter.Seq2[Event, error] {
	switch events := answer.(type) {
	case iter.Seq[Event]:
		return unfailing(events)
	case func(func(Event) bool):
		return unfailing(events)
	case iter.Seq2[Event, error]:
		return events
	case func(func(Event, error) bool):
		return events
	}
	return nil
}

// eventResponse sends its headers before the first event: the headers tell the
// browser that it is connected.
func (c *Context) eventResponse(events iter.Seq2[Event, error]) *Response {
	send := sendEach(events, writeEvent)
	r := c.sourceResponse(stream(func(w http.ResponseWriter) error {
		if err := flush(w); err != nil {
			return err
		}
		return send(w)
	}))
	r.contentType = eventsType
	r.Header()["Cache-Control"] = []string{"no-cache"}
	return r
}

// eventRoom is the size in bytes of most events without their data.
const eventRoom = 64

func writeEvent(w io.Writer, e Event) error {
	text, err := e.append(make([]byte, 0, len(e.Data)+eventRoom))
	if err != nil {
		return err
	}
	return writeBytes(w, text)
}

// append writes the event in the format of the HTML standard.
func (e Event) append(dst []byte) ([]byte, error) {
	if e == (Event{}) {
		return append(dst, ":\n\n"...), nil
	}
	if err := e.check(); err != nil {
		return dst, err
	}
	if e.ID != "" {
		dst = appendField(dst, "id", e.ID)
	}
	if e.Event != "" {
		dst = appendField(dst, "event", e.Event)
	}
	if e.Retry > 0 {
		dst = appendField(dst, "retry", strconv.FormatInt(e.Retry.Milliseconds(), 10))
	}
	if e.Data != "" || e.Event != "" {
		dst = appendData(dst, e.Data)
	}
	return append(dst, '\n'), nil
}

// check returns an error for an ID or type with a line break, which would begin
// a field of its own.
func (e Event) check() error {
	for _, field := range [...]struct{ name, value string }{{"ID", e.ID}, {"Event", e.Event}} {
		if !header.ValidValue(field.value) {
			return fmt.Errorf("decant: the %s of an event has a line break or a NUL: %q; only its Data may have lines", field.name, field.value)
		}
	}
	return nil
}

// appendData writes one field for each line of the data.
func appendData(dst []byte, data string) []byte {
	for {
		end := strings.IndexAny(data, "\r\n")
		if end < 0 {
			return appendField(dst, "data", data)
		}
		dst = appendField(dst, "data", data[:end])
		if strings.HasPrefix(data[end:], "\r\n") {
			end++
		}
		data = data[end+1:]
	}
}

// appendField writes one line. Browsers remove the blank after the colon, so a
// value that begins with a blank keeps it.
func appendField(dst []byte, name, value string) []byte {
	dst = append(append(dst, name...), ": "...)
	return append(append(dst, value...), '\n')
}
