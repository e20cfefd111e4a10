package bench

import (
	"net/http"
	"testing"

	"github.com/decant-go/decant"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v5"
)

func cookieApps() []competitor {
	app := decant.New("cookies")
	app.Get("/", decantCookies)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", nethttpCookies)
	chiMux := chi.NewRouter()
	chiMux.Get("/", nethttpCookies)
	e := echo.New()
	e.GET("/", echoCookies)
	engine := newGin()
	engine.GET("/", ginCookies)
	router := httprouter.New()
	router.HandlerFunc("GET", "/", nethttpCookies)
	return []competitor{{"decant", app}, {"nethttp", mux}, {"chi", chiMux}, {"echo", e}, {"gin", engine}, {"httprouter", router}}
}

func cookieRequest() (message, answer) {
	want := page("de")
	want.cookie = sortedAttributes("seen=yes; HttpOnly; Path=/")
	return get("/", "theme=dark; language=de; visits=3"), want
}

func TestCookies(t *testing.T) {
	m, want := cookieRequest()
	agree(t, m, want, cookieApps())
}

func BenchmarkCookie(b *testing.B) {
	m, want := cookieRequest()
	compare(b, m, want, cookieApps())
}

func decantCookies(c *decant.Context) (any, error) {
	r := c.MakeResponse(c.Request.Cookies.Get("language"))
	r.SetCookie("seen", "yes", decant.HTTPOnly())
	return r, nil
}

func seen() *http.Cookie {
	return &http.Cookie{Name: "seen", Value: "yes", Path: "/", HttpOnly: true}
}

func nethttpCookies(w http.ResponseWriter, r *http.Request) {
	language, err := r.Cookie("language")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	http.SetCookie(w, seen())
	writeHTML(w, language.Value)
}

func echoCookies(c *echo.Context) error {
	language, err := c.Cookie("language")
	if err != nil {
		return err
	}
	c.SetCookie(seen())
	return c.HTML(http.StatusOK, language.Value)
}

func ginCookies(c *gin.Context) {
	language, err := c.Cookie("language")
	if err != nil {
		refuse(c.Writer, err)
		return
	}
	c.SetCookieData(seen())
	ginHTML(c, language)
}
