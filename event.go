package decant

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/header"
)

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
