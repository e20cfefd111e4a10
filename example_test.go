package decant_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/decant-go/decant"
)

// get sends a GET request to the application.
func get(app *decant.App, path string) *httptest.ResponseRecorder {
	return send(app, httptest.NewRequest(http.MethodGet, path, nil))
}

func send(app *decant.App, request *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	app.ServeHTTP(recorder, request)
	return recorder
}

func ExampleApp() {
	app := decant.New("hello")
	app.Get("/user/<username>", func(c *decant.Context) (any, error) {
		return "Hello, " + decant.Escape(c.Param("username")), nil
	}, decant.Endpoint("profile"))

	fmt.Println(get(app, "/user/ann").Body)
	fmt.Println(get(app, "/user/<b>").Body)
	// Output:
	// Hello, ann
	// Hello, &lt;b&gt;
}

func ExampleApp_BuildURL() {
	app := decant.New("shop")
	app.Config.ServerName = "shop.example"
	app.Config.PreferredURLScheme = "https"
	app.Get("/order/<int:id>", order)

	url, err := app.BuildURL("order", "id", 7, "tab", "items")
	fmt.Println(url, err)

	_, err = app.BuildURL("ordr", "id", 7)
	var failed *decant.BuildError
	fmt.Println(errors.As(err, &failed), failed.Endpoint)
	// Output:
	// https://shop.example/order/7?tab=items <nil>
	// true ordr
}

func order(c *decant.Context) (any, error) {
	return decant.H{"id": c.ParamInt("id")}, nil
}

// An answer of an error handler has the status of the error.
func ExampleApp_ErrorHandler() {
	app := decant.New("shop")
	app.ErrorHandler(404, func(c *decant.Context, err error) (any, error) {
		return "There is no " + decant.Escape(c.Request.Path), nil
	})

	answer := get(app, "/nowhere")
	fmt.Println(answer.Code, answer.Body)
	// Output: 404 There is no /nowhere
}

// Middleware for net/http wraps the whole application.
func ExampleApp_Use() {
	app := decant.New("shop")
	app.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Frame-Options", "DENY")
			next.ServeHTTP(w, r)
		})
	})

	answer := get(app, "/nowhere")
	fmt.Println(answer.Code, answer.Header().Get("X-Frame-Options"))
	// Output: 404 DENY
}

// What is not ported yet is still answered by the Flask application, in real
// life through a httputil.ReverseProxy.
func ExampleApp_Fallback() {
	flask := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Flask answers %s", r.URL.Path)
	})
	app := decant.New("shop")
	app.Get("/order/<int:id>", order)
	app.Fallback(flask)

	fmt.Print(get(app, "/order/7").Body)
	fmt.Println(get(app, "/report").Body)
	// Output:
	// {"id":7}
	// Flask answers /report
}

// Abort ends the request wherever it stands.
func ExampleAbort() {
	app := decant.New("blog")
	app.Get("/edit/<author>", func(c *decant.Context) (any, error) {
		onlyAuthor(c)
		return "the editor", nil
	}, decant.Endpoint("edit"))

	answer := get(app, "/edit/bob")
	fmt.Println(answer.Code, strings.Contains(answer.Body.String(), "Only the author may do that."))
	fmt.Println(get(app, "/edit/ann").Body)
	// Output:
	// 403 true
	// the editor
}

func onlyAuthor(c *decant.Context) {
	if c.Param("author") != "ann" {
		decant.Abort(403, "Only the author may do that.")
	}
}

// Errors are found by their type, also where others wrap them.
func ExampleHandleError() {
	app := decant.New("files")
	app.Get("/read", func(c *decant.Context) (any, error) {
		return nil, fmt.Errorf("reading: %w", &fs.PathError{Op: "open", Path: "a.txt", Err: fs.ErrNotExist})
	}, decant.Endpoint("read"))
	decant.HandleError(app, func(c *decant.Context, err *fs.PathError) (any, error) {
		return c.MakeResponse("no file "+err.Path, 404), nil
	})

	answer := get(app, "/read")
	fmt.Println(answer.Code, answer.Body)
	// Output: 404 no file a.txt
}

func ExampleContext_URLFor() {
	app := decant.New("shop")
	app.Get("/order/<int:id>", order)
	app.Get("/links", func(c *decant.Context) (any, error) {
		return strings.Join([]string{
			c.URLFor("order", "id", 7),
			c.URLFor("order", "id", 7, "tag", []string{"new", "a b"}),
			c.URLFor("order", "id", 7, "_anchor", "items", "_external", true),
		}, "\n"), nil
	}, decant.Endpoint("links"))

	fmt.Println(get(app, "http://shop.example/links").Body)
	// Output:
	// /order/7
	// /order/7?tag=new&tag=a+b
	// http://shop.example/order/7#items
}

// A hook that runs before the view has no response yet, and leaves a note for
// when there is one.
func ExampleContext_AfterThisRequest() {
	app := decant.New("site")
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		if language := c.Request.Args.Get("language"); language != "" {
			c.AfterThisRequest(func(r *decant.Response) { r.SetCookie("language", language) })
		}
		return nil, nil
	})
	app.Get("/", func(c *decant.Context) (any, error) { return "welcome", nil }, decant.Endpoint("index"))

	fmt.Println(get(app, "/?language=en").Header().Get("Set-Cookie"))
	// Output: language=en; Path=/
}

func ExampleContext_MakeResponse() {
	app := decant.New("shop")
	app.Post("/orders", func(c *decant.Context) (any, error) {
		response := c.MakeResponse(decant.H{"id": 7}, 201)
		response.Header().Set("Location", c.URLFor("order", "id", 7))
		return response, nil
	}, decant.Endpoint("orders"))
	app.Get("/order/<int:id>", order)

	answer := send(app, httptest.NewRequest(http.MethodPost, "/orders", nil))
	fmt.Println(answer.Code, answer.Header().Get("Location"), answer.Body)
	// Output: 201 /order/7 {"id":7}
}

func ExampleContext_Redirect() {
	app := decant.New("shop")
	app.Get("/latest", func(c *decant.Context) (any, error) {
		return c.Redirect(c.URLFor("order", "id", 7))
	}, decant.Endpoint("latest"))
	app.Get("/order/<int:id>", order)

	answer := get(app, "/latest")
	fmt.Println(answer.Code, answer.Header().Get("Location"))
	// Output: 302 /order/7
}

// G is declared once, as a package variable, and has a value per request.
func ExampleG() {
	user := decant.NewG[string]("user")

	app := decant.New("site")
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		user.Set(c, "ann")
		return nil, nil
	})
	app.Get("/", func(c *decant.Context) (any, error) {
		return "for " + user.Get(c), nil
	}, decant.Endpoint("index"))

	fmt.Println(get(app, "/").Body)
	// Output: for ann
}

// Any net/http handler is a view.
func ExampleHandler() {
	app := decant.New("site")
	app.Get("/old", decant.Handler(http.RedirectHandler("/new", http.StatusMovedPermanently)), decant.Endpoint("old"))

	answer := get(app, "/old")
	fmt.Println(answer.Code, answer.Header().Get("Location"))
	// Output: 301 /new
}

func ExampleResponse_SetCookie() {
	app := decant.New("site")
	app.Get("/", func(c *decant.Context) (any, error) {
		response := c.MakeResponse("remembered")
		response.SetCookie("theme", "dark", decant.HTTPOnly(), decant.SameSite("Lax"))
		response.SetCookie("greeting", "héllo; you", decant.CookiePath("/greet"))
		return response, nil
	}, decant.Endpoint("index"))

	for _, cookie := range get(app, "/").Header().Values("Set-Cookie") {
		fmt.Println(cookie)
	}
	// Output:
	// theme=dark; HttpOnly; Path=/; SameSite=Lax
	// greeting="h\303\251llo\073 you"; Path=/greet
}

// A session that Flask wrote is read with its types: the basket is a tuple.
func ExampleSession() {
	app := decant.New("shop")
	app.Config.SecretKey = "a long random secret key"
	app.Config.PermanentSessionLifetime = 100 * 365 * 24 * time.Hour // the cookie below is old
	app.Get("/", func(c *decant.Context) (any, error) {
		return fmt.Sprintf("%s: %v", c.Session.String("username"), c.Session.Get("basket")), nil
	}, decant.Endpoint("index"))

	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.AddCookie(&http.Cookie{
		Name:  "session",
		Value: "eyJ1c2VybmFtZSI6ImFubiIsImJhc2tldCI6eyIgdCI6WzcsOF19fQ.ZVPxAA.AGIE3184yNczUkoVmLsTp3YxtfQ",
	})
	fmt.Println(send(app, request).Body)
	// Output: ann: [7 8]
}

// Without a secret key a session is empty, and writing to it is a 500 that
// says in the log what to do.
func ExampleErrNullSession() {
	app := decant.New("shop")
	app.Logger = slog.New(slog.DiscardHandler)
	app.TeardownRequest(func(c *decant.Context, err error) {
		fmt.Println(errors.Is(err, decant.ErrNullSession))
	})
	app.Get("/", func(c *decant.Context) (any, error) {
		c.Session.Set("username", "ann")
		return "never sent", nil
	}, decant.Endpoint("index"))

	fmt.Println(get(app, "/").Code)
	// Output:
	// true
	// 500
}
