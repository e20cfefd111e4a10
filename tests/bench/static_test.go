package bench

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v5"
)

const staticTarget = "/static/site.css"

// static are ways to a folder of static files. The one of nethttp knows the file
// that it serves and looks at no name.
func static(folder string) []competitor {
	return []competitor{
		{"decant", decant.New("static", decant.Static(os.DirFS(folder)))},
		{"chi", chiStatic(folder)},
		{"echo", echoStatic(folder)},
		{"nethttp", serveContent(filepath.Join(folder, "site.css"))},
		{"gin", ginStatic(folder)},
		{"httprouter", routerStatic(folder)},
	}
}

// staticFolder holds a style sheet of 64 KiB.
func staticFolder(t testing.TB) (folder, content string) {
	t.Helper()
	folder, content = t.TempDir(), strings.Repeat("a{color:#000000}", 64<<10/16)
	if err := os.WriteFile(filepath.Join(folder, "site.css"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return folder, content
}

func chiStatic(folder string) *chi.Mux {
	mux := chi.NewRouter()
	mux.Handle("/static/*", http.StripPrefix("/static/", http.FileServer(http.Dir(folder))))
	return mux
}

func echoStatic(folder string) *echo.Echo {
	e := echo.New()
	e.Filesystem = os.DirFS(folder)
	e.Static("/static", ".")
	return e
}

func ginStatic(folder string) *gin.Engine {
	engine := newGin()
	engine.Static("/static", folder)
	return engine
}

func routerStatic(folder string) *httprouter.Router {
	router := httprouter.New()
	router.ServeFiles("/static/*filepath", http.Dir(folder))
	return router
}

func serveContent(path string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, err := os.Open(path)
		if err != nil {
			http.Error(w, "no such file", http.StatusNotFound)
			return
		}
		defer file.Close()
		var info fs.FileInfo
		if info, err = file.Stat(); err == nil {
			http.ServeContent(w, r, path, info.ModTime(), file)
		}
	})
}

// unmodified asks a handler for the file once, and then for what has changed.
func unmodified(t testing.TB, handler http.Handler) message {
	t.Helper()
	c := newClient(handler)
	c.send(get(staticTarget, ""))
	m := get(staticTarget, "")
	m.request.Header.Set("If-Modified-Since", c.writer.header.Get("Last-Modified"))
	return m
}

func wholeFile(content string) answer {
	return answer{status: http.StatusOK, contentType: "text/css; charset=utf-8", body: content}
}

func TestStatic(t *testing.T) {
	folder, content := staticFolder(t)
	agree(t, get(staticTarget, ""), wholeFile(content), static(folder))
	for _, one := range static(folder) {
		check(t, newClient(one.handler), unmodified(t, one.handler), answer{status: http.StatusNotModified})
	}
}

func BenchmarkStatic(b *testing.B) {
	folder, content := staticFolder(b)
	compare(b, get(staticTarget, ""), wholeFile(content), static(folder))
}

func BenchmarkStaticNotModified(b *testing.B) {
	folder, _ := staticFolder(b)
	competitors := static(folder)
	compare(b, unmodified(b, competitors[0].handler), answer{status: http.StatusNotModified}, competitors)
}
