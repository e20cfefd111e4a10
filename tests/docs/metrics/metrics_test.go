package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/decant-go/decant"
)

func TestMeasure(t *testing.T) {
	app := decant.New("test")
	Measure(app, prometheus.NewRegistry())
	app.Get("/user/<name>", func(*decant.Context) (any, error) { return "Hello", nil }, decant.Endpoint("user"))
	page := ""
	for _, path := range []string{"/user/ann", "/user/bob", "/nothing", "/metrics"} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		page = w.Body.String()
	}
	for _, want := range []string{
		`http_request_duration_seconds_count{route="GET /user/<name>"} 2`,
		`http_request_duration_seconds_count{route="no rule"} 1`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
}
