package bench

import (
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/htmltemplate"
	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gofiber/fiber/v2"
	fibersession "github.com/gofiber/fiber/v2/middleware/session"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v5"
)

// smallApps answer /hello, /user/<name> and /json, each as its framework does it.
func smallApps() []competitor {
	peers := basics()
	for i := range peers {
		addJSON(peers[i].handler)
	}
	return append(peers, competitor{"httprouter", routerBasics()})
}

// addJSON adds the route /json to an application of basics.
func addJSON(handler http.Handler) {
	value := newOrder()
	switch app := handler.(type) {
	case *decant.App:
		app.Get("/json", func(*decant.Context) (any, error) { return value, nil }, decant.Endpoint("json"))
	case *gin.Engine:
		app.GET("/json", func(c *gin.Context) { ginJSON(c, value) })
	case *echo.Echo:
		app.GET("/json", func(c *echo.Context) error { return c.JSON(http.StatusOK, value) })
	case *chi.Mux:
		app.Get("/json", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, value) })
	case *http.ServeMux:
		app.HandleFunc("GET /json", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, value) })
	default:
		panic(fmt.Sprintf("a %T is no peer of this group", handler))
	}
}

func routerBasics() *httprouter.Router {
	router, value := httprouter.New(), newOrder()
	router.GET("/hello", func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) { writeHTML(w, greeting) })
	router.GET("/user/:name", func(w http.ResponseWriter, r *http.Request, p httprouter.Params) { writeHTML(w, p.ByName("name")) })
	router.GET("/json", func(w http.ResponseWriter, r *http.Request, _ httprouter.Params) { writeJSON(w, value) })
	return router
}

// fiberApps make the applications of the servers on Fiber.
var fiberApps = map[string]func(folder string) *fiber.App{
	"small":    func(string) *fiber.App { return fiberApp() },
	"sessions": func(string) *fiber.App { return fiberSessions() },
	"static": func(folder string) *fiber.App {
		app := newFiber()
		app.Static("/static", folder)
		return app
	},
}

func newFiber() *fiber.App { return fiber.New(fiber.Config{DisableStartupMessage: true}) }

func fiberPage(c *fiber.Ctx, text string) error {
	c.Set("Content-Type", "text/html; charset=utf-8")
	return c.SendString(text)
}

// fiberSessions keeps its sessions in memory.
func fiberSessions() *fiber.App {
	app, store := newFiber(), fibersession.New(fibersession.Config{KeyLookup: "cookie:session"})
	app.Get("/write", func(c *fiber.Ctx) error {
		s, err := store.Get(c)
		if err != nil {
			return err
		}
		s.Set("user_id", userID)
		s.Set("username", username)
		s.Set("theme", theme)
		if err := s.Save(); err != nil {
			return err
		}
		return fiberPage(c, greeting)
	})
	app.Get("/", func(c *fiber.Ctx) error {
		s, err := store.Get(c)
		if err != nil {
			return err
		}
		id, _ := s.Get("user_id").(int)
		name, _ := s.Get("username").(string)
		theme, _ := s.Get("theme").(string)
		return fiberPage(c, describe(id, name, theme))
	})
	return app
}

// fiberApp is the same on Fiber, which has a server of its own and no http.Handler,
// so that it is measured over sockets only.
func fiberApp() *fiber.App {
	app := newFiber()
	app.Get("/hello", func(c *fiber.Ctx) error { return fiberPage(c, greeting) })
	app.Get("/user/:name", func(c *fiber.Ctx) error { return fiberPage(c, c.Params("name")) })
	app.Get("/json", func(c *fiber.Ctx) error {
		text, err := json.Marshal(newOrder()) // as c.JSON does, which writes no line break
		if err != nil {
			return err
		}
		c.Set("Content-Type", "application/json")
		return c.Send(append(text, '\n'))
	})
	return app
}

// allSessionApps adds gin-contrib/sessions to the others.
func allSessionApps() []competitor { return append(sessionApps(), competitor{"gin", ginSessions()}) }

func ginSessions() http.Handler {
	engine := newGin()
	engine.Use(sessions.Sessions("session", cookie.NewStore([]byte(secretKey))))
	keep := func(c *gin.Context, name string) {
		s := sessions.Default(c)
		s.Set("user_id", userID)
		s.Set("username", name)
		s.Set("theme", theme)
		s.Save()
	}
	engine.GET("/login", ginText(loginForm))
	engine.POST("/login", func(c *gin.Context) { keep(c, c.PostForm("username")); c.Redirect(http.StatusFound, "/") })
	engine.GET("/", func(c *gin.Context) {
		s := sessions.Default(c)
		id, _ := s.Get("user_id").(int)
		name, _ := s.Get("username").(string)
		theme, _ := s.Get("theme").(string)
		ginHTML(c, describe(id, name, theme))
	})
	engine.GET("/write", func(c *gin.Context) { keep(c, username); ginHTML(c, greeting) })
	engine.POST("/logout", func(c *gin.Context) {
		s := sessions.Default(c)
		s.Clear()
		s.Options(sessions.Options{Path: "/", MaxAge: -1})
		s.Save()
		c.Redirect(http.StatusFound, "/")
	})
	return engine
}

// pageSource is a page with a list, as a blog has it.
const pageSource = `<!doctype html><title>{{.title}}</title><h1>{{.title}}</h1><ul>{{range .posts}}<li><a href="/post/{{.ID}}">{{.Title}}</a> by {{.Author}}</li>{{end}}</ul>`

type blogPost struct {
	ID            int
	Title, Author string
}

func templateData() map[string]any {
	posts := make([]blogPost, 10)
	for i := range posts {
		posts[i] = blogPost{i, fmt.Sprintf("The <%d>th post", i), "ann"}
	}
	return map[string]any{"title": "Posts & more", "posts": posts}
}

// templatePeers render the same page with decant's engine for html/template, and
// with html/template alone.
func templatePeers(tb testing.TB) (peers []competitor, want answer) {
	data := templateData()
	app := decant.New("templates", decant.Templates(fstest.MapFS{"page.html": {Data: []byte(pageSource)}}))
	app.Templates.Engine(htmltemplate.New)
	app.Get("/", func(c *decant.Context) (any, error) { return c.Render("page.html", data) }, decant.Endpoint("page"))
	bare := template.Must(template.New("page").Parse(pageSource))
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var text strings.Builder
		if err := bare.Execute(&text, data); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		writeHTML(w, text.String())
	})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if !strings.Contains(w.Body.String(), html.EscapeString("<9>")) {
		tb.Fatalf("html/template printed %s", w.Body)
	}
	engine := newGin()
	engine.SetHTMLTemplate(bare)
	engine.GET("/", func(c *gin.Context) { c.HTML(http.StatusOK, "page", data) })
	return []competitor{{"decant", app}, {"html/template", handler}, {"gin", engine}}, page(w.Body.String())
}
