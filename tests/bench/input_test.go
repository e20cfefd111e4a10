package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
)

// bodyLimit is how many bytes a body may have, and fileMemory how many bytes of its
// files everyone keeps in memory: decant's 500 KiB.
const (
	bodyLimit  = 4 << 20
	fileMemory = 500 << 10
	fileSize   = 1 << 20
)

// inputs are apps that read a JSON document, into a struct and into a map,
// a form of ten fields, and an upload.
func inputs() []competitor {
	return []competitor{
		{"decant", decantInputs()},
		{"chi", chiInputs()},
		{"echo", echoInputs()},
		{"gin", ginInputs()},
		{"nethttp", nethttpInputs()},
		{"httprouter", routerInputs()},
	}
}

func jsonBody(target string) (message, answer) {
	return postAs(target, "application/json", orderJSON), page("ann@example.org cup-017")
}

var fieldNames = []string{
	"csrf_token", "username", "email", "password", "first_name",
	"last_name", "city", "country", "newsletter", "remember",
}

func form() (message, answer) {
	return post("/form", "csrf_token=IjZkMjQ5&username=ada&email=ada%40example.org&password=correct+horse"+
			"&first_name=Ada&last_name=Lovelace&city=London&country=GB&newsletter=y&remember=on"),
		page("IjZkMjQ5 ada ada@example.org correct horse Ada Lovelace London GB y on ")
}

// upload is a picture of 1 MiB and its title.
func upload(t testing.TB) (message, answer) {
	t.Helper()
	var content bytes.Buffer
	w := multipart.NewWriter(&content)
	err := w.WriteField("title", "Sea")
	file, fileError := w.CreateFormFile("picture", "sea.png")
	_, writeError := io.WriteString(file, strings.Repeat("0123456789abcde\n", fileSize/16))
	for _, err := range []error{err, fileError, writeError, w.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return postAs("/upload", w.FormDataContentType(), content.String()), page("Sea sea.png " + strconv.Itoa(fileSize))
}

// diskOf gives uploads a folder that is empty again when all is over.
func diskOf(t interface {
	testing.TB
	Setenv(key, value string)
}) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
}

func TestInputs(t *testing.T) {
	diskOf(t)
	for _, target := range []string{"/struct", "/map"} {
		m, want := jsonBody(target)
		agree(t, m, want, inputs())
	}
	m, want := form()
	agree(t, m, want, inputs())
	m, want = upload(t)
	agree(t, m, want, inputs())
}

// The limit of the body is on for everybody.
func TestInputLimits(t *testing.T) {
	m := postAs("/struct", "application/json", `{"customer":"`+strings.Repeat("a", bodyLimit)+`"}`)
	for _, one := range inputs() {
		c := newClient(one.handler)
		if c.send(m); c.writer.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: status %d", one.name, c.writer.status)
		}
	}
}

func BenchmarkJSONBodyStruct(b *testing.B) {
	m, want := jsonBody("/struct")
	compare(b, m, want, inputs())
}

func BenchmarkJSONBodyMap(b *testing.B) {
	m, want := jsonBody("/map")
	compare(b, m, want, inputs())
}

func BenchmarkForm(b *testing.B) {
	m, want := form()
	compare(b, m, want, inputs())
}

func BenchmarkUpload1MiB(b *testing.B) {
	diskOf(b)
	m, want := upload(b)
	compare(b, m, want, inputs())
}

func (o order) describe() string { return o.Customer + " " + o.Items[1].SKU }

func describeMap(order map[string]any) string {
	second := order["items"].([]any)[1].(map[string]any)
	return order["customer"].(string) + " " + second["sku"].(string)
}

// describeForm reads all ten fields.
func describeForm(field func(name string) string) string {
	var text strings.Builder
	text.Grow(128)
	for _, name := range fieldNames {
		text.WriteString(field(name))
		text.WriteByte(' ')
	}
	return text.String()
}

// describeUpload reads the file to its end.
func describeUpload(title, filename string, file io.ReadCloser, err error) (string, error) {
	if err != nil {
		return "", err
	}
	defer file.Close()
	size, err := io.Copy(io.Discard, file)
	return fmt.Sprint(title, " ", filename, " ", size), err
}

func decantInputs() *decant.App {
	app := decant.New("inputs")
	app.Config.MaxContentLength = bodyLimit
	app.Post("/struct", func(c *decant.Context) (any, error) {
		var sent order
		if err := c.Request.JSON(&sent); err != nil {
			return nil, err
		}
		return sent.describe(), nil
	}, decant.Endpoint("struct"))
	app.Post("/map", func(c *decant.Context) (any, error) {
		var sent decant.H
		if err := c.Request.JSON(&sent); err != nil {
			return nil, err
		}
		return describeMap(sent), nil
	}, decant.Endpoint("map"))
	app.Post("/form", func(c *decant.Context) (any, error) {
		return describeForm(func(name string) string { return c.Request.Form.Get(name) }), nil
	}, decant.Endpoint("form"))
	app.Post("/upload", func(c *decant.Context) (any, error) {
		sent, err := c.Request.Files.Require("picture")
		if err != nil {
			return nil, err
		}
		file, err := sent.Open()
		return describeUpload(c.Request.Form.Get("title"), sent.Filename, file, err)
	}, decant.Endpoint("upload"))
	return app
}

func chiInputs() *chi.Mux {
	mux := chi.NewRouter()
	mux.Use(limitBody)
	mux.Post("/struct", readStruct)
	mux.Post("/map", readMap)
	mux.Post("/form", readForm)
	mux.Post("/upload", readUpload)
	return mux
}

func nethttpInputs() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /struct", readStruct)
	mux.HandleFunc("POST /map", readMap)
	mux.HandleFunc("POST /form", readForm)
	mux.HandleFunc("POST /upload", readUpload)
	return limitBody(mux)
}

func routerInputs() http.Handler {
	router := httprouter.New()
	router.HandlerFunc("POST", "/struct", readStruct)
	router.HandlerFunc("POST", "/map", readMap)
	router.HandlerFunc("POST", "/form", readForm)
	router.HandlerFunc("POST", "/upload", readUpload)
	return limitBody(router)
}

func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
		next.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	http.Error(w, err.Error(), http.StatusBadRequest)
}

func readStruct(w http.ResponseWriter, r *http.Request) {
	var sent order
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		refuse(w, err)
		return
	}
	writeHTML(w, sent.describe())
}

func readMap(w http.ResponseWriter, r *http.Request) {
	var sent map[string]any
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		refuse(w, err)
		return
	}
	writeHTML(w, describeMap(sent))
}

func readForm(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, err)
		return
	}
	writeHTML(w, describeForm(r.PostForm.Get))
}

func readUpload(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(fileMemory); err != nil {
		refuse(w, err)
		return
	}
	defer r.MultipartForm.RemoveAll() // as net/http's server does
	file, sent, err := r.FormFile("picture")
	if err != nil {
		refuse(w, err)
		return
	}
	text, err := describeUpload(r.FormValue("title"), sent.Filename, file, nil)
	if err != nil {
		refuse(w, err)
		return
	}
	writeHTML(w, text)
}

func echoInputs() *echo.Echo {
	e := echo.NewWithConfig(echo.Config{FormParseMaxMemory: fileMemory})
	e.Use(middleware.BodyLimit(bodyLimit))
	e.POST("/struct", func(c *echo.Context) error {
		var sent order
		if err := c.Bind(&sent); err != nil {
			return err
		}
		return c.HTML(http.StatusOK, sent.describe())
	})
	e.POST("/map", func(c *echo.Context) error {
		var sent map[string]any
		if err := c.Bind(&sent); err != nil {
			return err
		}
		return c.HTML(http.StatusOK, describeMap(sent))
	})
	e.POST("/form", func(c *echo.Context) error {
		return c.HTML(http.StatusOK, describeForm(c.FormValue))
	})
	e.POST("/upload", echoUpload)
	return e
}

func echoUpload(c *echo.Context) error {
	sent, err := c.MultipartForm()
	if err != nil {
		return err
	}
	defer sent.RemoveAll()
	picture, err := c.FormFile("picture")
	if err != nil {
		return err
	}
	file, err := picture.Open()
	text, err := describeUpload(c.FormValue("title"), picture.Filename, file, err)
	if err != nil {
		return err
	}
	return c.HTML(http.StatusOK, text)
}

func ginInputs() *gin.Engine {
	engine := newGin()
	engine.MaxMultipartMemory = fileMemory
	engine.Use(func(c *gin.Context) { c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, bodyLimit) })
	engine.POST("/struct", func(c *gin.Context) {
		var sent order
		if err := c.ShouldBindJSON(&sent); err != nil {
			refuse(c.Writer, err)
			return
		}
		ginHTML(c, sent.describe())
	})
	engine.POST("/map", func(c *gin.Context) {
		var sent map[string]any
		if err := c.ShouldBindJSON(&sent); err != nil {
			refuse(c.Writer, err)
			return
		}
		ginHTML(c, describeMap(sent))
	})
	engine.POST("/form", func(c *gin.Context) { ginHTML(c, describeForm(c.PostForm)) })
	engine.POST("/upload", ginUpload)
	return engine
}

func ginUpload(c *gin.Context) {
	sent, err := c.MultipartForm()
	if err != nil {
		refuse(c.Writer, err)
		return
	}
	defer sent.RemoveAll()
	picture, err := c.FormFile("picture")
	if err != nil {
		refuse(c.Writer, err)
		return
	}
	file, err := picture.Open()
	text, err := describeUpload(c.PostForm("title"), picture.Filename, file, err)
	if err != nil {
		refuse(c.Writer, err)
		return
	}
	ginHTML(c, text)
}
