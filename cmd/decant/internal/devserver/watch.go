package devserver

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quiet is how long no file must change before a change is reported: editors
	// and version control write several files at a time.
	quiet = 50 * time.Millisecond
	// pollInterval is how often the files are looked at where the system does
	// not tell of changes.
	pollInterval = 500 * time.Millisecond
)

// watcher reports files that changed. News from the system is only a reason to
// look: times and sizes of the files decide, so that a file that is merely read
// does not count.
type watcher struct {
	exclude  []string
	progress *progress
	changes  chan []string
	reasons  chan struct{} // to look at the files
	stop     chan struct{}
	tasks    sync.WaitGroup
	notify   *fsnotify.Watcher // nil where the system does not tell of changes
	poll     sync.Once

	mutex sync.Mutex
	roots []string
}

// stamp is the state of a file.
type stamp struct {
	modified time.Time
	size     int64
}

func newWatcher(root string, exclude []string, poll bool, progress *progress) *watcher {
	w := &watcher{
		exclude: exclude, progress: progress, roots: []string{root},
		changes: make(chan []string), reasons: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	if !poll {
		notify, err := fsnotify.NewWatcher()
		w.notify = notify
		if err == nil {
			w.tasks.Go(w.listen)
		} else {
			w.startPolling(err)
		}
	} else {
		w.startPolling(nil)
	}
	before := w.look()
	w.tasks.Go(func() { w.compare(before) })
	return w
}

// Changes are the files that changed since the last ones, in order.
func (w *watcher) Changes() <-chan []string { return w.changes }

// Close ends the watching.
func (w *watcher) Close() {
	close(w.stop)
	w.tasks.Wait()
	if w.notify != nil {
		w.notify.Close()
	}
}

// Add watches more folders. Files that are there do not count as changed.
func (w *watcher) Add(folders []string) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, folder := range folders {
		if !slices.ContainsFunc(w.roots, func(root string) bool { return isWithin(root, folder) }) {
			w.roots = append(w.roots, folder)
		}
	}
}

func isWithin(root, path string) bool {
	inside, err := filepath.Rel(root, path)
	return err == nil && filepath.IsLocal(inside)
}

// listen looks whenever the system tells of a change, or that it lost count.
func (w *watcher) listen() {
	for {
		select {
		case <-w.stop:
			return
		case event := <-w.notify.Events:
			if event.Op == fsnotify.Chmod {
				continue
			}
		case <-w.notify.Errors:
		}
		w.wake()
	}
}

// startPolling looks at the files regularly from now on.
func (w *watcher) startPolling(reason error) {
	w.poll.Do(func() {
		if reason != nil {
			w.progress.say("The system does not tell of changes (%v): looking at the files twice a second", reason)
		}
		w.tasks.Go(func() {
			for {
				select {
				case <-w.stop:
					return
				case <-time.After(pollInterval):
					w.wake()
				}
			}
		})
	})
}

func (w *watcher) wake() {
	select {
	case w.reasons <- struct{}{}:
	default: // somebody is about to look anyway
	}
}

// compare looks at the files whenever there is a reason to, and reports what
// differs. Changes that nobody has taken yet are joined by later ones.
func (w *watcher) compare(before map[string]stamp) {
	pending := map[string]bool{}
	for {
		var changes chan<- []string // nil, which is never ready, without changes
		if len(pending) > 0 {
			changes = w.changes
		}
		select {
		case <-w.stop:
			return
		case changes <- slices.Sorted(maps.Keys(pending)):
			clear(pending)
			continue
		case <-w.reasons:
		}
		after := w.look()
		for {
			time.Sleep(quiet)
			again := w.look()
			if maps.Equal(after, again) {
				break
			}
			after = again
		}
		for _, path := range w.differences(before, after) {
			pending[path] = true
		}
		before = after
	}
}

// differences lists files that were written, made or removed. The files of a
// root that was added in between are not new.
func (w *watcher) differences(before, after map[string]stamp) (changed []string) {
	for path, stamp := range after {
		if old, known := before[path]; known && old != stamp || !known && w.isNew(path, before) {
			changed = append(changed, path)
		}
	}
	for path := range before {
		if _, exists := after[path]; !exists {
			changed = append(changed, path)
		}
	}
	return changed
}

// isNew reports whether the root of a file was looked at before.
func (w *watcher) isNew(path string, before map[string]stamp) bool {
	for _, root := range w.currentRoots() {
		if isWithin(root, path) {
			_, looked := before[root]
			return looked
		}
	}
	return false
}

func (w *watcher) currentRoots() []string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.roots)
}

// look finds the watched files and their states. The roots are among them, to
// tell which ones were looked at. Folders that are new get watched.
func (w *watcher) look() map[string]stamp {
	files := map[string]stamp{}
	for _, root := range w.currentRoots() {
		files[root] = stamp{}
		filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil // it has gone since the folder was read
			case entry.IsDir() && path != root && w.skips(root, path):
				return filepath.SkipDir
			case entry.IsDir():
				w.follow(path)
				return nil
			case !isWatched(path) || w.isExcluded(root, path):
				return nil
			}
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && !w.progress.writesTo(info) {
				files[path] = stamp{info.ModTime(), info.Size()}
			}
			return nil
		})
	}
	return files
}

// follow asks the system to tell of changes in a folder.
func (w *watcher) follow(folder string) {
	if w.notify == nil {
		return
	}
	if err := w.notify.Add(folder); err != nil && !os.IsNotExist(err) {
		w.startPolling(err)
	}
}

// skips reports whether a folder holds nothing that an application is made of.
func (w *watcher) skips(root, folder string) bool {
	name := filepath.Base(folder)
	return strings.HasPrefix(name, ".") || name == "node_modules" || name == "instance" || name == "testdata" || w.isExcluded(root, folder)
}

// isExcluded reports whether a pattern of the user's matches a file or folder, by
// its name or by its path below the root.
func (w *watcher) isExcluded(root, path string) bool {
	below, _ := filepath.Rel(root, path)
	for _, pattern := range w.exclude {
		pattern = strings.TrimSuffix(pattern, "/")
		byName, _ := filepath.Match(pattern, filepath.Base(path))
		byPath, _ := filepath.Match(filepath.FromSlash(pattern), below)
		if byName || byPath {
			return true
		}
	}
	return false
}

// watchedEndings are those of files that a page or a program is made of. Others,
// such as databases and logs, are written by the application itself.
var watchedEndings = strings.Fields(`.go .mod .sum .work .c .h .s
	.html .htm .xhtml .jinja .jinja2 .j2 .tmpl .gohtml .txt .xml .md .po .mo .sql
	.css .scss .js .mjs .ts .map .json .toml .yaml .yml .ini .csv
	.svg .png .jpg .jpeg .gif .webp .avif .ico .woff .woff2 .ttf .otf`)

func isWatched(path string) bool {
	name := filepath.Base(path)
	if isEnvironment(name) {
		return true
	}
	temporary := strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~")
	return !temporary && !strings.HasSuffix(name, "_test.go") && slices.Contains(watchedEndings, strings.ToLower(filepath.Ext(name)))
}
