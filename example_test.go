package decant_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	"github.com/decant-go/decant"
)

// get sends a GET request to the application.
func get(app *decant.App, path string) *httptest.ResponseRecorder {
	return send(app, httptest.NewRequest(http.MethodGet, path, nil))
}

// send sends a request to the application.
func send(app *decant.App, request *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	app.ServeHTTP(recorder, request)
	return recorder
}

// show sends a request and prints the status with the location or the body.
func show(app http.Handler, method, target string) {
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	fmt.Println(w.Code, w.Header().Get("Location")+w.Body.String())
}

// order is the view of "/order/<int:id>".
func order(c *decant.Context) (any, error) {
	return decant.H{"id": c.ParamInt("id")}, nil
}

func ExampleApp() {
	app := decant.New("hello")
	app.Get("/user/<username>", func(c *decant.Context) (any, error) {
		return "Hello, " + decant.Escape(c.Param("username")), nil
	})

	fmt.Println(get(app, "/user/ann").Body)
	fmt.Println(get(app, "/user/<b>").Body)
	// Output:
	// Hello, ann
	// Hello, &lt;b&gt;
}

// Endpoints get the names that Python would give them.
func ExampleSnakeCaseEndpoints() {
	app := decant.New("httpbin", decant.SnakeCaseEndpoints())
	app.Get("/order/<int:id>", showOrder)

	fmt.Println(app.BuildURL("show_order", "id", 7, "_external", false))
	// Output: /order/7 <nil>
}

func showOrder(c *decant.Context) (any, error) { return c.Param("id"), nil }

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

// Run serves until the program is told to end, and then finishes the requests that have begun.
func ExampleApp_Run() {
	app := decant.New("shop")
	app.Get("/order/<int:id>", order)
	err := app.Run(decant.Host("0.0.0.0"), decant.Port(443), decant.TLS("cert.pem", "key.pem"))
	if err != nil {
		log.Fatal(err)
	}
}

// RunContext serves until its context is done.
func ExampleApp_RunContext() {
	app := decant.New("shop")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	stop, tellToStop := context.WithCancel(context.Background())
	tellToStop() // a program would do this later
	err = app.RunContext(stop, decant.Listener(listener), decant.Drain(0), decant.StopWithin(time.Second))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleBlueprint() {
	auth := decant.NewBlueprint("auth", decant.URLPrefix("/auth"))
	auth.Get("/login", func(c *decant.Context) (any, error) {
		return c.Request.Endpoint() + " is at " + c.URLFor(".login"), nil
	}, decant.Endpoint("login"))

	app := decant.New("shop")
	app.RegisterBlueprint(auth)
	app.RegisterBlueprint(auth, decant.As("staff"), decant.URLPrefix("/staff"))

	show(app, "GET", "/auth/login")
	show(app, "GET", "/staff/login")
	// Output:
	// 200 auth.login is at /auth/login
	// 200 staff.login is at /staff/login
}

func ExampleBlueprint_RecordOnce() {
	shop := decant.NewBlueprint("shop", decant.URLPrefix("/shop"))
	shop.RecordOnce(func(app *decant.App) {
		app.Converter("sku", decant.Converter{Pattern: "[A-Z]{2}[0-9]+"})
	})
	shop.Get("/<sku:item>", func(c *decant.Context) (any, error) { return c.Param("item"), nil })

	app := decant.New("site")
	app.RegisterBlueprint(shop)
	show(app, "GET", "/shop/AB12")
	// Output:
	// 200 AB12
}

// Builtin keys are fields. Your own keys have names.
func ExampleConfig() {
	app := decant.New("shop")
	app.Config.SecretKey = "a long random text that is kept secret"
	app.Config.PermanentSessionLifetime = 7 * 24 * time.Hour
	app.Config.Set("PAGE_SIZE", 20)

	fmt.Println(app.Config.Get("PAGE_SIZE"), app.Config.Get("PERMANENT_SESSION_LIFETIME"))
	// Output: 20 168h0m0s
}

// A factory takes settings, so that tests can pass their own.
func ExampleConfig_FromMap() {
	makeApp := func(settings decant.H) (*decant.App, error) {
		app := decant.New("shop")
		return app, app.Config.FromMap(settings)
	}

	_, err := makeApp(decant.H{"TESTING": "yes", "SECRT_KEY": "dev"})
	fmt.Println(err)
	// Output:
	// decant: the configuration key SECRT_KEY is not a builtin one; if you mean SECRET_KEY, write that, and otherwise choose a name that cannot be taken for it
	// decant: the configuration key TESTING wants true or false, not string
}

func ExampleConfig_FromFile() {
	folder, err := os.MkdirTemp("", "shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	name := filepath.Join(folder, "config.json")
	os.WriteFile(name, []byte(`{"PERMANENT_SESSION_LIFETIME": 3600, "PAGE_SIZE": 20}`), 0o600)

	app := decant.New("shop")
	err = app.Config.FromFile(name, json.Unmarshal)
	fmt.Println(app.Config.PermanentSessionLifetime, app.Config.Get("PAGE_SIZE"), err)
	// Output: 1h0m0s 20 <nil>
}

func ExampleConfig_FromPrefixedEnv() {
	os.Setenv("BAKERY_SECRET_KEY", "12345")
	os.Setenv("BAKERY_PAGE_SIZE", "20")
	os.Setenv("BAKERY_DB__user", "ann")

	app := decant.New("bakery")
	err := app.Config.FromPrefixedEnv("BAKERY")
	fmt.Printf("%q %v %v %v\n", app.Config.SecretKey, app.Config.Get("PAGE_SIZE"), app.Config.Get("DB"), err)
	// Output: "12345" 20 map[user:ann] <nil>
}

// A hook that runs before the view has no response yet. The function that it
// registers is called with the response.
func ExampleContext_AfterThisRequest() {
	app := decant.New("site")
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		c.AfterThisRequest(func(r *decant.Response) { r.AddVary("Accept-Language") })
		return nil, nil
	})
	app.Get("/", func(c *decant.Context) (any, error) { return "welcome", nil })

	fmt.Println(get(app, "/").Header().Get("Vary"))
	// Output: Accept-Language
}

// A rule has checked the number before the view reads it.
func ExampleContext_ParamInt() {
	app := decant.New("shop")
	app.Get("/page/<int:number>", func(c *decant.Context) (any, error) {
		return fmt.Sprint("page ", c.ParamInt("number")), nil
	})

	fmt.Println(get(app, "/page/7").Body)
	fmt.Println(get(app, "/page/seven").Code)
	// Output:
	// page 7
	// 404
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
	})

	fmt.Println(get(app, "/").Body)
	// Output: for ann
}

// A command works with the application as a request does.
func ExampleApp_InContext() {
	app := decant.New("shop")
	app.Config.ServerName = "shop.example"
	app.Get("/order/<int:id>", order)

	err := app.InContext(context.Background(), func(c *decant.Context) error {
		fmt.Println("Your order:", c.URLFor("order", "id", 7))
		return nil
	})
	fmt.Println(err)
	// Output:
	// Your order: http://shop.example/order/7
	// <nil>
}

func ExampleApp_InRequest() {
	app := decant.New("hello")
	app.Get("/user/<name>", func(c *decant.Context) (any, error) { return "", nil }, decant.Endpoint("user"))

	r := httptest.NewRequest("GET", "/user/ann?page=2", nil)
	err := app.InRequest(r, func(c *decant.Context) error {
		fmt.Println(c.Request.Endpoint(), c.Param("name"), c.Request.Args.Get("page"))
		return nil
	})
	fmt.Println(err)
	// Output:
	// user ann 2
	// <nil>
}

// A stream of events ends when the server is told to stop.
func ExampleContext_Stopping() {
	clock := func(c *decant.Context) (any, error) {
		ticks := time.Tick(time.Second)
		return func(yield func(string) bool) {
			for {
				select {
				case <-c.Stopping():
					return
				case now := <-ticks:
					if !yield(fmt.Sprintf("data: %s\n\n", now.Format(time.TimeOnly))) {
						return
					}
				}
			}
		}, nil
	}
	decant.New("clock").Get("/clock", clock, decant.Endpoint("clock"))
}

func ExampleContext_Logger() {
	app := decant.New("shop")
	app.Logger = slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	app.Config.TrustRequestID = true // a proxy in front sets X-Request-Id
	app.Get("/login", func(c *decant.Context) (any, error) {
		c.Logger().Info("logged in", "user", "ann")
		return "Welcome", nil
	})

	request := httptest.NewRequest("GET", "/login", nil)
	request.Header.Set("X-Request-Id", "f3b8")
	send(app, request)
	// Output: level=INFO msg="logged in" request_id=f3b8 method=GET path=/login user=ann
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// The handler gets the errors of its type, also those that another error wraps.
func ExampleHandleError() {
	app := decant.New("files")
	app.Get("/read", func(c *decant.Context) (any, error) {
		return nil, fmt.Errorf("reading: %w", &fs.PathError{Op: "open", Path: "a.txt", Err: fs.ErrNotExist})
	})
	decant.HandleError(app, func(c *decant.Context, err *fs.PathError) (any, error) {
		return c.MakeResponse("no file "+err.Path, 404), nil
	})

	answer := get(app, "/read")
	fmt.Println(answer.Code, answer.Body)
	// Output: 404 no file a.txt
}

// An error of your own has the status of the HTTPError that it embeds.
func ExampleHTTPError() {
	app := decant.New("shop")
	app.Post("/order/<item>", func(c *decant.Context) (any, error) {
		return nil, &OutOfStock{decant.NewHTTPError(409), c.Param("item")}
	})
	decant.HandleError(app, func(c *decant.Context, err *OutOfStock) (any, error) {
		return decant.H{"error": err.Name, "item": err.Item}, nil
	})

	answer := httptest.NewRecorder()
	app.ServeHTTP(answer, httptest.NewRequest("POST", "/order/tea", nil))
	fmt.Println(answer.Code, answer.Body)
	// Output: 409 {"error":"Conflict","item":"tea"}
}

// OutOfStock is an error with a status and a field.
type OutOfStock struct {
	*decant.HTTPError
	Item string
}

// A description is shown on the page, and escaped.
func ExampleNewHTTPError() {
	app := decant.New("shop")
	app.Get("/", func(c *decant.Context) (any, error) {
		return nil, decant.NewHTTPError(409, "The cup is <full>.")
	})

	fmt.Println(get(app, "/").Body)
	// Output:
	// <!doctype html>
	// <html lang=en>
	// <title>409 Conflict</title>
	// <h1>Conflict</h1>
	// <p>The cup is &lt;full&gt;.</p>
}

// Abort ends the request wherever it stands.
func ExampleAbort() {
	app := decant.New("blog")
	app.Get("/edit/<author>", func(c *decant.Context) (any, error) {
		onlyAuthor(c)
		return "the editor", nil
	})

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

// Escape what a user typed. Mark HTML of the program as Markup.
func ExampleEscape() {
	name := `<script>alert("hi")</script>`
	fmt.Println(decant.Escape(name))
	fmt.Println(decant.Escape(decant.Markup("<b>hi</b>")))
	fmt.Println(decant.Escape(nil))
	// Output:
	// &lt;script&gt;alert(&#34;hi&#34;)&lt;/script&gt;
	// <b>hi</b>
	// None
}

func ExampleEscape_ownHTML() {
	fmt.Println(decant.Escape(link{url: "/search?q=1&page=2", text: "<next>"}))
	// Output:
	// <a href="/search?q=1&amp;page=2">&lt;next&gt;</a>
}

// link shows itself in pages, as a Python object with __html__ does.
type link struct{ url, text string }

func (l link) HTML() decant.Markup {
	return decant.Markup(`<a href="{}">{}</a>`).Format(l.url, l.text)
}

func ExampleEscapeSilent() {
	var nickname any
	fmt.Printf("%q\n", decant.EscapeSilent(nickname))
	// Output:
	// ""
}

func ExampleMarkup_Concat() {
	fmt.Println(decant.Markup("<b>").Concat("<you>", decant.Markup("</b>")))
	// Output:
	// <b>&lt;you&gt;</b>
}

func ExampleMarkup_Join() {
	fmt.Println(decant.Markup("<br>").Join("1 < 2", decant.Markup("<b>so</b>")))
	// Output:
	// 1 &lt; 2<br><b>so</b>
}

func ExampleMarkup_Unescape() {
	fmt.Println(decant.Markup("Main &raquo; &lt;em&gt;").Unescape())
	// Output:
	// Main » <em>
}

func ExampleMarkup_Striptags() {
	fmt.Println(decant.Markup("<h1>Fish &amp;\n Chips</h1> <!-- menu -->").Striptags())
	// Output:
	// Fish & Chips
}

func ExampleMarkup_Format() {
	hello := decant.Markup("<em>{greeting}</em>, you owe {sum:,.2f}")
	fmt.Println(hello.Format(map[string]any{"greeting": "Ann & Bob", "sum": 1234.5}))
	// Output:
	// <em>Ann &amp; Bob</em>, you owe 1,234.50
}

func ExampleMarkup_Sprintf() {
	fmt.Println(decant.Markup("<em>%s</em> has %d letters").Sprintf("<name>", 4))
	// Output:
	// <em>&lt;name&gt;</em> has 4 letters
}

// The message waits in the session for the next page.
func ExampleContext_Flash() {
	app := decant.New("shop")
	app.Config.SecretKey = decant.NewSecretKey()
	app.Post("/order", func(c *decant.Context) (any, error) {
		c.Flash("Thank you!", "success")
		return c.Redirect("/")
	})
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.RenderString(`{% for category, text in get_flashed_messages(with_categories=true) %}{{ category }}: {{ text }}{% endfor %}`)
	})

	ordered := send(app, httptest.NewRequest(http.MethodPost, "/order", nil))
	next := httptest.NewRequest(http.MethodGet, "/", nil)
	next.AddCookie(ordered.Result().Cookies()[0])
	fmt.Println(send(app, next).Body)
	// Output: success: Thank you!
}

func ExampleRequest_SetMaxContentLength() {
	app := decant.New("videos")
	app.Post("/videos", func(c *decant.Context) (any, error) {
		c.Request.SetMaxContentLength(1 << 30) // for this view alone
		_, err := c.Request.Files.Require("video")
		return "received", err
	})

	request := httptest.NewRequest("POST", "/videos", strings.NewReader("--x\r\n"+
		"Content-Disposition: form-data; name=video; filename=v\r\n\r\n"+strings.Repeat("v", 20<<20)+"\r\n--x--\r\n"))
	request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	fmt.Println(send(app, request).Body)
	// Output: received
}

func ExampleJSON() {
	app := decant.New("api")
	app.JSON.EnsureASCII = false
	app.JSON.Default = func(value any) (any, bool) {
		if err, ok := value.(error); ok {
			return err.Error(), true
		}
		return nil, false
	}
	app.Get("/", func(*decant.Context) (any, error) {
		return decant.H{"café": errors.New("closed")}, nil
	})

	fmt.Print(get(app, "/").Body)
	// Output: {"café":"closed"}
}

func ExampleContext_JSON() {
	app := decant.New("api")
	app.Get("/", func(c *decant.Context) (any, error) { return c.JSON(nil) })

	fmt.Print(get(app, "/").Body)
	// Output: null
}

func ExampleRequest_JSON() {
	app := decant.New("shop")
	app.Post("/orders", func(c *decant.Context) (any, error) {
		var order struct {
			Item   string
			Number int
		}
		if err := c.Request.JSON(&order); err != nil {
			return nil, err // 400, 413 or 415
		}
		return fmt.Sprintf("%d x %s", order.Number, order.Item), nil
	})

	for _, body := range []string{`{"item": "tea", "number": 2}`, `{"item": `} {
		request := httptest.NewRequest("POST", "/orders", strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		response := send(app, request)
		fmt.Println(response.Code, strings.SplitN(response.Body.String(), "\n", 2)[0])
	}
	// Output:
	// 200 2 x tea
	// 400 <!doctype html>
}

func ExampleApp_Mount() {
	admin := decant.New("admin")
	admin.Get("/users/", func(c *decant.Context) (any, error) { return c.URLFor("users"), nil }, decant.Endpoint("users"))

	app := decant.New("shop")
	app.Mount("/admin", admin)
	show(app, "GET", "/admin/users/")
	// Output:
	// 200 /admin/users/
}

// The Flask application still answers for pages that are not ported yet.
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

// The Flask application runs at another address.
func ExampleLegacy() {
	flask := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Flask answers http://%s%s", r.Host, r.URL)
	}))
	defer flask.Close()
	app := decant.New("shop")
	app.Get("/order/<int:id>", order)
	app.Fallback(decant.Legacy(flask.URL))

	fmt.Println(get(app, "/report?year=2026").Body)
	// Output: Flask answers http://example.com/report?year=2026
}

// One proxy in front of the program adds the visitor's address and the scheme.
func ExampleProxyFix() {
	app := decant.New("shop")
	app.Use(decant.ProxyFix(decant.Hops{For: 1, Proto: 1}))
	app.Get("/", func(c *decant.Context) (any, error) {
		return decant.Text(c.Request.RemoteIP() + " " + c.Request.Scheme()), nil
	})

	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.Header.Set("X-Forwarded-For", "203.0.113.7")
	request.Header.Set("X-Forwarded-Proto", "https")
	fmt.Println(send(app, request).Body)
	// Output: 203.0.113.7 https
}

// AccessLog writes a line when a request has been answered.
func ExampleAccessLog() {
	app := decant.New("shop")
	app.Use(decant.AccessLog(slog.New(slog.NewTextHandler(os.Stdout, nil))))
}

func ExampleResponse_With() {
	app := decant.New("shop")
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.MakeResponse("Come back later.", 503).With("Retry-After", "120"), nil
	})

	answer := get(app, "/")
	fmt.Println(answer.Code, answer.Header().Get("Retry-After"), answer.Body)
	// Output: 503 120 Come back later.
}

func ExampleResponse_SetMIMEType() {
	app := decant.New("reports")
	app.Get("/report.csv", func(c *decant.Context) (any, error) {
		report := c.MakeResponse("name,amount\n")
		report.SetMIMEType("text/csv")
		report.Append("ann,5\n")
		return report, nil
	})

	answer := get(app, "/report.csv")
	fmt.Println(answer.Header().Get("Content-Type"))
	fmt.Print(answer.Body)
	// Output:
	// text/csv; charset=utf-8
	// name,amount
	// ann,5
}

func ExampleResponse_AddCacheControl() {
	app := decant.New("cached")
	app.Get("/", func(c *decant.Context) (any, error) {
		r := c.MakeResponse("the same for an hour")
		r.AddCacheControl("public", "max-age=3600")
		r.Header().Set("Last-Modified", decant.HTTPDate(time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)))
		return r, nil
	})

	header := get(app, "/").Header()
	fmt.Println(header.Get("Cache-Control"))
	fmt.Println(header.Get("Last-Modified"))
	// Output:
	// public, max-age=3600
	// Thu, 29 Feb 2024 12:00:00 GMT
}

func ExampleResponse_SetData() {
	app := decant.New("shout")
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		if r.IsStreamed() {
			return nil
		}
		data, err := r.Data()
		if err != nil {
			return err
		}
		r.SetData([]byte(strings.ToUpper(string(data))))
		return nil
	})
	app.Get("/", func(*decant.Context) (any, error) { return "hello", nil })

	fmt.Println(get(app, "/").Body)
	// Output: HELLO
}

func ExampleContext_MakeResponse() {
	app := decant.New("shop")
	app.Post("/orders", func(c *decant.Context) (any, error) {
		return c.MakeResponse(decant.H{"id": 7}, 201).With("Location", c.URLFor("order", "id", 7)), nil
	})
	app.Get("/order/<int:id>", order)

	answer := send(app, httptest.NewRequest(http.MethodPost, "/orders", nil))
	fmt.Println(answer.Code, answer.Header().Get("Location"), answer.Body)
	// Output: 201 /order/7 {"id":7}
}

func ExampleContext_MakeResponse_streamed() {
	app := decant.New("export")
	app.Get("/rows", func(c *decant.Context) (any, error) {
		rows := iter.Seq2[string, error](func(yield func(string, error) bool) {
			_ = yield("id,name\n", nil) && yield("1,Ann\n", nil)
		})
		r := c.MakeResponse(rows)
		r.Header().Set("Content-Type", "text/csv; charset=utf-8")
		return r, nil
	})
	app.Get("/report", func(c *decant.Context) (any, error) {
		return func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "for %s\n", c.Request.Args.Get("name"))
			return err
		}, nil
	})

	fmt.Print(get(app, "/rows").Body)
	fmt.Print(get(app, "/report?name=Ann").Body)
	// Output:
	// id,name
	// 1,Ann
	// for Ann
}

func ExampleContext_Redirect() {
	app := decant.New("shop")
	app.Get("/latest", func(c *decant.Context) (any, error) {
		return c.Redirect(c.URLFor("order", "id", 7))
	})
	app.Get("/order/<int:id>", order)

	answer := get(app, "/latest")
	fmt.Println(answer.Code, answer.Header().Get("Location"))
	// Output: 302 /order/7
}

// A cookie may be set before there is a response.
func ExampleContext_SetCookie() {
	app := decant.New("site")
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		if language := c.Request.Args.Get("language"); language != "" {
			c.SetCookie("language", language)
		}
		return nil, nil
	})
	app.Get("/", func(c *decant.Context) (any, error) { return "welcome", nil })

	fmt.Println(get(app, "/?language=en").Header().Get("Set-Cookie"))
	// Output: language=en; Path=/
}

// Any net/http handler can be a view.
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
		response.SetCookie("theme", "dark", decant.HTTPOnly(), decant.SameSite(http.SameSiteLaxMode))
		response.SetCookie("greeting", "héllo; you", decant.CookiePath("/greet"))
		return response, nil
	})

	for _, cookie := range get(app, "/").Header().Values("Set-Cookie") {
		fmt.Println(cookie)
	}
	// Output:
	// theme=dark; HttpOnly; Path=/; SameSite=Lax
	// greeting="h\303\251llo\073 you"; Path=/greet
}

// The first decorator is the outermost, as in Python.
func ExampleDecorate() {
	app := decant.New("shop")
	app.Config.SecretKey = decant.NewSecretKey()
	app.Get("/order/<int:id>", order, decant.Decorate(loginRequired))

	fmt.Println(get(app, "/order/7").Header().Get("Location"))
	fmt.Println(app.Routes()[1].Endpoint)
	// Output:
	// /login?next=%2Forder%2F7
	// order
}

func loginRequired(view decant.View) decant.View {
	return func(c *decant.Context) (any, error) {
		if !c.Session.Has("user_id") {
			return c.Redirect("/login?next=" + url.QueryEscape(c.Request.Path()))
		}
		return view(c)
	}
}

func ExampleDefaults() {
	app := decant.New("blog")
	posts := func(c *decant.Context) (any, error) {
		return fmt.Sprint("page ", c.ParamInt("page")), nil
	}
	app.Get("/posts/", posts, decant.Endpoint("posts"), decant.Defaults("page", 1))
	app.Get("/posts/page/<int:page>", posts, decant.Endpoint("posts"))

	show(app, "GET", "/posts/")
	show(app, "GET", "/posts/page/2")
	fmt.Println(app.BuildURL("posts", "page", 1, "_external", false))
	// Output:
	// 200 page 1
	// 200 page 2
	// /posts/ <nil>
}

func ExampleRedirectToFunc() {
	slugs := map[int]string{7: "hello-world"}
	app := decant.New("blog")
	app.Get("/posts/<slug>", func(c *decant.Context) (any, error) { return c.Param("slug"), nil }, decant.Endpoint("post"))
	app.Get("/post.php/<int:id>", decant.Handler(http.NotFoundHandler()), decant.Endpoint("old"),
		decant.RedirectToFunc(func(c *decant.Context, values decant.H) string {
			return c.URLFor("post", "slug", slugs[values["id"].(int)])
		}))
	show(app, "HEAD", "/post.php/7")
	// Output:
	// 308 /posts/hello-world
}

// The rule names a view that Flask still answers, so that URLFor finds it.
func ExampleBuildOnly() {
	app := decant.New("shop")
	app.Get("/report/<int:year>", nil, decant.BuildOnly(), decant.Endpoint("report"))
	app.Get("/", func(c *decant.Context) (any, error) { return c.URLFor("report", "year", 2026), nil })

	fmt.Println(get(app, "/").Body)
	// Output: /report/2026
}

func ExampleApp_Routes() {
	app := decant.New("shop")
	app.Get("/item/<int:id>", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("item"))
	for _, route := range app.Routes() {
		fmt.Println(route.Endpoint, route.Methods, route.Rule)
	}
	// Output:
	// static [GET OPTIONS HEAD] /static/<path:filename>
	// item [GET OPTIONS HEAD] /item/<int:id>
}

// A converter makes a list of a segment, and a segment of a list.
func ExampleApp_Converter() {
	app := decant.New("map")
	app.Converter("list", decant.Converter{
		ToGo: func(text string) (any, error) { return strings.Split(text, "+"), nil },
		ToURL: func(value any) (string, error) {
			names, ok := value.([]string)
			if !ok {
				return "", decant.ErrInvalidValue
			}
			return decant.QuoteURL(strings.Join(names, "+")), nil
		},
	})
	app.Get("/compare/<list:names>", func(c *decant.Context) (any, error) {
		return c.ParamValue("names"), nil
	}, decant.Endpoint("compare"))

	fmt.Print(get(app, "/compare/tea+milk").Body)
	fmt.Println(app.URLFor("compare", "names", []string{"tea", "milk"}, "_external", false))
	// Output:
	// ["tea","milk"]
	// /compare/tea+milk
}

func ExampleApp_MethodView() {
	app := decant.New("notes")
	app.MethodView("/notes/<int:id>", note{})
	show(app, "GET", "/notes/7")
	show(app, "DELETE", "/notes/7")
	// Output:
	// 200 note 7
	// 200 deleted
}

type note struct{}

func (note) Get(c *decant.Context) (any, error) {
	return fmt.Sprint("note ", c.ParamInt("id")), nil
}

func (note) Delete(c *decant.Context) (any, error) { return "deleted", nil }

// A hook that returns an answer takes the place of the view.
func ExampleApp_BeforeRequest() {
	app := decant.New("shop")
	app.Get("/order/<int:id>", order)
	app.BeforeRequest(func(c *decant.Context) (any, error) {
		if c.Request.Header.Get("X-Api-Key") == "" {
			return c.JSON(decant.H{"error": "a key is needed"}, 401)
		}
		return nil, nil
	})

	answer := get(app, "/order/7")
	fmt.Print(answer.Code, " ", answer.Body)
	// Output: 401 {"error":"a key is needed"}
}

func ExampleApp_AfterRequest() {
	app := decant.New("shop")
	app.Get("/order/<int:id>", order)
	app.AfterRequest(func(c *decant.Context, r *decant.Response) error {
		r.Header().Set("X-Request-Id", "of "+c.Request.Endpoint())
		return nil
	})

	fmt.Println(get(app, "/order/7").Header().Get("X-Request-Id"))
	// Output: of order
}

// An answer of an error handler has the status of the error.
func ExampleApp_ErrorHandler() {
	app := decant.New("shop")
	app.ErrorHandler(404, func(c *decant.Context, e *decant.HTTPError) (any, error) {
		return e.Name + ": " + string(decant.Escape(c.Request.Path())), nil
	})

	answer := get(app, "/nowhere")
	fmt.Println(answer.Code, answer.Body)
	// Output: 404 Not Found: /nowhere
}

func ExampleChallenge() {
	app := decant.New("example")
	app.Get("/", func(c *decant.Context) (any, error) {
		if _, ok := c.Request.Authorization(); !ok {
			return c.MakeResponse("Please log in", 401).With("WWW-Authenticate", decant.Challenge("Basic", "realm", "Our shop")), nil
		}
		return "Welcome", nil
	}, decant.Endpoint("index"))
	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"))
	// Output: 401 Basic realm="Our shop"
}

func ExampleResponse_MakeConditional() {
	app := decant.New("news")
	app.Get("/", func(c *decant.Context) (any, error) {
		r := c.MakeResponse("Nothing new.")
		r.AddETag()
		r.MakeConditional()
		return r, nil
	})

	first := get(app, "/")
	again := httptest.NewRequest(http.MethodGet, "/", nil)
	again.Header.Set("If-None-Match", first.Header().Get("ETag"))
	part := httptest.NewRequest(http.MethodGet, "/", nil)
	part.Header.Set("Range", "bytes=0-6")
	fmt.Println(first.Code, send(app, again).Code)
	fmt.Println(send(app, part).Code, send(app, part).Body)
	// Output:
	// 200 304
	// 206 Nothing
}

func ExampleContext_SendFromDirectory() {
	uploads := fstest.MapFS{"notes.txt": {Data: []byte("buy milk")}}
	app := decant.New("notes")
	app.Get("/uploads/<path:name>", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(uploads, c.Param("name"), decant.AsAttachment())
	})

	for _, path := range []string{"/uploads/notes.txt", "/uploads/..%2fpasswords"} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(w.Code, w.Header().Get("Content-Disposition"))
	}
	// Output:
	// 200 attachment; filename=notes.txt
	// 404
}

// A program that embeds its files passes an embed.FS here.
func ExampleStatic() {
	assets := fstest.MapFS{"style.css": {Data: []byte("body { color: black }")}}
	app := decant.New("site", decant.Static(assets), decant.StaticURLPath("/assets"))
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.URLFor("static", "filename", "style.css"), nil
	})

	for _, path := range []string{"/", "/assets/style.css"} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 /assets/style.css
	// 200 body { color: black }
}

// A session that Flask wrote is read with its types: the basket is a tuple.
func ExampleSession() {
	app := decant.New("shop")
	app.Config.SecretKey = "a long random secret key"
	app.Config.PermanentSessionLifetime = 100 * 365 * 24 * time.Hour // the cookie below is old
	app.Get("/", func(c *decant.Context) (any, error) {
		return fmt.Sprintf("%s: %v", c.Session.String("username"), c.Session.Get("basket")), nil
	})

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
	})

	fmt.Println(get(app, "/").Code)
	// Output:
	// true
	// 500
}

func ExampleSessionInterface() {
	app := decant.New("app")
	app.SessionInterface = newSealed([]byte(rand.Text()[:16]))
	app.Get("/login", func(c *decant.Context) (any, error) {
		c.Session.Clear()
		c.Session.Set("user", "ann")
		return "", nil
	})
	app.Get("/", func(c *decant.Context) (any, error) {
		return "Hello, " + c.Session.String("user"), nil
	})

	w := httptest.NewRecorder()
	app.ServeHTTP(w, httptest.NewRequest("GET", "/login", nil))
	cookie, attributes, _ := strings.Cut(w.Header().Get("Set-Cookie"), "; ")
	fmt.Println(attributes)

	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", cookie)
	w = httptest.NewRecorder()
	app.ServeHTTP(w, r)
	fmt.Println(w.Body)
	// Output:
	// HttpOnly; Path=/
	// Hello, ann
}

// sealed keeps sessions in a cookie that only the server can read.
type sealed struct{ seal cipher.AEAD }

func (s sealed) Open(c *decant.Context) (map[string]any, error) {
	cookie := c.Request.Cookies.Get(c.App.Config.SessionCookieName)
	box, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return nil, nil
	}
	payload, err := s.seal.Open(nil, nil, box, nil)
	if err != nil {
		return nil, nil // not ours: a new session
	}
	return decant.UnmarshalSession(payload)
}

func (s sealed) Save(c *decant.Context, session *decant.Session, r *decant.Response) error {
	r.AddVary("Cookie")
	if !session.ShouldSetCookie() {
		return nil
	}
	if session.Len() == 0 {
		r.DeleteSessionCookie(session)
		return nil
	}
	payload, err := decant.MarshalSession(maps.Collect(session.All()))
	if err != nil {
		return err
	}
	box := s.seal.Seal(nil, nil, payload, nil)
	r.SetSessionCookie(session, base64.RawURLEncoding.EncodeToString(box))
	return nil
}

func newSealed(key []byte) sealed {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return sealed{seal}
}

// Each tenant of a site has a cookie of its own.
func ExampleNewCookieSessions() {
	app := decant.New("site")
	app.Config.SecretKey = "a secret key for this example"
	app.SessionInterface = decant.NewCookieSessions(decant.CookieNameFunc(func(c *decant.Context) string {
		tenant, _ := c.LookupParam("tenant")
		return tenant + "_session"
	}))
	app.Get("/<tenant>/login", func(c *decant.Context) (any, error) {
		c.Session.Set("user", "ann")
		return "welcome", nil
	})

	name, _, _ := strings.Cut(get(app, "/acme/login").Header().Get("Set-Cookie"), "=")
	fmt.Println(name)
	// Output: acme_session
}

// To replace a key, move the old one to OldKeys. Remove it from there when everything
// that it signed has expired.
func ExampleOldKeys() {
	before := decant.NewSigner("the old key", "unsubscribe")
	signed, _ := before.Sign("ann@example.com")

	now := decant.NewSigner("the new key", "unsubscribe", decant.OldKeys("the old key"))
	fmt.Println(now.Validate(signed))
	// Output: true
}

func ExampleAlgorithm() {
	signer := decant.NewSigner("a secret key that is long and random", "invitation", decant.Algorithm(shortened{}))
	signed, err := signer.Sign("ann")
	if err != nil {
		panic(err)
	}
	fmt.Println(len(signed), signer.Validate(signed))
	// Output: 26 true
}

// shortened is an algorithm that leaves out half of each signature.
type shortened struct{}

func (shortened) Signature(key, value []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(value)
	return mac.Sum(nil)[:16]
}

// A signed value stays readable, such as an address in a link to unsubscribe.
func ExampleSigner() {
	unsubscribe := decant.NewSigner("a long random secret key", "unsubscribe")
	signed, err := unsubscribe.Sign("ann@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(signed)

	_, err = unsubscribe.Unsign("bob" + signed[3:])
	fmt.Println(errors.Is(err, decant.ErrBadSignature))
	// Output:
	// ann@example.com.g80SNZzw999aAQpVaDdjlMp7b7c
	// true
}

// Make a secret key once, and use it for all starts of the program.
func ExampleNewSecretKey() {
	key := decant.NewSecretKey()
	fmt.Println(len(key), "hexadecimal digits")
	// Output: 64 hexadecimal digits
}

func ExampleTimestampSigner() {
	invitation := decant.NewTimestampSigner("a long random secret key", "invite")
	signed, err := invitation.Sign("team-7")
	if err != nil {
		fmt.Println(err)
		return
	}
	team, signedAt, err := invitation.Unsign(signed, 24*time.Hour)
	fmt.Println(team, time.Since(signedAt) < time.Minute, err)
	// Output: team-7 true <nil>
}

// After a change of the digest, tokens with the earlier one are still accepted.
func ExampleFallbackSigner() {
	before := decant.NewSerializer("a long random secret key", "activate")
	token, _ := before.Dumps(42)

	now := decant.NewSerializer("a long random secret key", "activate",
		decant.DigestMethod(sha256.New), decant.FallbackSigner())
	var userID int
	fmt.Println(now.Loads(token, &userID, time.Hour), userID)
	// Output: <nil> 42
}

// A signed link in an e-mail proves who received it, without a table of links.
func ExampleSerializer() {
	activation := decant.NewSerializer("a long random secret key", "activate")
	token, err := activation.Dumps(42)
	if err != nil {
		fmt.Println(err)
		return
	}

	// An hour later at most, from the link that was followed.
	var userID int
	if err := activation.Loads(token, &userID, time.Hour); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("activated", userID)
	// Output: activated 42
}

// A token that is too old deserves another answer than a wrong one.
func ExampleSerializer_Loads() {
	reset := decant.NewSerializer("a long random secret key", "reset-password")
	token := "ImFubkBleGFtcGxlLmNvbSI.ZVPxAA.WUeSqu7sgi68xjWv95PKxQ4bAqo"

	var email string
	err := reset.Loads(token, &email, time.Hour)
	switch {
	case errors.Is(err, decant.ErrSignatureExpired):
		var expired *decant.SignatureError
		errors.As(err, &expired)
		fmt.Println("made on", expired.DateSigned.Format(time.DateOnly), "- ask for a new link")
	case err != nil:
		fmt.Println("this link is not ours")
	default:
		fmt.Println("new password for", email)
	}
	// Output: made on 2023-11-14 - ask for a new link
}

func ExampleEvent() {
	app := decant.New("prices")
	app.Get("/prices", func(c *decant.Context) (any, error) {
		last := c.Request.Header.Get("Last-Event-ID") // where a browser left off
		return slices.Values([]decant.Event{
			{Data: "you saw " + last},
			{ID: "8", Event: "price", Data: "first line\nsecond line"},
		}), nil
	})

	request := httptest.NewRequest(http.MethodGet, "/prices", nil)
	request.Header.Set("Last-Event-ID", "7")
	answer := send(app, request)
	fmt.Println(answer.Header().Get("Content-Type"))
	fmt.Print(answer.Body)
	// Output:
	// text/event-stream
	// data: you saw 7
	//
	// id: 8
	// event: price
	// data: first line
	// data: second line
}

func ExampleContext_Render() {
	files := fstest.MapFS{ // stands for os.DirFS("templates") or an embed.FS
		"base.html": {Data: []byte(
			`<title>{% block title %}Site{% endblock %}</title><a href="{{ url_for('hello') }}">Home</a> {% block content %}{% endblock %}`)},
		"hello.html": {Data: []byte(
			`{% extends "base.html" %}{% block title %}Hello{% endblock %}{% block content %}Hello, {{ name|shout }}!{% endblock %}`)},
	}
	app := decant.New("greeter", decant.Templates(files))
	app.Templates.Filter("shout", func(text string) string { return strings.ToUpper(text) + "!" })
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.Render("hello.html", decant.H{"name": "<Ann>"})
	}, decant.Endpoint("hello"))

	show(app, "GET", "/")
	// Output:
	// 200 <title>Hello</title><a href="/">Home</a> Hello, &lt;ANN&gt;!!
}

func ExampleTemplating_Filter() {
	app := decant.New("shop")
	app.Templates.Filter("price", func(cents int) string { return fmt.Sprintf("€%d.%02d", cents/100, cents%100) })
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.RenderString("{{ cents|price }}", decant.H{"cents": 1250})
	})

	fmt.Println(get(app, "/").Body)
	// Output: €12.50
}

func ExampleTemplating_Global() {
	app := decant.New("shop")
	app.Templates.Global("is_current", func(c *decant.Context, endpoint string) bool {
		return c.Request.Endpoint() == endpoint
	})
	app.Get("/cart", func(c *decant.Context) (any, error) {
		return c.RenderString(`{% if is_current("cart") %}This is the cart.{% endif %}`)
	}, decant.Endpoint("cart"))

	show(app, "GET", "/cart")
	// Output:
	// 200 This is the cart.
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
	})

	fmt.Println(get(app, "http://shop.example/links").Body)
	// Output:
	// /order/7
	// /order/7?tag=new&tag=a+b
	// http://shop.example/order/7#items
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

func ExampleApp_IsEndpointExpecting() {
	app := decant.New("site")
	app.URLDefaults(func(c *decant.Context, endpoint string, values decant.H) {
		if app.IsEndpointExpecting(endpoint, "lang") {
			values["lang"] = "de"
		}
	})
	answer := func(*decant.Context) (any, error) { return "", nil }
	app.Get("/<lang>/about", answer, decant.Endpoint("about"))
	app.Get("/feed", answer, decant.Endpoint("feed"))
	fmt.Println(app.URLFor("about", "_external", false), app.URLFor("feed", "_external", false))
	// Output:
	// /de/about /feed
}

func ExampleContext_SafeNext() {
	app := decant.New("login")
	app.Get("/", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("index"))
	app.Post("/login", func(c *decant.Context) (any, error) {
		return c.Redirect(c.SafeNext(c.Request.Args.Get("next"), c.URLFor("index")))
	})

	for _, next := range []string{"/orders?page=2", "//evil.example", "https://evil.example"} {
		request := httptest.NewRequest("POST", "/login", nil)
		request.URL.RawQuery = "next=" + next
		fmt.Println(send(app, request).Header().Get("Location"))
	}
	// Output:
	// /orders?page=2
	// /
	// /
}

// A field that the client did not send is a 400.
func ExampleValues_Require() {
	app := decant.New("shop")
	app.Get("/search", func(c *decant.Context) (any, error) {
		word, err := c.Request.Args.Require("q")
		if err != nil {
			return nil, err
		}
		return decant.Text("You look for " + word), nil
	})

	fmt.Println(get(app, "/search?q=tea").Body)
	fmt.Println(get(app, "/search").Code)
	// Output:
	// You look for tea
	// 400
}

func ExampleValues_Int() {
	app := decant.New("blog")
	app.Get("/posts", func(c *decant.Context) (any, error) {
		return fmt.Sprint("page ", c.Request.Args.Int("page", 1)), nil
	})

	fmt.Println(get(app, "/posts?page=3").Body)
	fmt.Println(get(app, "/posts?page=three").Body)
	// Output:
	// page 3
	// page 1
}

func ExampleValues_RequireInt() {
	app := decant.New("shop")
	app.Get("/order", func(c *decant.Context) (any, error) {
		pieces, err := c.Request.Args.RequireInt("pieces")
		if err != nil {
			return nil, err // 400
		}
		return fmt.Sprint(pieces, " pieces in ", c.Request.Args.Get("colour", "black")), nil
	})

	fmt.Println(get(app, "/order?pieces=3").Body)
	fmt.Println(get(app, "/order?pieces=many").Code)
	// Output:
	// 3 pieces in black
	// 400
}

func ExampleFile_Save() {
	folder, err := os.MkdirTemp("", "photos-*")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	app := decant.New("photos")
	app.Post("/photos", func(c *decant.Context) (any, error) {
		photo, err := c.Request.Files.Require("photo")
		if err != nil {
			return nil, err // 400
		}
		name := decant.SecureFilename(photo.Filename)
		if name == "" {
			return nil, decant.NewHTTPError(400, "Give the photo a name.")
		}
		return name, photo.Save(filepath.Join(folder, name))
	})

	request := httptest.NewRequest("POST", "/photos", strings.NewReader("--x\r\n"+
		"Content-Disposition: form-data; name=photo; filename=\"../my cat.png\"\r\n\r\nmeow\r\n--x--\r\n"))
	request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	name := send(app, request).Body.String()
	saved, err := os.ReadFile(filepath.Join(folder, name))
	fmt.Println(name, string(saved), err)
	// Output: my_cat.png meow <nil>
}

func ExampleSecureFilename() {
	fmt.Println(decant.SecureFilename("../../etc/passwd"))
	fmt.Println(decant.SecureFilename("My cool movie.mov"))
	fmt.Printf("%q\n", decant.SecureFilename("..."))
	// Output:
	// etc_passwd
	// My_cool_movie.mov
	// ""
}
