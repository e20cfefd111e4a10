package tests

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

	"github.com/decant-go/decant"
)

func TestEvents(t *testing.T) {
	for want, event := range map[string]decant.Event{
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
		app, log := appWith(func(*decant.Context) (any, error) { return eventsOf(event), nil })
		if diff := cmp.Diff(want, get(app, "/").Body.String()); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", event, diff)
		}
		log.mustBeEmpty(t)
	}
}

func TestEventsThatWouldBreakOutEndTheStream(t *testing.T) {
	for name, event := range map[string]decant.Event{
		"the ID of an event has":    {ID: "7\ndata: evil"},
		`a NUL: "7\x00"`:            {ID: "7\x00"},
		"the Event of an event has": {Event: "a\r\rdata: evil"},
	} {
		app, log := appWith(func(*decant.Context) (any, error) {
			return slices.Values([]decant.Event{{Data: "first"}, event}), nil
		})
		aborts(t, app)
		log.mustContain(t, name)
	}
}

func TestAStreamOfEvents(t *testing.T) {
	plain := func(yield func(decant.Event) bool) {
		_ = yield(decant.Event{Data: "1"}) && yield(decant.Event{Data: "2"})
	}
	failing := func(yield func(decant.Event, error) bool) {
		_ = yield(decant.Event{Data: "1"}, nil) && yield(decant.Event{Data: "2"}, nil)
	}
	for name, answer := range map[string]any{
		"sequence":             iter.Seq[decant.Event](plain),
		"function":             plain,
		"sequence with errors": iter.Seq2[decant.Event, error](failing),
		"function with errors": failing,
	} {
		t.Run(name, func(t *testing.T) {
			app, log := appWith(func(*decant.Context) (any, error) { return answer, nil })
			w := get(app, "/")
			mustAnswer(t, w, 200, "data: 1\n\ndata: 2\n\n")
			want := http.Header{"Content-Type": {"text/event-stream"}, "Cache-Control": {"no-cache"}}
			if diff := cmp.Diff(want, w.Result().Header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			log.mustBeEmpty(t)
		})
	}
	app, log := appWith(func(*decant.Context) (any, error) {
		return func(yield func(decant.Event, error) bool) { yield(decant.Event{}, errors.New("the source is dry")) }, nil
	})
	aborts(t, app)
	log.mustContain(t, "the source is dry")
}

// Each event must arrive before the next one is made, and the headers before
// the first.
func TestEventsArriveAtOnce(t *testing.T) {
	events, gone := make(chan decant.Event), make(chan struct{})
	app, log := appWith(func(c *decant.Context) (any, error) {
		return func(yield func(decant.Event) bool) {
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
		events <- decant.Event{Data: data}
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
func readEvents(stream string) (events []decant.Event, lastID string) {
	stream = strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n", "\n"), "\r", "\n")
	var current decant.Event
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
				current = decant.Event{}
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
		sent := decant.Event{ID: id, Event: name, Data: data, Retry: time.Duration(retry%1_000_000) * time.Millisecond}
		var wire strings.Builder
		app, log := appWith(func(*decant.Context) (any, error) { return eventsOf(sent), nil })
		w := httptest.NewRecorder()
		aborted := raised(func() { app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil)) }) != nil
		wire.WriteString(w.Body.String())
		if refused := strings.ContainsAny(id+name, "\r\n\x00"); refused != (log.text() != "") {
			t.Fatalf("the log says %q", log.text())
		}
		if log.text() != "" {
			if wire.Len() > 0 && !aborted {
				t.Errorf("%q was sent of an event that is refused", wire.String())
			}
			return
		}
		io.WriteString(&wire, "data: next\n\n")
		sent.Data = strings.ReplaceAll(strings.ReplaceAll(data, "\r\n", "\n"), "\r", "\n")
		sent.Retry = max(sent.Retry, 0)
		want := []decant.Event{sent, {ID: id, Data: "next"}}
		if name == "" && data == "" {
			want = want[1:]
		}
		got, lastID := readEvents(wire.String())
		if diff := cmp.Diff(want, got); diff != "" || lastID != id {
			t.Errorf("last ID %q, events (-want +got):\n%s", lastID, diff)
		}
	})
}

// eventsOf is a stream of one event.
func eventsOf(event decant.Event) iter.Seq[decant.Event] {
	return func(yield func(decant.Event) bool) { yield(event) }
}
