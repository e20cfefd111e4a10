package devserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// builder makes programs of a package, and knows the files that they are made
// of.
type builder struct {
	dir, pkg, folder string
	flags            []string
	built            string // the newest program
	count            int

	mutex  sync.Mutex
	inputs map[string]bool // files that go into the program; nil while unknown
	known  map[string]bool // the folders that they are in
}

// build makes a program. It returns a problem when there are mistakes.
func (b *builder) build(ctx context.Context, times *times) *problem {
	b.count++
	target := filepath.Join(b.folder, fmt.Sprintf("app%d", b.count))
	if runtime.GOOS == "windows" {
		target += ".exe"
	}
	arguments := slices.Concat([]string{"build", "-v", "-o", target}, b.flags, []string{"--", b.pkg})
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = b.dir
	command.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -buildvcs=false"))
	output := &buildOutput{times: times}
	command.Stdout, command.Stderr = output, output
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		if b.built != "" {
			os.Remove(b.built) // the program that runs from it keeps its file, where the system allows
		}
		b.built = target
		return nil
	case errors.As(err, &exit):
		b.forget()
		text := output.messages.String()
		return &problem{Title: "The application does not build", Mistakes: readMistakes(b.dir, text), Output: text}
	}
	return &problem{
		Title:  "The go command does not run",
		Advice: "decant run builds the application with the go command of your PATH.",
		Output: err.Error(),
	}
}

// buildOutput takes what go build -v writes. It counts the packages that are
// compiled, one a line, and keeps the rest.
type buildOutput struct {
	times    *times
	rest     []byte
	messages bytes.Buffer
}

func (o *buildOutput) Write(data []byte) (int, error) {
	o.rest = append(o.rest, data...)
	for {
		line, after, found := bytes.Cut(o.rest, []byte("\n"))
		if !found {
			break
		}
		o.rest = after
		switch text := string(line); {
		case strings.HasPrefix(text, "go: downloading "):
			o.times.downloads.Add(1)
		case text != "" && !strings.ContainsAny(text, " :\t"):
			o.times.packages.Add(1)
		case o.messages.Len() < maxOutput:
			o.messages.WriteString(text + "\n")
		}
	}
	return len(data), nil
}

// listed is what go list says of a package.
type listed struct {
	Dir, Name string
	Standard  bool
	Module    *struct {
		Main       bool
		Dir, GoMod string
		Replace    *struct{ Version string }
	}
	GoFiles    []string
	CgoFiles   []string
	CFiles     []string
	HFiles     []string
	SFiles     []string
	SysoFiles  []string
	EmbedFiles []string
}

// isLocal reports whether a package may change: it belongs to the main module
// or to one that a folder replaces.
func (l *listed) isLocal() bool {
	if l.Standard || l.Module == nil {
		return false
	}
	return l.Module.Main || l.Module.Replace != nil && l.Module.Replace.Version == ""
}

// list asks the go command for the files that go into the program. An error
// leaves them unknown, so that each change builds.
func (b *builder) list(ctx context.Context) {
	arguments := []string{"list", "-deps", "-json=Dir,Name,Standard,Module,GoFiles,CgoFiles,CFiles,HFiles,SFiles,SysoFiles,EmbedFiles"}
	for _, flag := range b.flags {
		if strings.HasPrefix(flag, "-tags") {
			arguments = append(arguments, flag)
		}
	}
	command := exec.CommandContext(ctx, "go", append(arguments, "--", b.pkg)...)
	command.Dir = b.dir
	output, err := command.Output()
	if err != nil {
		b.forget()
		return
	}
	inputs, folders := map[string]bool{}, map[string]bool{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var l listed
		if err := decoder.Decode(&l); err == io.EOF {
			break
		} else if err != nil {
			b.forget()
			return
		}
		if !l.isLocal() {
			continue
		}
		folders[l.Dir] = true
		inputs[l.Module.GoMod] = true
		inputs[filepath.Join(filepath.Dir(l.Module.GoMod), "go.sum")] = true
		for _, name := range slices.Concat(l.GoFiles, l.CgoFiles, l.CFiles, l.HFiles, l.SFiles, l.SysoFiles, l.EmbedFiles) {
			inputs[filepath.Join(l.Dir, name)] = true
		}
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.inputs, b.known = inputs, folders
}

func (b *builder) forget() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.inputs = nil
}

// folders are those of the packages that may change.
func (b *builder) folders() (folders []string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for folder := range b.known {
		folders = append(folders, folder)
	}
	return folders
}

// task says what a change of these files asks for.
func (b *builder) task(changed []string) task {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	todo := reload
	for _, path := range changed {
		todo = max(todo, b.taskOf(path))
	}
	return todo
}

// doubts reports whether the names of changed files do not say if they go into the
// program, while nobody knows what does.
func (b *builder) doubts(changed []string) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	isClear := func(path string) bool { return isSource(filepath.Base(path)) || isEnvironment(filepath.Base(path)) }
	return b.inputs == nil && !slices.ContainsFunc(changed, isClear)
}

func (b *builder) taskOf(path string) task {
	switch name := filepath.Base(path); {
	case isEnvironment(name):
		return restart
	case b.inputs == nil || b.inputs[path]:
		return rebuild
	case isSource(name):
		return rebuild
	case b.isBesideEmbedded(path):
		return rebuild
	}
	return reload
}

// isBesideEmbedded reports whether a file is new in a folder from which files
// are embedded, and so may be embedded itself.
func (b *builder) isBesideEmbedded(path string) bool {
	folder := filepath.Dir(path)
	for input := range b.inputs {
		if filepath.Dir(input) == folder && filepath.Ext(input) == filepath.Ext(path) {
			return true
		}
	}
	return false
}

// isSource reports whether the go command reads a file for each build.
func isSource(name string) bool {
	return filepath.Ext(name) == ".go" || name == "go.mod" || name == "go.sum" || name == "go.work"
}

// isEnvironment reports whether a file holds environment variables, which the
// program reads when it starts.
func isEnvironment(name string) bool {
	return name == ".env" || name == ".decantenv"
}
