package tracing

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/decant-go/decant"
)

// byRoute names a span by the rule that matched, and else by the method.
func byRoute(_ string, r *http.Request) string {
	if r.Pattern != "" {
		return r.Pattern
	}
	return r.Method
}

// labelRoute adds the rule to the attributes of the metrics, after the request.
func labelRoute(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		_, rule, _ := strings.Cut(r.Pattern, " ")
		labeler, _ := otelhttp.LabelerFromContext(r.Context())
		labeler.Add(attribute.String("http.route", rule))
	})
}

func TestSpansAndMetricsHaveTheRule(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	reader := metric.NewManualReader()
	app := decant.New("shop")
	app.Get("/user/<name>", func(c *decant.Context) (any, error) { return c.Param("name"), nil })
	app.Use(otelhttp.NewMiddleware("shop",
		otelhttp.WithTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(spans))),
		otelhttp.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))),
		otelhttp.WithSpanNameFormatter(byRoute),
	))
	app.Use(labelRoute)
	for _, path := range []string{"/user/ann", "/user/bob", "/nowhere"} {
		app.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}

	var names []string
	for _, span := range spans.Ended() {
		names = append(names, span.Name())
	}
	if want := []string{"GET /user/<name>", "GET /user/<name>", "GET"}; !slices.Equal(names, want) {
		t.Errorf("the spans are %q, want %q", names, want)
	}
	if routes := routesOf(t, reader); routes["/user/<name>"] != 2 || routes[""] != 1 {
		t.Errorf("the requests by route are %v", routes)
	}
}

// routesOf counts the measured requests by their route.
func routesOf(t *testing.T, reader metric.Reader) map[string]uint64 {
	t.Helper()
	var measured metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &measured); err != nil {
		t.Fatal(err)
	}
	routes := map[string]uint64{}
	for _, scope := range measured.ScopeMetrics {
		for _, m := range scope.Metrics {
			durations, ok := m.Data.(metricdata.Histogram[float64])
			if !ok || m.Name != "http.server.request.duration" {
				continue
			}
			for _, point := range durations.DataPoints {
				route, _ := point.Attributes.Value(attribute.Key("http.route"))
				routes[route.AsString()] += point.Count
			}
		}
	}
	return routes
}
