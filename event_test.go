package decant

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEvents(t *testing.T) {
	for want, event := range map[string]Event{
		":\n\n":                 {},
		"data: hello\n\n":       {Data: "hello"},
		"data:  two blanks\n\n": {Data: " two blanks"},
		"data: a\ndata: b\ndata: c\ndata: \ndata: d\ndata: \n\n":  {Data: "a\nb\r\nc\r\rd\n"},
		"data: a\ndata: event: evil\n\n":                          {Data: "a\nevent: evil"},
		"id: 7\n\n":                                               {ID: "7"},
		"event: ping\ndata: \n\n":                                 {Event: "ping"},
		"retry: 1500\n\n":                                         {Retry: 1500*time.Millisecond + 1},
		"id: 7\nevent: price\nretry: 2000\ndata: {\"eur\":1}\n\n": {ID: "7", Event: "price", Retry: 2 * time.Second, Data: `{"eur":1}`},
		"data: é\n\n":                                             {Data: "é", Retry: -1},
	} {
		got, err := event.append(nil)
		if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
			t.Errorf("%+v: %v (-want +got):\n%s", event, err, diff)
		}
	}
}

func TestEventsThatWouldBreakOutEndTheStream(t *testing.T) {
	for name, event := range map[string]Event{
		"the ID of an event has":    {ID: "7\ndata: evil"},
		`a NUL: "7\x00"`:            {ID: "7\x00"},
		"the Event of an event has": {Event: "a\r\rdata: evil"},
	} {
		app, log := appWith(func(*Context) (any, error) {
			return slices.Values([]Event{{Data: "first"}, event}), nil
		})
		aborts(t, app)
		log.mustContain(t, name)
	}
}

func TestAStreamOfEvents(t *testing.T) {
	plain := func(yield func(Event) bool) { _ = yield(Event{Data: "1"}) && yield(Event{Data: "2"}) }
	failing := func(yield func(Event, error) bool) { _ = yield(Event{Data: "1"}, nil) && yield(Event{Data: "2"}, nil) }
	for name, answer := range map[string]any{
		"sequence":             iter.Seq[Event](plain),
		"function":             plain,
		"sequence with errors": iter.Seq2[Event, error](failing),
		"function with errors": failing,
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(*Context) (any, error) { return answer, nil })
			w := get(app, "/")
			mustAnswer(t, w, 200, "data: 1\n\ndata: 2\n\n")
			want := http.Header{"Content-Type": {"text/event-stream"}, "Cache-Control": {"no-cache"}}
			if diff := cmp.Diff(want, w.Result().Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			log.mustBeEmpty(t)
		})
	}
	app, log := appWith(func(*Context) (any, error) {
		return func(yield func(Event, error) bool) { yield(Event{}, errors.New("the source is dry")) }, nil
	})
	aborts(t, app)
	log.mustContain(t, "the source is dry")
}

// Each event must arrive before the next one is made, and the headers before
// the first.
func TestEventsArriveAtOnce(t *testing.T) {
	events, gone := make(chan Event), make(chan struct{})
	app, log := appWith(func(c *Context) (any, error) {
		return func(yield func(Event) bool) {
			defer close(gone)
			for {
				select {
				case event := <-events:
					if !yield(event) {
						return
					}
				case <-c.Done():
					return
				}
			}
		}, nil
	})
	server := httptest.NewServer(app)
	defer server.Close()
	answer, err := http.Get(server.URL) // returns when the headers are there
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(answer.Body)
	for _, data := range []string{"one", "two"} {
		events <- Event{Data: data}
		line, err := lines.ReadString('\n')
		if err != nil || line != "data: "+data+"\n" {
			t.Errorf("got %q (%v)", line, err)
		}
		lines.ReadString('\n')
	}
	answer.Body.Close()
	<-gone
	log.mustBeEmpty(t)
}

// readEvents is the parser of the HTML standard.
func readEvents(stream string) (events []Event, lastID string) {
	stream = strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n", "\n"), "\r", "\n")
	var current Event
	var data strings.Builder
	for line := range strings.SplitSeq(stream, "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "":
			if line == "" && data.Len() > 0 {
				current.ID, current.Data = lastID, strings.TrimSuffix(data.String(), "\n")
				events = append(events, current)
			}
			if line == "" {
				current = Event{}
				data.Reset()
			}
		case "data":
			data.WriteString(value + "\n")
		case "event":
			current.Event = value
		case "id":
			lastID = value
		case "retry":
			milliseconds, _ := strconv.Atoi(value)
			current.Retry = time.Duration(milliseconds) * time.Millisecond
		}
	}
	return events, lastID
}

// FuzzEvent checks that a browser gets what was sent, once, and nothing else.
func FuzzEvent(f *testing.F) {
	f.Fuzz(func(t *testing.T, id, name, data string, retry int64) {
		sent := Event{ID: id, Event: name, Data: data, Retry: time.Duration(retry%1_000_000) * time.Millisecond}
		var wire strings.Builder
		err := writeEvent(&wire, sent)
		if refused := strings.ContainsAny(id+name, "\r\n\x00"); refused != (err != nil) {
			t.Fatalf("the error is %v", err)
		}
		if err != nil {
			if wire.Len() > 0 {
				t.Errorf("%q was sent of what is refused", wire.String())
			}
			return
		}
		io.WriteString(&wire, "data: next\n\n")
		sent.Data = strings.ReplaceAll(strings.ReplaceAll(data, "\r\n", "\n"), "\r", "\n")
		sent.Retry = max(sent.Retry, 0)
		want := []Event{sent, {ID: id, Data: "next"}}
		if name == "" && data == "" {
			want = want[1:]
		}
		got, lastID := readEvents(wire.String())
		if diff := cmp.Diff(want, got); diff != "" || lastID != id {
			t.Errorf("last ID %q, events (-want +got):\n%s", lastID, diff)
		}
	})
}
