package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

func TestConfiguration(t *testing.T) {
	t.Setenv("FACTORY_GREETING", "Moin")
	for _, test := range []struct {
		settings   decant.H
		path, want string
		status     int
	}{
		{nil, "/Ann", "Moin, Ann!", 200},
		{decant.H{"GREETING": "Servus"}, "/Ann", "Servus, Ann!", 200},
		{nil, "/<b>", "Moin, &lt;b&gt;!", 200},
		{nil, "/api/greet/Ann", `{"greeting":"Moin","name":"Ann"}`, 200},
		{nil, "/api/nothing", `{"error":`, 404},
		{nil, "/no/page", "There is no such page.", 404},
		{nil, "/", "/World", 302},
	} {
		app, err := newApp(test.settings)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", "http://factory.example"+test.path, nil))
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%s: %d %s", test.path, w.Code, w.Body)
		}
	}
}

func TestMisspeltSetting(t *testing.T) {
	if _, err := newApp(decant.H{"SECRET_KAY": "x"}); err == nil {
		t.Error("a misspelt setting is taken")
	}
}
