package decant

import (
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
)

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
