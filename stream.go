package decant

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/files"
	"github.com/decant-go/decant/internal/header"
)

// stream writes a body to the client.
type stream func(w http.ResponseWriter) error

// streamed returns nil for an answer that is no stream.
func (c *Context) streamed(answer any) *Response {
	switch body := answer.(type) {
	case http.Handler:
		r := c.sourceResponse(body)
		r.contentType[0] = ""
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
	r.more().source = source
	return r
}

// piecesOf returns what sends a sequence of text or bytes, nil for anything
// else. A function literal has no named type, so each comes twice.
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

// unfailing makes a sequence one that could report an error.
func unfailing[T any](pieces iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for piece := range pieces {
			if !yield(piece, nil) {
				return
			}
		}
	}
}

// sendEach sends each piece when it is there, and stops when the client is
// gone or the sequence reports an error.
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

// flush sends what was written, where the server can do that.
func flush(w http.ResponseWriter) error {
	err := http.NewResponseController(w).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// contentResponse answers with the content of a reader, which is closed with
// the request, sent or not.
func (c *Context) contentResponse(content *files.Content) *Response {
	if closer, ok := content.Reader.(io.Closer); ok {
		c.closeLater(closer)
	}
	return c.sourceResponse(content)
}

// closeFunc is a function that runs when all is done.
type closeFunc func()

// Close calls the function.
func (f closeFunc) Close() error {
	f()
	return nil
}

// closeLater closes a body when the request is over.
func (c *Context) closeLater(body io.Closer) {
	n := c.take()
	n.bodies = append(n.bodies, body)
}

func (c *Context) closeBody(body io.Closer) {
	defer func() {
		if value := recover(); value != nil {
			c.logError("Closing the answer panicked", &panicError{value, debug.Stack()})
		}
	}()
	body.Close()
}

// Event is one of a stream of server-sent events. A view answers with an
// iter.Seq of them, or with an iter.Seq2 of them and error, and each is sent at
// once, as text/event-stream:
//
//	return iter.Seq[decant.Event](func(yield func(decant.Event) bool) {
//		for {
//			select {
//			case price := <-prices:
//				if !yield(decant.Event{Data: price}) {
//					return
//				}
//			case <-c.Done(): // the client is gone
//				return
//			}
//		}
//	}), nil
//
// A browser that lost the connection comes back with the ID of the last event
// it saw in the header Last-Event-ID. The zero Event is a comment, which keeps
// proxies from giving up a quiet connection.
type Event struct {
	// ID names the event. A line break or NUL in it ends the stream with an
	// error, as it does in Event.
	ID string
	// Event is the type that scripts listen to; empty means "message".
	Event string
	// Data is what the script gets. It may have many lines; each kind of line
	// break arrives as "\n".
	Data string
	// Retry is how long the browser waits before it connects again, in whole
	// milliseconds; zero or less leaves it as it is.
	Retry time.Duration
}

// eventsOf returns the events of an answer, nil for anything else.
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

// eventResponse sends its headers at once, because the browser takes them for
// the sign that it is connected, however long the first event takes.
func (c *Context) eventResponse(events iter.Seq2[Event, error]) *Response {
	send := sendEach(events, writeEvent)
	r := c.sourceResponse(stream(func(w http.ResponseWriter) error {
		if err := flush(w); err != nil {
			return err
		}
		return send(w)
	}))
	r.contentType[0] = typeEvents
	r.Header()["Cache-Control"] = []string{"no-cache"}
	return r
}

// eventRoom is the size in bytes of what is around the data of most events.
const eventRoom = 64

func writeEvent(w io.Writer, e Event) error {
	text, err := e.append(make([]byte, 0, len(e.Data)+eventRoom))
	if err != nil {
		return err
	}
	return writeBytes(w, text)
}

// append writes the event in the form of the HTML standard.
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

// check refuses what would be a field of its own, or would not be an ID.
func (e Event) check() error {
	for _, field := range [...]struct{ name, value string }{{"ID", e.ID}, {"Event", e.Event}} {
		if !header.ValidValue(field.value) {
			return fmt.Errorf("decant: the %s of an event has a line break or a NUL: %q; only its Data may have lines", field.name, field.value)
		}
	}
	return nil
}

// appendData writes a field for each line, or what follows a line break would
// be a field of its own.
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

// appendField writes one line. The blank is not part of the value, so that one
// which begins with a blank keeps it.
func appendField(dst []byte, name, value string) []byte {
	dst = append(append(dst, name...), ": "...)
	return append(append(dst, value...), '\n')
}
