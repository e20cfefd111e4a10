package decant

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"strings"

	"github.com/decant-go/decant/internal/formdata"
	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/safepath"
	"github.com/decant-go/decant/internal/wirecookie"
)

// Values are the parameters of a query string or the fields of a form. A name
// may occur more than once. They are parsed at the first use. Input that cannot
// be read then ends the request with Flask's error: 400, or 413 for too large a
// form. It mirrors Werkzeug's MultiDict.
type Values struct {
	request *Request
	pairs   func(*Request) *pairs
}

// pairs are the pairs of a query string or a form in their order.
type pairs struct {
	all   []formdata.Pair
	index *formdata.Index // nil if there are few
}

// newPairs makes the index at once and not when it is first needed, so that
// goroutines can share what has been read.
func newPairs(all []formdata.Pair) pairs {
	p := pairs{all: all}
	p.index = formdata.NewIndex(len(all), p.name)
	return p
}

func (p *pairs) name(i int) string { return p.all[i].Name }

// after returns the position of the first pair of a name behind a position of this
// name, or of all if that is -1. It returns -1 if there is none.
func (p *pairs) after(position int, name string) int {
	if p.index != nil {
		return p.index.After(position, name, p.name)
	}
	for i := position + 1; i < len(p.all); i++ {
		if p.all[i].Name == name {
			return i
		}
	}
	return -1
}

// lookup returns the first value of a name, and whether the name occurs.
func (p *pairs) lookup(name string) (value string, ok bool) {
	if i := p.after(-1, name); i >= 0 {
		return p.all[i].Value, true
	}
	return "", false
}

// list returns all values of a name, in order.
func (p *pairs) list(name string) []string {
	var values []string
	for i := p.after(-1, name); i >= 0; i = p.after(i, name) {
		values = append(values, p.all[i].Value)
	}
	return values
}

// noPairs are the pairs of the zero Values. It is never written.
var noPairs pairs

func (v Values) load() *pairs {
	if v.request == nil {
		return &noPairs
	}
	return v.pairs(v.request)
}

// Get returns the first value of a name. If the name does not occur, it returns
// otherwise, or "" if that is not given. It mirrors args.get(name, otherwise).
func (v Values) Get(name string, otherwise ...string) string {
	value, ok := v.Lookup(name)
	return given(value, ok, otherwise)
}

// Lookup returns the first value of a name, and whether the name occurs.
func (v Values) Lookup(name string) (value string, ok bool) {
	return v.load().lookup(name)
}

// Require returns the first value of a name. If the name does not occur, the
// error is a 400. It mirrors request.form["name"].
func (v Values) Require(name string) (string, error) {
	value, ok := v.Lookup(name)
	if !ok {
		return "", missingKey(name)
	}
	return value, nil
}

// List returns all values of a name, in order. It mirrors getlist.
func (v Values) List(name string) []string {
	return v.load().list(name)
}

// Has reports whether the name occurs.
func (v Values) Has(name string) bool {
	_, ok := v.Lookup(name)
	return ok
}

// Int returns the first value of a name as a whole number. It returns otherwise,
// or 0, if the name does not occur, or if its value is not a number or too large
// for an int. As in Python, "+1", " 1 " and "1_000" are numbers. It mirrors
// args.get(name, otherwise, type=int).
func (v Values) Int(name string, otherwise ...int) int {
	number, ok := pytext.ParseInt(v.Get(name))
	return given(number, ok, otherwise)
}

// given returns a value that is there, or else the default, or else the zero
// value.
func given[T any](value T, ok bool, otherwise []T) T {
	switch {
	case ok:
		return value
	case len(otherwise) > 0:
		return otherwise[0]
	}
	var zero T
	return zero
}

// Float returns the first value of a name as a number. It returns otherwise, or
// 0, if the name does not occur or its value is not a number. Infinities and NaN
// are not numbers here, because NaN would pass the check of a range. It mirrors
// args.get(name, otherwise, type=float).
func (v Values) Float(name string, otherwise ...float64) float64 {
	number, ok := pytext.ParseFloat(v.Get(name))
	return given(number, ok, otherwise)
}

// Bool returns the first value of a name as a bool: "1", "true", "yes" and "on"
// are true, "0", "false", "no" and "off" are false, in upper or lower case. It
// returns otherwise, or false, if the name does not occur or has another value. A
// checkbox without a value sends "on". In Flask, type=bool takes any text for
// True.
func (v Values) Bool(name string, otherwise ...bool) bool {
	switch strings.ToLower(v.Get(name)) {
	case "1", "true", "yes", "on":
		return true
	case "0", "false", "no", "off":
		return false
	}
	return given(false, false, otherwise)
}

// RequireInt returns the first value of a name as [Values.Int] does. If the name
// does not occur, or its value is not a number, the error is a 400 that in debug
// mode names the field.
func (v Values) RequireInt(name string) (int, error) {
	return requireNumber(v, name, "a whole number", pytext.ParseInt)
}

// RequireFloat returns the first value of a name as [Values.Float] does. If the
// name does not occur, or its value is not a number, the error is a 400 that in
// debug mode names the field.
func (v Values) RequireFloat(name string) (float64, error) {
	return requireNumber(v, name, "a number", pytext.ParseFloat)
}

func requireNumber[T any](v Values, name, kind string, parse func(string) (T, bool)) (T, error) {
	text, err := v.Require(name)
	if err != nil {
		var zero T
		return zero, err
	}
	number, ok := parse(text)
	if !ok {
		return number, v.request.badField(fmt.Errorf("the field %q must be %s, and is %.40q", name, kind, text))
	}
	return number, nil
}

// badField returns the 400 for a field. Its page shows the reason only in debug
// mode.
func (r *Request) badField(reason error) error {
	e := NewHTTPError(http.StatusBadRequest)
	if r.context.App.config.Debug {
		e.Description += "\n" + reason.Error()
	}
	return because(e, reason)
}

// Keys returns the names, each once, in the order in which they came first. It
// mirrors keys().
func (v Values) Keys() []string {
	var names []string
	for name := range v.First() {
		names = append(names, name)
	}
	return names
}

// First yields each name once, with its first value, in the order in which they
// came. It mirrors items() and to_dict(): maps.Collect(args.First()) is a
// map[string]string.
func (v Values) First() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		pairs := v.load().all
		seen := make(map[string]bool, len(pairs))
		for _, pair := range pairs {
			if seen[pair.Name] {
				continue
			}
			seen[pair.Name] = true
			if !yield(pair.Name, pair.Value) {
				return
			}
		}
	}
}

// All yields every pair of name and value in the order in which they came. It
// mirrors items(multi=True).
func (v Values) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, pair := range v.load().all {
			if !yield(pair.Name, pair.Value) {
				return
			}
		}
	}
}

// Cookies are the cookies of a request. They are read when somebody asks for one. A
// name may occur more than once. It mirrors request.cookies.
type Cookies struct{ request *Request }

func (k Cookies) header() string {
	if k.request == nil {
		return ""
	}
	return wirecookie.Join(k.request.Header["Cookie"])
}

// fewCookieBytes are searched in the time that it takes to ask an index.
const fewCookieBytes = 512

// source returns the cookies, or the header if it is short. They are read when the
// first cookie is looked up, so that reading each of many by its name takes linear
// time.
func (k Cookies) source() (all *pairs, header string) {
	if k.request == nil {
		return nil, ""
	}
	if known := k.request.readExtras().cookies; known != nil {
		return known, ""
	}
	header = k.header()
	if len(header) <= fewCookieBytes {
		return nil, header
	}
	const usual = 256 // browsers send fewer
	read := make([]formdata.Pair, 0, min(strings.Count(header, ";")+1, usual))
	for name, value := range wirecookie.All(header) {
		read = append(read, formdata.Pair{Name: name, Value: value})
	}
	cookies := newPairs(read)
	k.request.needExtras().cookies = &cookies
	return &cookies, ""
}

// Get returns the first cookie of that name. If it was not sent, Get returns
// otherwise, or "" if that is not given.
func (k Cookies) Get(name string, otherwise ...string) string {
	value, ok := k.Lookup(name)
	return given(value, ok, otherwise)
}

// Lookup returns the first cookie of that name, and whether it was sent.
func (k Cookies) Lookup(name string) (value string, ok bool) {
	all, header := k.source()
	if all != nil {
		return all.lookup(name)
	}
	return wirecookie.Lookup(header, name)
}

// Require returns the first cookie of that name. If it was not sent, the error is
// a 400. It mirrors request.cookies["name"].
func (k Cookies) Require(name string) (string, error) {
	value, ok := k.Lookup(name)
	if !ok {
		return "", missingKey(name)
	}
	return value, nil
}

// List returns the values of all cookies of that name, in order.
func (k Cookies) List(name string) []string {
	all, header := k.source()
	if all != nil {
		return all.list(name)
	}
	var values []string
	for key, value := range wirecookie.All(header) {
		if key == name {
			values = append(values, value)
		}
	}
	return values
}

// Has reports whether the cookie was sent.
func (k Cookies) Has(name string) bool {
	_, ok := k.Lookup(name)
	return ok
}

// All yields every cookie in the order in which they were sent.
func (k Cookies) All() iter.Seq2[string, string] {
	return wirecookie.All(k.header())
}

// Files are the uploaded files of a request, by the name of their form field. A
// name may occur more than once. They are received at the first use of Files or
// Form. Large files go to the system's folder for temporary files; all files are
// removed when the request ends. The form must have
// enctype="multipart/form-data". It mirrors request.files.
type Files struct{ request *Request }

// uploads are the files of a form in their order.
type uploads struct {
	all   []*File
	index *formdata.Index // nil if there are few
}

func newUploads(contents []*formdata.File) uploads {
	all := make([]*File, len(contents))
	for i, content := range contents {
		all[i] = newFile(content)
	}
	f := uploads{all: all}
	f.index = formdata.NewIndex(len(all), f.name)
	return f
}

func (f *uploads) name(i int) string { return f.all[i].Field }

// after returns the position of the next file of a field, as pairs.after does.
func (f *uploads) after(position int, field string) int {
	if f.index != nil {
		return f.index.After(position, field, f.name)
	}
	for i := position + 1; i < len(f.all); i++ {
		if f.all[i].Field == field {
			return i
		}
	}
	return -1
}

// noUploads are the files of the zero Files. It is never written.
var noUploads uploads

func (f Files) load() *uploads {
	if f.request == nil {
		return &noUploads
	}
	return f.request.files()
}

// Get returns the first file of a field. If the field does not occur, it returns
// otherwise, or nil if that is not given. The file of a field that the user left
// empty has an empty Filename.
func (f Files) Get(field string, otherwise ...*File) *File {
	value, ok := f.Lookup(field)
	return given(value, ok, otherwise)
}

// Lookup returns the first file of a field, and whether the field occurs.
func (f Files) Lookup(field string) (file *File, ok bool) {
	files := f.load()
	if i := files.after(-1, field); i >= 0 {
		return files.all[i], true
	}
	return nil, false
}

// Require returns the first file of a field. If the field does not occur, the
// error is a 400. It mirrors request.files["field"].
func (f Files) Require(field string) (*File, error) {
	file, ok := f.Lookup(field)
	if !ok {
		return nil, f.missing(field)
	}
	return file, nil
}

// missing returns the 400 for a field. In debug mode it explains a form without
// the enctype for files, from which browsers send the name of the file as text.
func (f Files) missing(field string) error {
	e := missingKey(field)
	if f.request != nil && f.request.context.App.config.Debug && f.request.Form.Has(field) {
		e.Description += fmt.Sprintf("\nThe field %q was sent as text: give the <form> method=\"post\" and enctype=\"multipart/form-data\", and its <input> type=\"file\".", field)
	}
	return e
}

// List returns all files of a field, in order. It mirrors getlist.
func (f Files) List(field string) []*File {
	var list []*File
	files := f.load()
	for i := files.after(-1, field); i >= 0; i = files.after(i, field) {
		list = append(list, files.all[i])
	}
	return list
}

// Has reports whether the field occurs, also if the user left it empty.
func (f Files) Has(field string) bool {
	_, ok := f.Lookup(field)
	return ok
}

// All yields the fields and their files in the order in which they came.
func (f Files) All() iter.Seq2[string, *File] {
	return func(yield func(string, *File) bool) {
		for _, file := range f.load().all {
			if !yield(file.Field, file) {
				return
			}
		}
	}
}

// File is an uploaded file. It is safe for concurrent use, and removed when its
// request ends. It mirrors Werkzeug's FileStorage.
type File struct {
	// Field is the name of the form field.
	Field string
	// Filename is the name from the client. It may hold a path or anything
	// else: pass it through [SecureFilename] before you use it. It is empty for
	// a field that the user left empty.
	Filename string
	// Size is the length of the content in bytes.
	Size int64

	content *formdata.File
}

func newFile(content *formdata.File) *File {
	return &File{content.Field, content.Filename, content.Size, content}
}

// ContentType is the type that the client claims, such as "image/png", or "".
// Nobody has checked it.
func (f *File) ContentType() string { return f.content.ContentType() }

// MIMEType is the ContentType in lower case, without its parameters, such as
// "text/csv", or "". It mirrors FileStorage.mimetype.
func (f *File) MIMEType() string { return formdata.MediaType(f.ContentType()) }

// MIMETypeParameters are the parameters of the ContentType, such as "charset", with
// names in lower case. They mirror FileStorage.mimetype_params.
func (f *File) MIMETypeParameters() map[string]string {
	_, parameters := header.ParseOptions(f.ContentType())
	return valuesOf(parameters)
}

// Header returns the first header of that name that was sent with the file, or
// "". Upper and lower case are the same.
func (f *File) Header(name string) string {
	value, _ := f.content.Header(name)
	return value
}

// Open returns a reader at the start of the content. Close it after use. Once the
// request has ended, the error wraps fs.ErrClosed.
func (f *File) Open() (io.ReadSeekCloser, error) {
	reader, err := f.content.Open()
	if err != nil {
		return nil, fmt.Errorf("decant: %w", err)
	}
	return reader, nil
}

// Save writes the content to a file, and replaces a file of that name. If the
// content cannot be written whole, as on a full disk, the file is removed, and
// the error names the upload and the path. Make the path of your own folder and a
// name that you choose or that [SecureFilename] returns. It mirrors
// FileStorage.save.
func (f *File) Save(path string) error {
	if err := f.save(path); err != nil {
		return fmt.Errorf("decant: saving the upload %q of the field %q failed: %w", f.Filename, f.Field, err)
	}
	return nil
}

func (f *File) save(path string) error {
	source, err := f.content.Open()
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if closeError := target.Close(); err == nil {
		err = closeError
	}
	if err != nil {
		discardFile(path)
	}
	return err
}

// discardFile removes an incomplete file. It leaves devices and pipes alone.
func discardFile(path string) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		os.Remove(path)
	}
}

// SecureFilename makes a plain file name of any name from a client. The result
// has only ASCII letters, digits, "_", "-" and inner dots: "../../etc/passwd"
// becomes "etc_passwd". It may be empty, and it is not unique; choose a name
// yourself if that matters. It mirrors werkzeug.utils.secure_filename.
func SecureFilename(name string) string { return safepath.SecureFilename(name) }
