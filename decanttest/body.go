package decanttest

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/decant-go/decant"
)

// Form is a form to send. A value is a string, a number, a bool, or a File, or a
// slice of these, which sends the field several times. It is sent as multipart if
// one value is a File. It mirrors data={…}.
type Form map[string]any

// Upload is a file in a [Form]. File makes one.
type Upload struct {
	Name, Content string
	// ContentType is guessed from the name if it is "".
	ContentType string
}

// File is a file of a form, with the name that the browser gives and its content:
//
//	client.Post("/upload", decanttest.Form{"file": decanttest.File("a.txt", "hi")})
//
// It mirrors (io.BytesIO(b"hi"), "a.txt").
func File(name, content string) Upload { return Upload{Name: name, Content: content} }

// JSONBody is a body of JSON. JSON makes one.
type JSONBody struct{ Value any }

// JSON is a body that is the JSON of a value, where [Client.Post] would take the
// value for another kind of body: a string, a []byte, or nil.
func JSON(value any) JSONBody { return JSONBody{value} }

// encode returns the bytes of a body and their type. Nil bytes are no body.
func encode(app *decant.App, body any) (data []byte, contentType string, err error) {
	switch body := body.(type) {
	case nil:
		return nil, "", nil
	case []byte:
		return slices.Concat([]byte{}, body), "", nil
	case string:
		return []byte(body), "", nil
	case url.Values:
		return []byte(body.Encode()), "application/x-www-form-urlencoded", nil
	case Form:
		return body.encode()
	case JSONBody:
		return jsonOf(app, body.Value)
	}
	if fields := reflect.ValueOf(body); fields.Kind() == reflect.Map {
		for _, key := range fields.MapKeys() {
			if _, isFile := fields.MapIndex(key).Interface().(Upload); isFile {
				return nil, "", fmt.Errorf("the body is a %T with a File; write decanttest.Form{…}", body)
			}
		}
	}
	return jsonOf(app, body)
}

func jsonOf(app *decant.App, value any) (data []byte, contentType string, err error) {
	data, err = app.JSON.Dumps(value)
	return data, "application/json", err
}

// field is one value of a form.
type field struct {
	name string
	text string
	file *Upload
}

func (f Form) encode() (data []byte, contentType string, err error) {
	var fields []field
	isMultipart := false
	for _, name := range slices.Sorted(maps.Keys(f)) {
		values, err := valuesOf(f[name])
		if err != nil {
			return nil, "", fmt.Errorf("the field %q of the form is %w", name, err)
		}
		for _, value := range values {
			value.name = name
			isMultipart = isMultipart || value.file != nil
			fields = append(fields, value)
		}
	}
	if isMultipart {
		return multipartOf(fields)
	}
	parts := make([]string, len(fields))
	for i, field := range fields {
		parts[i] = url.QueryEscape(field.name) + "=" + url.QueryEscape(field.text)
	}
	return []byte(strings.Join(parts, "&")), "application/x-www-form-urlencoded", nil
}

// valuesOf returns the values of a field without its name.
func valuesOf(value any) ([]field, error) {
	switch value := value.(type) {
	case Upload:
		return []field{{file: &value}}, nil
	case string:
		return []field{{text: value}}, nil
	}
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
	case v.CanInt(), v.CanUint(), v.CanFloat(), v.Kind() == reflect.Bool, v.Kind() == reflect.String:
		return []field{{text: fmt.Sprint(value)}}, nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		var all []field
		for i := range v.Len() {
			values, err := valuesOf(v.Index(i).Interface())
			if err != nil {
				return nil, err
			}
			all = append(all, values...)
		}
		return all, nil
	}
	return nil, fmt.Errorf("a %T; pass a string, a number, a bool, a decanttest.File, or a slice of these", value)
}

// multipartOf writes fields and files. Writing to memory does not fail.
func multipartOf(fields []field) (data []byte, contentType string, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range fields {
		disposition := map[string]string{"name": field.name}
		header := textproto.MIMEHeader{}
		content := field.text
		if field.file != nil {
			disposition["filename"] = field.file.Name
			header.Set("Content-Type", field.file.contentType())
			content = field.file.Content
		}
		header.Set("Content-Disposition", dispositionOf(disposition))
		part, err := form.CreatePart(header)
		if err != nil {
			return nil, "", err
		}
		if _, err := part.Write([]byte(content)); err != nil {
			return nil, "", err
		}
	}
	if err := form.Close(); err != nil {
		return nil, "", err
	}
	return body.Bytes(), form.FormDataContentType(), nil
}

// browserQuotes escapes what would end a quoted name, as browsers do.
var browserQuotes = strings.NewReplacer("\"", "%22", "\r", "%0D", "\n", "%0A")

func dispositionOf(parameters map[string]string) string {
	text := "form-data"
	for _, name := range []string{"name", "filename"} {
		if value, ok := parameters[name]; ok {
			text += fmt.Sprintf("; %s=\"%s\"", name, browserQuotes.Replace(value))
		}
	}
	return text
}

func (u *Upload) contentType() string {
	if u.ContentType != "" {
		return u.ContentType
	}
	guessed, _, _ := strings.Cut(mime.TypeByExtension(filepath.Ext(u.Name)), ";")
	return cmp.Or(guessed, "application/octet-stream")
}
