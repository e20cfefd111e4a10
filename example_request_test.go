package decant_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/decant-go/decant"
)

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
	}, decant.Endpoint("order"))

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
	}, decant.Endpoint("add"))

	request := httptest.NewRequest("POST", "/photos", strings.NewReader("--x\r\n"+
		"Content-Disposition: form-data; name=photo; filename=\"../my cat.png\"\r\n\r\nmeow\r\n--x--\r\n"))
	request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	name := send(app, request).Body.String()
	saved, err := os.ReadFile(filepath.Join(folder, name))
	fmt.Println(name, string(saved), err)
	// Output: my_cat.png meow <nil>
}

func ExampleValues_Int() {
	app := decant.New("blog")
	app.Get("/posts", func(c *decant.Context) (any, error) {
		return fmt.Sprint("page ", c.Request.Args.Int("page", 1)), nil
	}, decant.Endpoint("posts"))

	fmt.Println(get(app, "/posts?page=3").Body)
	fmt.Println(get(app, "/posts?page=three").Body)
	// Output:
	// page 3
	// page 1
}

func ExampleContext_SafeNext() {
	app := decant.New("login")
	app.Get("/", func(*decant.Context) (any, error) { return "", nil }, decant.Endpoint("index"))
	app.Post("/login", func(c *decant.Context) (any, error) {
		return c.Redirect(c.SafeNext(c.Request.Args.Get("next"), c.URLFor("index")))
	}, decant.Endpoint("login"))

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

func ExampleRequest_SetMaxContentLength() {
	app := decant.New("videos")
	app.Post("/videos", func(c *decant.Context) (any, error) {
		c.Request.SetMaxContentLength(1 << 30) // for this view alone
		_, err := c.Request.Files.Require("video")
		return "received", err
	}, decant.Endpoint("videos"))

	request := httptest.NewRequest("POST", "/videos", strings.NewReader("--x\r\n"+
		"Content-Disposition: form-data; name=video; filename=v\r\n\r\n"+strings.Repeat("v", 20<<20)+"\r\n--x--\r\n"))
	request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	fmt.Println(send(app, request).Body)
	// Output: received
}
