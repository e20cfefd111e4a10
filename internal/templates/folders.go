// Package templates holds what all template engines share: the folders of the
// templates, and the rules for the functions that templates call.
package templates

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/spelling"
)

// Folder is a folder of templates.
type Folder struct {
	Files fs.FS
	Owner string // for error messages: "the application"
}

// String says where the folder is, as far as its type tells.
func (f Folder) String() string {
	if path := reflect.ValueOf(f.Files); path.Kind() == reflect.String { // os.DirFS
		return fmt.Sprintf("%s (%s)", path, f.Owner)
	}
	return fmt.Sprintf("the %T (%s)", f.Files, f.Owner)
}

// clean drops empty and dot segments of a name, as Jinja's loaders do: "./a//b.html"
// is "a/b.html".
func clean(name string) string {
	if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "./") && !strings.Contains(name, "//") && !strings.Contains(name, "/./") {
		return name
	}
	segments := slices.DeleteFunc(strings.Split(name, "/"), func(segment string) bool { return segment == "" || segment == "." })
	return strings.Join(segments, "/")
}

func (f Folder) has(name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	info, err := fs.Stat(f.Files, name)
	return err == nil && !info.IsDir()
}

// Folders are a file system that looks for a template in each folder, in order.
type Folders []Folder

// Open opens a template. A directory is not a template and does not shadow a
// file of another folder. The error for a missing template is a *MissingError.
func (s Folders) Open(name string) (fs.File, error) {
	name = clean(name)
	for _, folder := range s {
		if folder.has(name) {
			return folder.Files.Open(name)
		}
	}
	return nil, &MissingError{name, s}
}

// Stat describes a template or a folder of templates.
func (s Folders) Stat(name string) (fs.FileInfo, error) {
	name = clean(name)
	for _, folder := range s {
		if info, err := fs.Stat(folder.Files, name); err == nil {
			return info, nil
		}
	}
	return nil, &MissingError{name, s}
}

// ReadDir lists a folder of templates, in all folders together.
func (s Folders) ReadDir(name string) (entries []fs.DirEntry, err error) {
	for _, folder := range s {
		found, err := fs.ReadDir(folder.Files, name)
		if err != nil {
			continue
		}
		for _, entry := range found {
			if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == entry.Name() }) {
				entries = append(entries, entry)
			}
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Has reports whether there is a template of that name.
func (s Folders) Has(name string) bool {
	name = clean(name)
	return slices.ContainsFunc(s, func(folder Folder) bool { return folder.has(name) })
}

// String lists the folders.
func (s Folders) String() string {
	places := make([]string, len(s))
	for i, folder := range s {
		places[i] = folder.String()
	}
	return strings.Join(places, " or ")
}

// names lists the templates. It skips folders that it cannot read.
func (s Folders) names() (names []string) {
	for _, folder := range s {
		fs.WalkDir(folder.Files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				names = append(names, path)
			}
			return nil
		})
	}
	return names
}

// Names lists the names of all templates, sorted. A folder that does not exist has no
// templates; the error names one that cannot be read.
func (s Folders) Names() (names []string, err error) {
	for _, folder := range s {
		err := fs.WalkDir(folder.Files, ".", func(path string, entry fs.DirEntry, err error) error {
			switch {
			case path == "." && errors.Is(err, fs.ErrNotExist):
				return fs.SkipAll
			case err != nil:
				return err
			case !entry.IsDir():
				names = append(names, path)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("decant: listing the templates of %v: %w", folder, err)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// MissingError says that no folder has a template of that name. It wraps
// fs.ErrNotExist. It looks for advice only when somebody reads it.
type MissingError struct {
	Name    string
	folders Folders
}

// Unwrap returns fs.ErrNotExist.
func (e *MissingError) Unwrap() error { return fs.ErrNotExist }

// Error names the template, the folders, and the template with the most similar
// name.
func (e *MissingError) Error() string {
	if !fs.ValidPath(e.Name) {
		return fmt.Sprintf("decant: %q cannot be the name of a template; write its path below the templates folder, with slashes and without \".\" or \"..\" in it", e.Name)
	}
	return fmt.Sprintf("decant: there is no template %q in %s; %s", e.Name, e.folders, e.advice())
}

// advice names a template of the same name in another folder, or one of a
// similar name.
func (e *MissingError) advice() string {
	names := e.folders.names()
	near := spelling.Nearest(e.Name, names)
	if i := slices.IndexFunc(names, func(name string) bool { return strings.HasSuffix(name, "/"+e.Name) }); i >= 0 {
		near = names[i]
	}
	if near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "put the file there, or give the folder with the option Templates"
}
