package decant

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/decant-go/decant/internal/header"
	"github.com/decant-go/decant/internal/safepath"
)

// SendFile answers with a file of the operating system. A relative path is
// below [App.RootPath]. The path is trusted: for names that come from clients
// there is [Context.SendFromDirectory]. A file that is missing is a mistake of
// the program and a 500, as in Flask.
//
// The answer has an ETag and a Last-Modified, is a 304 for a client whose copy
// is current, and a 206 for one that asks for a part. It mirrors
// flask.send_file.
func (c *Context) SendFile(path string, options ...FileOption) (any, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.App.rootPath, path)
	}
	content, err := os.OpenFile(path, readOnly, 0)
	if err != nil {
		return nil, fmt.Errorf("decant: SendFile: %w; for names that come from clients use SendFromDirectory, which answers 404", err)
	}
	f, err := c.examine(content, path, path)
	if err != nil {
		return nil, fmt.Errorf("decant: SendFile: %w", err)
	}
	return c.sendOpened(f, fileOptionsOf(options))
}

// SendContent answers with content that is no file of its own, such as a
// bytes.Reader, from its beginning. It is closed with the request if it is an
// io.Closer. Its type must be known from a [DownloadName] or a [MIMEType]. It
// has an ETag and a Last-Modified only if the options give them. It mirrors
// flask.send_file with a file object.
func (c *Context) SendContent(content io.ReadSeeker, options ...FileOption) (any, error) {
	size, err := content.Seek(0, io.SeekEnd)
	if err == nil {
		err = skip(content, 0)
	}
	if err != nil {
		closeIfCloser(content)
		return nil, fmt.Errorf("decant: SendContent: %w", err)
	}
	return c.sendOpened(&openedFile{content: content, size: size}, fileOptionsOf(options))
}

// SendFromDirectory answers with the file of that name in a folder, such as
// c.App.Folder("uploads"), an os.DirFS or an embed.FS. The name may come from
// the client: what is no regular file in the folder is a 404, and so is a name
// with a dot segment, a backslash or the like. No symbolic link leads out of
// c.App.Folder and os.DirFS. It mirrors flask.send_from_directory.
func (c *Context) SendFromDirectory(folder fs.FS, name string, options ...FileOption) (any, error) {
	return c.sendFrom(guarded(folder), name, fileOptionsOf(options))
}

// openedFile is a file on its way into a response.
type openedFile struct {
	content  io.Reader // closed with the request if it is an io.Closer
	name     string    // as it was asked for; "" for content that has none
	path     string    // in the operating system, or ""
	encoding string    // that it was compressed with beforehand, or ""
	size     int64
	modified time.Time
	tag      string // "" for none
}

// lastName is the name without folders, "" for content that has none.
func (f *openedFile) lastName() string {
	end := max(strings.LastIndexByte(f.name, '/'), strings.LastIndexByte(f.name, filepath.Separator))
	return f.name[end+1:]
}

func (f *openedFile) close() { closeIfCloser(f.content) }

func closeIfCloser(content io.Reader) {
	if closer, ok := content.(io.Closer); ok {
		closer.Close()
	}
}

// errNotRegular is for what has a name and no content, such as a folder.
var errNotRegular = fmt.Errorf("this is not a regular file: %w", fs.ErrNotExist)

// examine finds out what there is to know about a file, and closes it if it
// cannot be sent.
func (c *Context) examine(content fs.File, name, path string) (*openedFile, error) {
	f := &openedFile{content: content, name: name, path: path}
	info, err := content.Stat()
	if err == nil {
		err = f.apply(c.App, info)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

func (f *openedFile) apply(a *App, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return &fs.PathError{Op: "send", Path: f.name, Err: errNotRegular}
	}
	f.size = info.Size()
	switch date := info.ModTime(); {
	case !date.IsZero():
		f.modified, f.tag = date, header.FileETag(date, f.size, cmp.Or(f.path, f.name))
	case reflect.TypeOf(info) == embeddedInfo:
		return a.tagEmbedded(f, info)
	}
	return nil
}

// sendFrom is SendFromDirectory for a folder that is guarded.
func (c *Context) sendFrom(folder fs.FS, name string, o *fileOptions) (any, error) {
	local, ok := safepath.Local(name)
	if !ok {
		return nil, NewHTTPError(http.StatusNotFound)
	}
	if r := c.unmodified(folder, local, o); r != nil {
		return r, nil
	}
	f, err := c.open(folder, local)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, NewHTTPError(http.StatusNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("decant: sending the file %q: %w", name, err)
	}
	if o.precompressed {
		f = c.compressed(folder, local, f)
	}
	return c.sendOpened(f, o)
}

// open opens a file of a folder. The name must be local.
func (c *Context) open(fsys fs.FS, name string) (*openedFile, error) {
	content, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	path := ""
	if folder, ok := fsys.(*folder); ok {
		path = folder.join(name)
	}
	return c.examine(content, name, path)
}

// embeddedInfo is what Stat says of a file in an embed.FS, or in a part of one:
// the entry in the program itself, which is the same each time.
var embeddedInfo = func() reflect.Type {
	root, _ := embed.FS{}.Open(".")
	info, _ := root.Stat()
	return reflect.TypeOf(info)
}()

// tagEmbedded gives a file in the program, which has no date, the entity tag of
// its content. It is worked out once for each file.
func (a *App) tagEmbedded(f *openedFile, info fs.FileInfo) error {
	if tag, ok := a.embeddedTags.Load(info); ok {
		f.tag = tag.(string)
		return nil
	}
	content, err := io.ReadAll(f.content)
	if err != nil {
		return err
	}
	f.tag = header.GenerateETag(content)
	a.embeddedTags.Store(info, f.tag)
	return skip(f.content, 0)
}

// FileOption says how a file is sent, to [Context.SendFile] and its kin.
type FileOption func(*fileOptions)

type fileOptions struct {
	attachment    bool
	downloadName  string
	mimeType      string
	maxAge        func(name string) (time.Duration, bool)
	etag          *string
	modified      *time.Time
	unconditional bool
	precompressed bool
}

func fileOptionsOf(options []FileOption) *fileOptions {
	o := new(fileOptions)
	o.add(options)
	return o
}

func (o *fileOptions) add(options []FileOption) {
	for _, option := range options {
		option(o)
	}
}

// AsAttachment lets browsers save the file instead of showing it:
// as_attachment=True. Send files that users have uploaded this way, because a
// page among them would run as one of yours.
func AsAttachment() FileOption { return func(o *fileOptions) { o.attachment = true } }

// DownloadName is the name under which browsers save the file, and from which
// its type is guessed: download_name. The default is the file's own name.
func DownloadName(name string) FileOption {
	return func(o *fileOptions) { o.downloadName = name }
}

// MIMEType is the type of the file, such as "text/csv", in place of the one
// that its name stands for. Text is sent as UTF-8 unless the type has
// parameters of its own.
func MIMEType(mimeType string) FileOption {
	return func(o *fileOptions) { o.mimeType = mimeType }
}

// FileMaxAge is for how long browsers keep the file without asking again, in
// whole seconds: max_age. Zero, as an option, says that they ask each time, in
// more words than no option. The default is Config.SendFileMaxAgeDefault.
func FileMaxAge(age time.Duration) FileOption {
	return FileMaxAgeFor(func(string) (time.Duration, bool) { return age, true })
}

// FileMaxAgeFor is [FileMaxAge] for each file by its name, as the client asked
// for it; false leaves it to Config.SendFileMaxAgeDefault. It is the place of
// get_send_file_max_age.
func FileMaxAgeFor(age func(name string) (time.Duration, bool)) FileOption {
	return func(o *fileOptions) { o.maxAge = age }
}

// ETag is the entity tag of the file, without quotes, in place of the one that
// is made of its time, size and path. An empty one sends none: etag=False.
func ETag(tag string) FileOption { return func(o *fileOptions) { o.etag = &tag } }

// LastModified is the time of the last change, in place of the file's own. The
// zero time sends none. It mirrors last_modified.
func LastModified(date time.Time) FileOption {
	return func(o *fileOptions) { o.modified = &date }
}

// Unconditional sends the whole file whatever the client has already or asks
// for a part of: conditional=False.
func Unconditional() FileOption { return func(o *fileOptions) { o.unconditional = true } }

// Precompressed looks in the folder for the same file with ".br" or ".gz" at
// the end of its name, and sends that to clients who accept the encoding. One
// that is older than the file itself is not used. It is for
// [Context.SendFromDirectory] and static files.
func Precompressed() FileOption { return func(o *fileOptions) { o.precompressed = true } }

// ScaffoldOption is an option of [New] and of [NewBlueprint] alike.
type ScaffoldOption interface {
	AppOption
	BlueprintOption
}

// staticFiles is the static folder of an application or a blueprint.
type staticFiles struct {
	folder    fs.FS // nil: none
	isGiven   bool  // the folder is what Static says
	hasNoRule bool  // no host is known that the rule could have
	isAbsent  bool  // nobody gave a folder, and there is none
	urlPath   string
	host      string
	options   fileOptions
}

type staticOption func(*staticFiles)

func (o staticOption) applyToApp(a *App) { o(&a.static) }

func (o staticOption) applyToBlueprint(s *blueprintSettings) { s.static = append(s.static, o) }

// Static is the folder of the static files, which are served at
// "/static/<path:filename>" by the endpoint "static": an embed.FS, for a
// program that carries its files, or an os.DirFS, out of which no symbolic link
// leads then; other file systems must look after that themselves. An
// application has the folder "static" below its [App.RootPath] unless this
// option says otherwise; nil switches it off. A blueprint has none by itself;
// its endpoint is "<blueprint>.static", its URLs are below its prefix. It
// mirrors static_folder.
func Static(fsys fs.FS) ScaffoldOption {
	return staticOption(func(s *staticFiles) { s.folder, s.isGiven = fsys, true })
}

// StaticURLPath is the path below which static files are found: "/static"
// unless it is given. It mirrors static_url_path.
func StaticURLPath(path string) ScaffoldOption {
	return staticOption(func(s *staticFiles) { s.urlPath = strings.TrimRight(path, "/") })
}

// StaticFiles says how the static files are sent, each of them:
// StaticFiles(decant.FileMaxAge(time.Hour), decant.Precompressed()).
func StaticFiles(options ...FileOption) ScaffoldOption {
	return staticOption(func(s *staticFiles) { s.options.add(options) })
}

type staticHost string

func (h staticHost) applyToApp(a *App) { a.static.host = string(h) }

// StaticHost is the host of the static files' rule in an application with
// [HostMatching], which has no such rule without it. It mirrors static_host.
func StaticHost(host string) AppOption { return staticHost(host) }

const defaultStaticURLPath = "/static"

// addStaticRoute registers the first rule of the application.
func (a *App) addStaticRoute(place string) {
	if !a.static.isGiven {
		a.static.folder = a.Folder("static")
	}
	if a.static.host != "" && !a.options.HostMatching {
		panic(fmt.Sprintf("decant: the application %q has a StaticHost, which it does not look at; make it with HostMatching() too", a.Name))
	}
	a.static.hasNoRule = a.options.HostMatching && a.static.host == ""
	a.scaffold.addStaticRoute(place, RuleHost(a.static.host))
}

// findStaticFolder looks whether there are static files, so that those of a
// [App.Fallback] are found where there are none.
func (a *App) findStaticFolder() {
	a.static.isAbsent = !a.static.isGiven && !isFolder(filepath.Join(a.rootPath, "static"))
}

func (s *scaffold) addStaticRoute(place string, options ...RouteOption) {
	if s.static.folder == nil {
		return
	}
	s.static.folder = guarded(s.static.folder)
	if f, ok := s.static.folder.(*folder); ok {
		s.static.folder = &folder{path: f.path, keeps: true}
	}
	if s.static.hasNoRule {
		return
	}
	view := func(c *Context) (any, error) { return s.SendStaticFile(c, c.Param("filename")) }
	r := newRoute(s.static.urlPath+"/<path:filename>", view, append(options, Endpoint("static")), place)
	r.Rule.Methods = []string{http.MethodGet}
	s.owner.add(r)
}

// SendStaticFile answers with a file of the static folder of the application or
// the blueprint: send_static_file. It is what the endpoint "static" does.
//
//	return c.App.SendStaticFile(c, "favicon.ico")
func (s *scaffold) SendStaticFile(c *Context, name string) (any, error) {
	if s.static.folder == nil {
		return nil, fmt.Errorf("decant: SendStaticFile(%q): there is no static folder; give one with the option Static", name)
	}
	return c.sendFrom(s.static.folder, name, &s.static.options)
}

type rootPath string

func (p rootPath) applyToApp(a *App) { a.rootPath = string(p) }

// RootPath is the folder that an application's files are in. A relative one is
// below the working directory. It mirrors Flask's root_path.
func RootPath(path string) AppOption { return rootPath(path) }

// RootPath is the absolute path of the folder in which the application looks
// for its files, "static" and "templates" among them: what the option of that
// name says, or else the folder of the program if it holds one of these two,
// or else that of the source file that called New if it is still there, or
// else the working directory.
func (a *App) RootPath() string { return a.rootPath }

// Folder is a folder below the root path, or the root path itself for ".". It
// need not exist yet, and what takes its place later is noticed. No symbolic
// link leads out of it. It stands where Flask takes the name of a folder:
//
//	return c.SendFromDirectory(c.App.Folder("uploads"), name)
func (a *App) Folder(name string) fs.FS {
	return &folder{path: filepath.Join(a.rootPath, filepath.FromSlash(name))}
}

// OpenResource opens a file by its name relative to the root path, with slashes
// between folders: open_resource. A name that leads out of the root path is no
// file: the error wraps fs.ErrNotExist.
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

// resolveRootPath completes the option, or does without it. The source file is
// that of the caller of New.
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
	// A program that was built with -trimpath knows no absolute one.
	if folder := filepath.Dir(source); filepath.IsAbs(folder) && isFolder(folder) {
		return folder
	}
	return "."
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
