package devserver

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// progress tells the terminal what happens. Its lines begin as Flask's do; the
// application's own lines pass through.
type progress struct {
	requests atomic.Int64 // that visitors were answered

	mutex    sync.Mutex
	output   io.Writer
	terminal bool   // lines may be written over
	status   string // the line that is written over, or ""
}

func newProgress(output io.Writer) *progress {
	p := &progress{output: output}
	if file, ok := output.(*os.File); ok {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// writesTo reports whether a file is the one that the output was redirected to: its
// growth is no change of the application.
func (p *progress) writesTo(info os.FileInfo) bool {
	file, ok := p.output.(*os.File)
	if !ok {
		return false
	}
	own, err := file.Stat()
	return err == nil && os.SameFile(own, info)
}

// say writes a line that stays.
func (p *progress) say(format string, values ...any) {
	p.pass([]byte(" * " + fmt.Sprintf(format, values...) + "\n"))
}

// pass writes bytes as they are, above the status line.
func (p *progress) pass(data []byte) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.clear()
	p.output.Write(data)
	if p.status != "" {
		fmt.Fprint(p.output, p.status)
	}
}

// show replaces the status line; "" takes it away.
func (p *progress) show(status string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.clear()
	p.status = status
	fmt.Fprint(p.output, status)
}

func (p *progress) clear() {
	if p.status != "" {
		fmt.Fprint(p.output, "\r", strings.Repeat(" ", len([]rune(p.status))), "\r")
	}
}

// times measures one build and start, and shows how far it is.
type times struct {
	progress  *progress
	name      string
	began     time.Time
	before    int64 // requests when it began
	packages  atomic.Int64
	downloads atomic.Int64

	built   time.Duration
	end     chan struct{}
	stopped chan struct{}
}

// begin says what is being built. From then on the status line, or a line every
// ten seconds where there is no terminal, says how it goes.
func (p *progress) begin(name string) *times {
	t := &times{progress: p, name: name, began: time.Now(), before: p.requests.Load(), end: make(chan struct{}), stopped: make(chan struct{})}
	p.say("Building %s", name)
	go t.tick()
	return t
}

func (t *times) tick() {
	defer close(t.stopped)
	interval := 10 * time.Second
	if t.progress.terminal {
		interval = 250 * time.Millisecond
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-t.end:
			if t.progress.terminal {
				t.progress.show("")
			}
			return
		case <-ticker.C:
		}
		if t.progress.terminal {
			t.progress.show("   " + t.state())
		} else {
			t.progress.say("%s", t.state())
		}
	}
}

func (t *times) state() string {
	state := fmt.Sprintf("%s so far: %s compiled", seconds(time.Since(t.began)), count(t.packages.Load(), "package"))
	if downloads := t.downloads.Load(); downloads > 0 {
		state += fmt.Sprintf(", %s downloaded", count(downloads, "module"))
	}
	return state + ", " + t.meanwhile()
}

func (t *times) meanwhile() string {
	return count(t.progress.requests.Load()-t.before, "request") + " answered meanwhile"
}

// starting notes that the program is built.
func (t *times) starting() { t.built = time.Since(t.began) }

func (t *times) done() {
	t.drop()
	t.progress.say("Built in %s, listening after %s more, %s", seconds(t.built), seconds(time.Since(t.began)-t.built), t.meanwhile())
}

func (t *times) failed(p *problem) {
	t.drop()
	t.progress.say("%s (%s, %s)", p.Title, seconds(time.Since(t.began)), t.meanwhile())
	if p.Advice != "" {
		t.progress.say("%s", p.Advice)
	}
	if len(p.Mistakes) == 0 && p.Output != "" {
		t.progress.pass([]byte(strings.TrimRight(p.Output, "\n") + "\n"))
	}
	for _, m := range p.Mistakes {
		t.progress.pass([]byte(m.text()))
	}
}

// drop ends the status line.
func (t *times) drop() {
	close(t.end)
	<-t.stopped
}

// text shows a mistake with the lines around it.
func (m mistake) text() string {
	var text strings.Builder
	fmt.Fprintf(&text, "\n%s:%d:%d: %s\n", m.File, m.Line, m.Column, m.Message)
	for _, line := range m.Source {
		mark := " "
		if line.Wrong {
			mark = ">"
		}
		fmt.Fprintf(&text, "  %s %4d  %s\n", mark, line.Number, line.Text)
	}
	return text.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
