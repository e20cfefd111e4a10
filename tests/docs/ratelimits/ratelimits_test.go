package ratelimits

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTheSixthLoginIsTooMany(t *testing.T) {
	app := NewApp()
	for attempt := 1; attempt <= 6; attempt++ {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("POST", "/login", nil))
		if isRefused := w.Code == http.StatusTooManyRequests; isRefused != (attempt == 6) {
			t.Errorf("attempt %d: %d", attempt, w.Code)
		} else if isRefused && w.Header().Get("Retry-After") == "" {
			t.Error("the answer does not say when to try again")
		}
	}
	other := httptest.NewRequest("POST", "/login", nil)
	other.RemoteAddr = "198.51.100.7:1234"
	w := httptest.NewRecorder()
	app.ServeHTTP(w, other)
	if w.Code != http.StatusOK {
		t.Errorf("another address gets %d", w.Code)
	}
}
