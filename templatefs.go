package decant

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/spelling"
)

type templatesOption struct{ files fs.FS }

func (o templatesOption) applyToApp(a *App) { a.Templates.given = o.files }

func (o templatesOption) applyToBlueprint(s *blueprintSettings) { s.templates = o.files }

// Templates sets the folder of the templates: os.DirFS("views"), or what
// fs.Sub makes of an embed.FS, so that one binary holds them. An application
// without this option has the folder "templates" below its [App.RootPath], and
// a blueprint has none.
//
// All folders together make one: a template is looked for in the application's
// first and then in those of the blueprints, in the order of registration. Its
// name is its path below the folder. It mirrors template_folder.
func Templates(fsys fs.FS) ScaffoldOption {
	if fsys == nil {
		panic("decant: Templates got nil; pass a folder, such as os.DirFS(\"views\")")
	}
	return templatesOption{fsys}
}

// templateFolder is one place where templates are.
type templateFolder struct {
	files fs.FS
	of    string // whose it is
}

func (a *App) templateFolder() templateFolder {
	files := a.Templates.given
	if files == nil {
		files = os.DirFS(filepath.Join(a.RootPath(), "templates"))
	}
	return templateFolder{files, "the application"}
}

// addTemplates adds the templates of a blueprint.
func (a *App) addTemplates(s *scope) {
	if s.templates != nil {
		a.Templates.folders = append(a.Templates.folders, templateFolder{s.templates, fmt.Sprintf("the blueprint %q", s.name())})
	}
}

// String says where the folder is, as far as its type tells.
func (f templateFolder) String() string {
	if path := reflect.ValueOf(f.files); path.Kind() == reflect.String { // os.DirFS
		return fmt.Sprintf("%s (%s)", path, f.of)
	}
	return fmt.Sprintf("the %T (%s)", f.files, f.of)
}

// templateFS makes one folder of many, of which the first wins.
type templateFS []templateFolder

// Open opens a template. Folders are none, and hide none of other folders.
func (t templateFS) Open(name string) (fs.File, error) {
	for _, folder := range t {
		if isFile(folder.files, name) {
			return folder.files.Open(name)
		}
	}
	return nil, &missingTemplate{name, t}
}

func (t templateFS) has(name string) bool {
	return slices.ContainsFunc(t, func(folder templateFolder) bool { return isFile(folder.files, name) })
}

func isFile(files fs.FS, name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(files, name)
	return err == nil && !info.IsDir()
}

// names lists the templates.
func (t templateFS) names() (names []string) {
	for _, folder := range t {
		fs.WalkDir(folder.files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				names = append(names, path)
			}
			return nil // what cannot be read is not there
		})
	}
	return names
}

// missingTemplate says that there is no template of that name. It is an
// fs.ErrNotExist. What would help is worked out when somebody reads it.
type missingTemplate struct {
	name    string
	folders templateFS
}

func (e *missingTemplate) Unwrap() error { return fs.ErrNotExist }

func (e *missingTemplate) Error() string {
	if !fs.ValidPath(e.name) {
		return fmt.Sprintf("decant: %q cannot be the name of a template; write its path below the templates folder, with slashes and without \".\" or \"..\" in it", e.name)
	}
	return fmt.Sprintf("decant: there is no template %q in %s; %s", e.name, e.folders, e.advice())
}

// String lists the folders.
func (t templateFS) String() string {
	places := make([]string, len(t))
	for i, folder := range t {
		places[i] = folder.String()
	}
	return strings.Join(places, " or ")
}

// advice names the template that was meant: in another folder, or misspelt.
func (e *missingTemplate) advice() string {
	names := e.folders.names()
	near := spelling.Nearest(e.name, names)
	if i := slices.IndexFunc(names, func(name string) bool { return strings.HasSuffix(name, "/"+e.name) }); i >= 0 {
		near = names[i]
	}
	if near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "put the file there, or give the folder with the option Templates"
}
