package decant_test

import (
	"fmt"
	"net/http/httptest"
	"testing/fstest"

	"github.com/decant-go/decant"
)

// A program that carries its files has an embed.FS in this place.
func ExampleStatic() {
	assets := fstest.MapFS{"style.css": {Data: []byte("body { color: black }")}}
	app := decant.New("site", decant.Static(assets), decant.StaticURLPath("/assets"))
	app.Get("/", func(c *decant.Context) (any, error) {
		return c.URLFor("static", "filename", "style.css"), nil
	}, decant.Endpoint("index"))

	for _, path := range []string{"/", "/assets/style.css"} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 /assets/style.css
	// 200 body { color: black }
}

func ExampleContext_SendFromDirectory() {
	uploads := fstest.MapFS{"notes.txt": {Data: []byte("buy milk")}}
	app := decant.New("notes")
	app.Get("/uploads/<path:name>", func(c *decant.Context) (any, error) {
		return c.SendFromDirectory(uploads, c.Param("name"), decant.AsAttachment())
	}, decant.Endpoint("upload"))

	for _, path := range []string{"/uploads/notes.txt", "/uploads/..%2fpasswords"} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Println(w.Code, w.Header().Get("Content-Disposition"))
	}
	// Output:
	// 200 attachment; filename=notes.txt
	// 404
}
