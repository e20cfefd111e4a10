package metrics

import (
	"net/http"
	"time"

	"github.com/decant-go/decant"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Measure counts the requests of an application and their times, by rule, and
// serves the result at /metrics.
func Measure(app *decant.App, registry *prometheus.Registry) {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds",
		Help: "How long requests took, by rule.",
	}, []string{"route"})
	registry.MustRegister(seconds)
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			started := time.Now()
			next.ServeHTTP(w, r)
			route := r.Pattern
			if route == "" {
				route = "no rule"
			}
			seconds.WithLabelValues(route).Observe(time.Since(started).Seconds())
		})
	})
	app.Mount("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
}
