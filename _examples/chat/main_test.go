package main

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// listener is a browser that has the page open.
type listener struct{ *bufio.Scanner }

// listen returns when the browser is in the room.
func listen(t *testing.T, address string) listener {
	t.Helper()
	response, err := http.Get(address + "/messages")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		t.Fatalf("the answer is %s", kind)
	}
	return listener{bufio.NewScanner(response.Body)}
}

// next waits for the next message.
func (l listener) next() string {
	for l.Scan() {
		if text, found := strings.CutPrefix(l.Text(), "data: "); found {
			return text
		}
	}
	return "the end"
}

func TestTwoBrowsers(t *testing.T) {
	server := httptest.NewServer(newApp())
	t.Cleanup(server.Close) // after the browsers have gone
	first, second := listen(t, server.URL), listen(t, server.URL)
	for _, text := range []string{"Hello", "<b>Anybody</b> here?"} {
		answer, err := http.PostForm(server.URL+"/messages", url.Values{"text": {text}})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		for i, browser := range []listener{first, second} {
			if got := browser.next(); got != text {
				t.Errorf("browser %d hears %q, want %q", i, got, text)
			}
		}
	}
}

func TestThePageListens(t *testing.T) {
	w := httptest.NewRecorder()
	newApp().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if !strings.Contains(w.Body.String(), `new EventSource("/messages")`) {
		t.Error(w.Body)
	}
}
