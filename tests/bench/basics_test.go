package bench

import (
	"io"
	"net/http"
	"testing"

	"github.com/decant-go/decant"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/labstack/echo/v5"
)

const (
	greeting   = "Hello, World!"
	hookNumber = 5 // before the view; one more runs after it
)

func basics() []competitor {
	return []competitor{
		{"decant", decantBasics()},
		{"chi", chiBasics()},
		{"echo", echoBasics()},
		{"gin", ginBasics()},
		{"nethttp", nethttpBasics()},
	}
}

func TestBasics(t *testing.T) {
	agree(t, get("/hello", ""), page(greeting), basics())
	agree(t, get("/user/ann", ""), page("ann"), basics())
}

func BenchmarkHello(b *testing.B) {
	compare(b, get("/hello", ""), page(greeting), basics())
}

func BenchmarkOneParameter(b *testing.B) {
	compare(b, get("/user/ann", ""), page("ann"), basics())
}

func decantBasics() *decant.App {
	app := decant.New("basics")
	app.Get("/hello", hello)
	app.Get("/user/<name>", user)
	return app
}

func hello(*decant.Context) (any, error)  { return greeting, nil }
func user(c *decant.Context) (any, error) { return c.Param("name"), nil }

func writeHTML(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, text)
}

func writeGreeting(w http.ResponseWriter, r *http.Request) { writeHTML(w, greeting) }

func chiBasics() *chi.Mux {
	mux := chi.NewRouter()
	mux.Get("/hello", writeGreeting)
	mux.Get("/user/{name}", func(w http.ResponseWriter, r *http.Request) { writeHTML(w, chi.URLParam(r, "name")) })
	return mux
}

func nethttpBasics() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", writeGreeting)
	mux.HandleFunc("GET /user/{name}", func(w http.ResponseWriter, r *http.Request) { writeHTML(w, r.PathValue("name")) })
	return mux
}

func echoGreeting(c *echo.Context) error { return c.HTML(http.StatusOK, greeting) }

func echoBasics() *echo.Echo {
	e := echo.New()
	e.GET("/hello", echoGreeting)
	e.GET("/user/:name", func(c *echo.Context) error { return c.HTML(http.StatusOK, c.Param("name")) })
	return e
}

func newGin() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	return gin.New()
}

func ginHTML(c *gin.Context, text string) {
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.String(http.StatusOK, text)
}

func ginBasics() *gin.Engine {
	engine := newGin()
	engine.GET("/hello", func(c *gin.Context) { ginHTML(c, greeting) })
	engine.GET("/user/:name", func(c *gin.Context) { ginHTML(c, c.Param("name")) })
	return engine
}

// hooked are the same apps with hooks that count, five before the view and one
// after it.
func hooked(calls *int) []competitor {
	return []competitor{
		{"decant", decantHooks(calls)},
		{"chi", chiHooks(calls)},
		{"echo", echoHooks(calls)},
		{"gin", ginHooks(calls)},
		{"nethttp", nethttpHooks(calls)},
		{"httprouter", wrapInHooks(routerBasics(), calls)},
	}
}

func TestHooks(t *testing.T) {
	var calls int
	competitors := hooked(&calls)
	agree(t, get("/hello", ""), page(greeting), competitors)
	if want := 2 * (hookNumber + 1) * len(competitors); calls != want { // each is asked twice
		t.Errorf("%d hooks ran, want %d", calls, want)
	}
}

func BenchmarkHooks(b *testing.B) {
	compare(b, get("/hello", ""), page(greeting), hooked(new(int)))
}

func decantHooks(calls *int) *decant.App {
	app := decantBasics()
	for range hookNumber {
		app.BeforeRequest(func(*decant.Context) (any, error) { *calls++; return nil, nil })
	}
	app.AfterRequest(func(*decant.Context, *decant.Response) error { *calls++; return nil })
	return app
}

func countCalls(calls *int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			*calls++
			next.ServeHTTP(w, r)
		})
	}
}

func countCallsAfter(calls *int) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			*calls++
		})
	}
}

func chiHooks(calls *int) *chi.Mux {
	mux := chi.NewRouter()
	mux.Use(countCallsAfter(calls))
	for range hookNumber {
		mux.Use(countCalls(calls))
	}
	mux.Get("/hello", writeGreeting)
	return mux
}

func nethttpHooks(calls *int) http.Handler { return wrapInHooks(nethttpBasics(), calls) }

func wrapInHooks(handler http.Handler, calls *int) http.Handler {
	for range hookNumber {
		handler = countCalls(calls)(handler)
	}
	return countCallsAfter(calls)(handler)
}

func echoHooks(calls *int) *echo.Echo {
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			err := next(c)
			*calls++
			return err
		}
	})
	for range hookNumber {
		e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c *echo.Context) error { *calls++; return next(c) }
		})
	}
	e.GET("/hello", echoGreeting)
	return e
}

func ginHooks(calls *int) *gin.Engine {
	engine := newGin()
	engine.Use(func(c *gin.Context) { c.Next(); *calls++ })
	for range hookNumber {
		engine.Use(func(*gin.Context) { *calls++ })
	}
	engine.GET("/hello", func(c *gin.Context) { ginHTML(c, greeting) })
	return engine
}

func ginText(text string) gin.HandlerFunc {
	return func(c *gin.Context) { ginHTML(c, text) }
}
