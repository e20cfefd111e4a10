package decant

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/files"
	"github.com/decant-go/decant/internal/funcname"
	"github.com/decant-go/decant/internal/safepath"
)

// SendFile answers with a file of the operating system. A relative path is
// below [App.RootPath]. The path is trusted: for names that come from clients
// there is [Context.SendFromDirectory]. A missing file is a mistake of the
// program and a 500, as in Flask.
//
// The answer has an ETag and a Last-Modified header. It is a 304 for a client
// whose copy is current, and a 206 for a client that asks for a part. It mirrors
// flask.send_file.
func (c *Context) SendFile(path string, options ...FileOption) (*Response, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.App.rootPath, path)
	}
	r := c.fileResponse()
	request := r.fileRequest(fileOptionsOf(options))
	answer, err := request.Path(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("decant: SendFile: %w; for names that come from clients use SendFromDirectory, which answers 404", err)
	case err != nil:
		return nil, fmt.Errorf("decant: SendFile: %w", err)
	}
	return r.takeAnswer(answer)
}

// SendContent answers with content that is not a file, such as a bytes.Reader,
// from its beginning. It is closed with the request if it is an io.Closer. Its
// type must be known from a [DownloadName] or a [MIMEType]. It has an ETag and a
// Last-Modified header only if the options give them. It mirrors flask.send_file
// with a file object.
func (c *Context) SendContent(content io.ReadSeeker, options ...FileOption) (*Response, error) {
	r := c.fileResponse()
	request := r.fileRequest(fileOptionsOf(options))
	answer, err := request.Content(content)
	if err != nil {
		return nil, fmt.Errorf("decant: SendContent: %w", err)
	}
	return r.takeAnswer(answer)
}

// SendFromDirectory answers with the file of that name in a folder, such as
// c.App.Folder("uploads"), an os.DirFS or an embed.FS. The name may come from
// the client: a name that is not that of a regular file in the folder is a 404,
// and so is a name with a dot segment, a backslash or the like. No symbolic link
// leads out of c.App.Folder and os.DirFS. It mirrors flask.send_from_directory.
func (c *Context) SendFromDirectory(folder fs.FS, name string, options ...FileOption) (*Response, error) {
	return c.sendFrom(files.Guard(folder), name, fileOptionsOf(options))
}

// sendFrom is SendFromDirectory for a folder that files.Guard has seen.
func (c *Context) sendFrom(folder fs.FS, name string, o *fileOptions) (*Response, error) {
	r := c.fileResponse()
	request := r.fileRequest(o)
	answer, err := request.From(folder, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, NewHTTPError(http.StatusNotFound)
	case err != nil:
		return nil, fmt.Errorf("decant: sending the file %q: %w", name, err)
	}
	return r.takeAnswer(answer)
}

// fileResponse returns a response whose headers the package files writes.
func (c *Context) fileResponse() *Response { return &Response{context: c} }

func (r *Response) fileRequest(o *fileOptions) files.Request {
	c := r.context
	// These are sent as the program has written them. All other headers of a file are
	// encoded names, dates and numbers, which need no check.
	r.isShared = o.MIMEType != "" || o.ETag != nil || c.App.config.UseXSendfile
	return files.Request{
		Method:       c.Request.Method,
		Header:       c.Request.Header,
		Options:      (*files.Options)(o),
		Into:         r.ownHeader(),
		MaxAge:       c.App.config.SendFileMaxAgeDefault,
		UseXSendfile: c.App.config.UseXSendfile,
		Tags:         &c.App.embeddedTags,
	}
}

func (r *Response) takeAnswer(answer files.Answer) (*Response, error) {
	if answer.Status == http.StatusRequestedRangeNotSatisfiable {
		page := NewHTTPError(answer.Status)
		page.Header = answer.Header
		return nil, page
	}
	r.Status = answer.Status
	if answer.Content != nil {
		r.setContent(answer.Content)
	}
	return r, nil
}

// FileOption says how a file is sent, to [Context.SendFile] and its kin.
type FileOption interface{ applyToFile(*fileOptions) }

type fileOption func(*fileOptions)

func (o fileOption) applyToFile(options *fileOptions) { o(options) }

type fileOptions files.Options

func fileOptionsOf(options []FileOption) *fileOptions {
	o := new(fileOptions)
	o.add(options)
	return o
}

func (o *fileOptions) add(options []FileOption) {
	for _, option := range options {
		option.applyToFile(o)
	}
}

// AsAttachment lets browsers save the file instead of showing it:
// as_attachment=True. Send uploads this way: an HTML page among them would
// otherwise run as a page of your site.
func AsAttachment() FileOption { return fileOption(func(o *fileOptions) { o.Attachment = true }) }

// DownloadName is the name under which browsers save the file. The file's type
// is guessed from it too. The default is the file's own name. It mirrors
// download_name.
func DownloadName(name string) FileOption {
	return fileOption(func(o *fileOptions) { o.DownloadName = name })
}

// MIMEType is the type of the file, such as "text/csv". The default follows
// from the name. Text is sent as UTF-8 unless the type has parameters of its
// own. It mirrors mimetype.
func MIMEType(mimeType string) FileOption {
	return fileOption(func(o *fileOptions) { o.MIMEType = mimeType })
}

// FileMaxAge is how long browsers keep the file without asking again, in whole
// seconds. A zero age sends "no-cache": browsers ask every time. The default is
// Config.SendFileMaxAgeDefault. It mirrors max_age.
func FileMaxAge(age time.Duration) FileOption {
	return FileMaxAgeFor(func(string) (time.Duration, bool) { return age, true })
}

// FileMaxAgeFor is [FileMaxAge] for each file by its name, as the client wrote
// it. If the function returns false, Config.SendFileMaxAgeDefault counts. It
// mirrors get_send_file_max_age.
func FileMaxAgeFor(age func(name string) (time.Duration, bool)) FileOption {
	return fileOption(func(o *fileOptions) { o.MaxAge = age })
}

// ETag is the entity tag of the file, without quotes. The default is made of the
// file's time, size and path. An empty tag sends none. It mirrors etag.
func ETag(tag string) FileOption { return fileOption(func(o *fileOptions) { o.ETag = &tag }) }

// LastModified is the time of the last change. The default is the file's own.
// The zero time sends none. It mirrors last_modified.
func LastModified(date time.Time) FileOption {
	return fileOption(func(o *fileOptions) { o.Modified = &date })
}

// Unconditional always sends the whole file, even if the client has it already
// or asks for a part of it. It mirrors conditional=False.
func Unconditional() FileOption { return fileOption(func(o *fileOptions) { o.Unconditional = true }) }

// Precompressed looks in the folder for the same file with ".br" or ".gz" at
// the end of its name, and sends that file to clients that accept the encoding.
// A compressed file that is older than the file itself is not used. The option
// is for [Context.SendFromDirectory] and static files.
func Precompressed() FileOption { return fileOption(func(o *fileOptions) { o.Precompressed = true }) }

// ScaffoldOption is an option of [New] and of [NewBlueprint] alike.
type ScaffoldOption interface {
	AppOption
	BlueprintOption
}

// staticFiles is the static folder of an application or a blueprint.
type staticFiles struct {
	folder    fs.FS // nil: none
	isGiven   bool  // the option Static gave the folder
	hasNoRule bool  // the rule would need a host, and the options name none
	isAbsent  bool  // no option gave a folder, and the default one is missing
	urlPath   string
	host      string
	options   fileOptions
}

type staticOption func(*staticFiles)

func (o staticOption) applyToApp(a *App) { o(&a.static) }

func (o staticOption) applyToBlueprint(s *blueprintSettings) { s.static = append(s.static, o) }

// Static is the folder of the static files. The endpoint "static" serves them at
// "/static/<path:filename>". Pass an embed.FS for a program that carries its
// files, or an os.DirFS. No symbolic link leads out of an os.DirFS; other file
// systems must see to that themselves.
//
// The default folder of an application is "static" below its [App.RootPath];
// nil switches it off. A blueprint has no static folder unless you give one. Its
// endpoint is "<blueprint>.static" and its URLs are below its prefix. Static
// mirrors static_folder.
func Static(fsys fs.FS) ScaffoldOption {
	return staticOption(func(s *staticFiles) { s.folder, s.isGiven = fsys, true })
}

// StaticURLPath is the URL path of the static files. The default is "/static".
// It mirrors static_url_path.
func StaticURLPath(path string) ScaffoldOption {
	return staticOption(func(s *staticFiles) { s.urlPath = strings.TrimRight(path, "/") })
}

// StaticFiles says how each static file is sent:
// StaticFiles(decant.FileMaxAge(time.Hour), decant.Precompressed()).
func StaticFiles(options ...FileOption) ScaffoldOption {
	return staticOption(func(s *staticFiles) { s.options.add(options) })
}

type staticHost string

func (h staticHost) applyToApp(a *App) { a.static.host = string(h) }

// StaticHost is the host of the static files' rule in an application with
// [HostMatching]. Without it, such an application has no rule for static files.
// It mirrors static_host.
func StaticHost(host string) AppOption { return staticHost(host) }

const defaultStaticURLPath = "/static"

// addStaticRoute registers the first rule of the application.
func (a *App) addStaticRoute(caller funcname.Caller) {
	if !a.static.isGiven {
		a.static.folder = a.Folder("static")
	}
	if a.static.host != "" && !a.options.HostMatching {
		panic(fmt.Sprintf("decant: the application %q has a StaticHost, which it does not look at; make it with HostMatching() too", a.Name))
	}
	a.static.hasNoRule = a.options.HostMatching && a.static.host == ""
	a.scaffold.addStaticRoute(caller, RuleHost(a.static.host))
}

// findStaticFolder looks whether there is a static folder. Without one, the
// [App.Fallback] serves its own static files.
func (a *App) findStaticFolder() {
	a.static.isAbsent = !a.static.isGiven && !isFolder(filepath.Join(a.rootPath, "static"))
}

func (s *scaffold) addStaticRoute(caller funcname.Caller, options ...RouteOption) {
	if s.static.folder == nil {
		return
	}
	s.static.folder = files.Guard(s.static.folder)
	if folder, ok := s.static.folder.(*files.Folder); ok {
		s.static.folder = folder.KeepOpen()
	}
	if s.static.hasNoRule {
		return
	}
	view := func(c *Context) (any, error) { return s.SendStaticFile(c, c.Param("filename")) }
	r := newRoute(s.static.urlPath+"/<path:filename>", view, append(options, Endpoint("static")), caller)
	r.Rule.Methods, r.isStatic = []string{http.MethodGet}, true
	s.owner.add(r)
}

// SendStaticFile answers with a file of the application's static folder, as the
// endpoint "static" does:
//
//	return c.SendStaticFile("favicon.ico")
//
// [Blueprint.SendStaticFile] is for the static folder of a blueprint. It mirrors
// send_static_file.
func (c *Context) SendStaticFile(name string) (*Response, error) {
	return c.App.SendStaticFile(c, name)
}

// SendStaticFile answers with a file of the static folder of the application or
// the blueprint. [Context.SendStaticFile] is its short form for the application.
// It mirrors send_static_file.
func (s *scaffold) SendStaticFile(c *Context, name string) (*Response, error) {
	if s.static.folder == nil {
		return nil, fmt.Errorf("decant: SendStaticFile(%q): there is no static folder; give one with the option Static", name)
	}
	return c.sendFrom(s.static.folder, name, &s.static.options)
}

type rootPath string

func (p rootPath) applyToApp(a *App) { a.rootPath = string(p) }

// RootPath is the folder of an application's files. A relative path is below
// the working directory. It mirrors Flask's root_path.
func RootPath(path string) AppOption { return rootPath(path) }

// RootPath is the absolute path of the folder in which the application looks
// for its files, such as the folders "static" and "templates". The option
// RootPath sets it. The default is the first of these that exists:
//
//   - the folder of the program, if it holds "static" or "templates";
//   - the folder of the source file that called New;
//   - the working directory.
func (a *App) RootPath() string { return a.rootPath }

// Folder is a folder below the root path, or the root path itself for ".". It
// need not exist yet, and it may be replaced later. No symbolic link leads out
// of it. Use it where Flask takes the name of a folder:
//
//	return c.SendFromDirectory(c.App.Folder("uploads"), name)
func (a *App) Folder(name string) fs.FS {
	return files.NewFolder(filepath.Join(a.rootPath, filepath.FromSlash(name)))
}

// OpenResource opens a file by its name relative to the root path, with slashes
// between folders. A name that leads out of the root path is not found: the
// error wraps fs.ErrNotExist. It mirrors open_resource.
func (a *App) OpenResource(name string) (fs.File, error) {
	var content fs.File
	err := fs.ErrNotExist
	if local, ok := safepath.Local(name); ok {
		content, err = a.Folder(".").Open(local)
	}
	if err != nil {
		return nil, fmt.Errorf("decant: OpenResource(%q): %w; resources are named relative to %s, which the option RootPath changes", name, err, a.rootPath)
	}
	return content, nil
}

// resolveRootPath makes the option RootPath absolute, or finds the default. The
// source file is the one that called New.
func (a *App) resolveRootPath(source string) {
	if a.rootPath == "" {
		a.rootPath = defaultRootPath(source)
	}
	if absolute, err := filepath.Abs(a.rootPath); err == nil {
		a.rootPath = absolute
	}
}

func defaultRootPath(source string) string {
	if program, err := os.Executable(); err == nil {
		folder := filepath.Dir(program)
		if isFolder(filepath.Join(folder, "static")) || isFolder(filepath.Join(folder, "templates")) {
			return folder
		}
	}
	// The path is not absolute in a program that was built with -trimpath.
	if folder := filepath.Dir(source); filepath.IsAbs(folder) && isFolder(folder) {
		return folder
	}
	return "."
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
