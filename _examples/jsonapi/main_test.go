package main

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// call sends a request with a token and returns the status and the body.
func call(app *decant.App, method, path, token, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestAPI(t *testing.T) {
	app := newApp("a secret key of the test")
	_, answer := call(app, "POST", "/tokens", "", `{"username": "ann", "password": "correct horse"}`)
	var got struct{ Token string }
	if err := json.Unmarshal([]byte(answer), &got); err != nil || got.Token == "" {
		t.Fatalf("there is no token in %s: %v", answer, err)
	}
	for _, test := range []struct {
		method, path, token, body string
		status                    int
		want                      string
	}{
		{"POST", "/tokens", "", `{"username": "ann", "password": "wrong"}`, 401, `{"error":"Wrong name or password."}`},
		{"POST", "/tokens", "", `{"username": "bob", "password": ""}`, 401, `{"error":"Wrong name or password."}`},
		{"GET", "/notes", "", "", 401, `{"error":"A token is needed."}`},
		{"GET", "/notes", got.Token + "x", "", 401, `{"error":"A token is needed."}`},
		{"GET", "/notes", got.Token, "", 200, `[]`},
		{"POST", "/notes", got.Token, `{"text": "buy milk"}`, 201, `{"text":"buy milk"}`},
		{"POST", "/notes", got.Token, `{}`, 422, `{"error":"A note needs a text."}`},
		{"GET", "/notes", got.Token, "", 200, `[{"text":"buy milk"}]`},
	} {
		status, body := call(app, test.method, test.path, test.token, test.body)
		if status != test.status || body != test.want {
			t.Errorf("%s %s %s: %d %s, want %d %s", test.method, test.path, test.body, status, body, test.status, test.want)
		}
	}
}
