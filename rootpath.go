package decant

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/decant-go/decant/internal/safepath"
)

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
