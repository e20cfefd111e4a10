package ratelimits

import (
	"net/http"
	"time"

	"github.com/decant-go/decant"
	"github.com/go-chi/httprate"
)

// NewApp makes an application whose login takes five posts a minute from an
// address.
func NewApp() *decant.App {
	app := decant.New("shop")
	app.Get("/login", form)
	app.Post("/login", login, decant.Decorate(limit(5, time.Minute)))
	return app
}

// limit refuses what is more than so many requests of an address in a time. All
// views that are decorated with one result of limit count together.
func limit(requests int, window time.Duration) func(decant.View) decant.View {
	limiter := httprate.NewRateLimiter(requests, window)
	return func(view decant.View) decant.View {
		return func(c *decant.Context) (any, error) {
			header := http.Header{}
			if limiter.OnLimit(headers{header}, c.Request.Request, c.Request.RemoteIP()) {
				c.AfterThisRequest(func(r *decant.Response) {
					r.Header().Set("Retry-After", header.Get("Retry-After"))
				})
				return nil, decant.NewHTTPError(http.StatusTooManyRequests)
			}
			return view(c)
		}
	}
}

// headers takes the headers that the limiter sets; the error page is ours.
type headers struct{ header http.Header }

func (h headers) Header() http.Header          { return h.header }
func (headers) Write(text []byte) (int, error) { return len(text), nil }
func (headers) WriteHeader(int)                {}

func form(c *decant.Context) (any, error) { return `<form method="post">…</form>`, nil }

func login(c *decant.Context) (any, error) { return "Welcome", nil }
