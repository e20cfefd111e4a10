package readers

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/pyjson"
)

const boundary = "multipart/form-data; boundary=B"

// posted is a request with a body.
func posted(contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

// bodies reads forms, files and JSON.
func bodies() []Reader {
	unlimited := formdata.Limits{ContentLength: -1, FormMemory: -1, Parts: -1, Fields: -1, FileMemory: -1}
	multipart := func(boundary string) func(text string) {
		return func(text string) {
			form, err := formdata.ParseMultipart(strings.NewReader(text), int64(len(text)), boundary, unlimited, "")
			if err != nil {
				return
			}
			for _, file := range form.Files {
				use(file.ContentType(), file.ContentLength())
				use(file.Header("x-1"))
			}
			use(form.Remove())
		}
	}
	part := func(options string) string { return "--B\r\nContent-Disposition: form-data; " + options + "\r\n" }
	field, file := part("name=a"), part("name=f; filename=f")
	long := strings.Repeat("-", 250)
	return []Reader{
		{Name: "a multipart body", Marks: "\r\n-B: ;", Units: []string{"\r\n--B", "--B", "\n--B-", "\r\n--B--", "\r\n--B \t", field + "\r\nx\r\n", part("name=a#; filename=b#") + "\r\nx\r\n", "x: y\r\n"},
			Heads: []string{file + "\r\n", field + "\r\n", field, "x"}, Tails: []string{"\r\n--B--\r\n"}, Read: multipart("B")},
		{Name: "a multipart body with a long boundary", Marks: "-\r\n ", Units: []string{"--" + long, "\r\n--", "\r\n--" + long[:200]}, Heads: []string{"--" + long + "\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n", "x"}, Read: multipart(long)},
		{Name: "a multipart body with a periodic boundary", Marks: "a-\r\n", Units: []string{"--a", "\r\n--a", strings.Repeat("--a", 60)}, Heads: []string{"--" + strings.Repeat("a--", 60) + "\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n"}, Read: multipart(strings.Repeat("a--", 60))},
		{Name: "the headers of a part", Marks: ":;=\"\\*'\r\n\t %", Units: []string{"x-#: y\r\n", ";name*#=a", `;name*#="a`, "\n:", "\r\n ", ";filename*=utf-8''%C3", "Content-Type: a/b;c=d\r\n"}, Heads: []string{field[:len(field)-2], file}, Tails: []string{"\r\n\r\nx\r\n--B--\r\n"}, Read: multipart("B")},
		{Name: "a urlencoded body", Marks: "&=+%;", Units: []string{"a#=b&", "%41", "%c3", "a&", "\xff"}, Read: func(text string) {
			use(formdata.ParseURLEncoded(strings.NewReader(text), int64(len(text)), unlimited))
			use(formdata.ParseURLEncoded(strings.NewReader(text), -1, unlimited))
		}},
		{Name: "the form of a request", Marks: "&=+%", Units: []string{"a#=#&", "a=b&", "%c3%a9=%ff&"}, Read: formOf("application/x-www-form-urlencoded")},
		{Name: "the multipart form of a request", Marks: "\r\n-B", Units: []string{field + "\r\nx\r\n", part("name=a#; filename=b#") + "\r\nx\r\n"}, Heads: []string{file + "\r\n"}, Tails: []string{"\r\n--B--\r\n"}, Read: formOf(boundary)},
		{Name: "a body that is read", Marks: "a\x00", Read: func(text string) {
			use(formdata.ReadBody(strings.NewReader(text), int64(len(text))))
			use(formdata.ReadBody(strings.NewReader(text), -1))
		}},
		{Name: "JSON", Marks: `[]{}":,\ue-1.`, Units: []string{`{"a":`, `{"a#":1,`, `"a#":1,`, `"a",`, "[[", "[],", "{},", "1,", "-1.5e3,", `\u00e9`, `\ud800`, `\"`, "NaN,", "tru", `{"":0},`, "\xff", " "},
			Heads: []string{"[", "{", `"`, `{"a":"`, "1", "0.", "[1e"}, Tails: []string{"]", "1]", `"`, `"}`, "1}"}, Read: func(text string) {
				use(pyjson.Parse([]byte(text)))
				use(pyjson.HasMoreElements([]byte(text), 1<<20))
				use((&pyjson.Decoder{}).Parse([]byte(text)))
			}},
		{Name: "JSON in other encodings", Marks: "[]\x00\xff\xfe\"", Units: []string{"[\x00", "\x00[", "\xd8\x00", "[\x00\x00\x00"}, Heads: []string{"\xff\xfe", "\xfe\xff", "\x00\x00\xfe\xff", "\xef\xbb\xbf"}, Read: func(text string) {
			use(pyjson.ToUTF8([]byte(text[:len(text)/4*4])))
		}},
		{Name: "JSON of a request", Marks: `[]{}":,\-1.`, Units: []string{`{"a":`, `"a#":1,`, "[[", "1,", `\u00e9`, `{"":0},`}, Heads: []string{"[", "{", `{"a":"`, `{"a":[`}, Tails: []string{"1]", `"}`, "1}", "1]}"}, Read: jsonOf()},
		{Name: "numbers of JSON", Marks: "0-.eE+", Units: []string{"1", "12", "1,", "1e9,", "9999999999999999999999,"}, Heads: []string{"[", "-", "1.", "1e"}, Tails: []string{"]", "1]"}, Read: func(text string) { use(pyjson.Parse([]byte(text))) }},
		{Name: "the data of a request", Marks: "a\xff", Read: func() func(text string) {
			app := newApp()
			return func(text string) {
				within(app, posted("text/plain", text), func(c *decant.Context) { use(c.Request.Data()) })
			}
		}()},
	}
}

// formOf reads a form as a view does.
func formOf(contentType string) func(text string) {
	app := newApp()
	app.Config.MaxFormParts, app.Config.MaxFormFields = 0, 0
	return func(text string) {
		within(app, posted(contentType, text), func(c *decant.Context) {
			for name, value := range c.Request.Form.All() {
				use(value, c.Request.Form.Get(name), c.Request.Form.Has(name))
			}
			for name, file := range c.Request.Files.All() {
				use(file.ContentType(), file.MIMEType(), file.MIMETypeParameters(), file.Header("X"), c.Request.Files.Get(name), c.Request.Files.Has(name), c.Request.Files.List("f"))
				use(c.Request.Files.Require(name))
				content, err := file.Open()
				must(err)
				must(content.Close())
			}
			use(c.Request.Form.List("a"), c.Request.Values.Get("absent"))
		})
	}
}

func jsonOf() func(text string) {
	app := newApp()
	app.Config.MaxJSONElements = 0
	return func(text string) {
		within(app, posted("application/json", text), func(c *decant.Context) {
			var value any
			err := c.Request.JSON(&value)
			var record struct {
				A []int             `json:"a"`
				B map[string]string `json:"b"`
			}
			err = errors.Join(err, c.Request.JSON(&record))
			written, err2 := c.JSON(value)
			use(err, written, err2)
		})
		use(json.Valid([]byte(text)))
	}
}
