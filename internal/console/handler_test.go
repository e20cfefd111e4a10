package console

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

func newLogger(t *testing.T, out *bytes.Buffer) *slog.Logger {
	log.SetOutput(out)
	log.SetFlags(0)
	t.Cleanup(func() { log.SetOutput(os.Stderr); log.SetFlags(log.LstdFlags) })
	plain := slog.NewTextHandler(out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	return slog.New(New(plain))
}

// stackOf returns the stack of a panic in this function.
func stackOf() (stack string) {
	defer func() {
		recover()
		stack = string(debug.Stack())
	}()
	panic("on purpose")
}

func TestAStackFollowsItsEntry(t *testing.T) {
	var out bytes.Buffer
	logger := newLogger(t, &out).With("request_id", "A").WithGroup("g").With("b", 1)
	logger.Error("broken", "error", errors.New("why"), StackKey, stackOf())
	lines := strings.Split(out.String(), "\n")
	if lines[0] != "level=ERROR msg=broken request_id=A g.b=1 g.error=why" {
		t.Errorf("the entry is %q", lines[0])
	}
	if len(lines) < 5 || lines[1] != "The stack of this error:" {
		t.Fatalf("the log is\n%s", out.String())
	}
	lines = lines[1:]
	if lines[1] != "    github.com/decant-go/decant/internal/console.stackOf" ||
		!strings.Contains(lines[2], "/internal/console/handler_test.go:") || lines[3] != `            panic("on purpose")` {
		t.Errorf("the stack is\n%s", out.String())
	}
	for _, line := range lines[1:3] {
		if strings.ContainsAny(line, "\\\t") {
			t.Errorf("the line %q is escaped", line)
		}
	}
	if last := lines[len(lines)-2]; last != "    (2 more, in packages that are not the application's)" {
		t.Errorf("the last line is %q", last)
	}
}

func TestOtherEntriesStayAsTheyAre(t *testing.T) {
	var out bytes.Buffer
	newLogger(t, &out).Info("hello", "a", 1, StackKey, 2)
	if got := out.String(); got != "level=INFO msg=hello a=1 stack=2\n" {
		t.Errorf("got %q", got)
	}
}

func TestAStackWithoutTheApplicationIsShownWhole(t *testing.T) {
	stack := "goroutine 1 [running]:\npanic({0x1, 0x2})\n\t" + os.Getenv("HOME") + "/x@v1/a.go:1 +0x1\nx.f()\n\t/m/x@v1.0.0/a.go:7 +0x1d\n"
	if got := linesOf(stack); got != "    x.f\n        /m/x@v1.0.0/a.go:7\n" {
		t.Errorf("got %q", got)
	}
}

func TestWriterOfTheEntriesThatFails(t *testing.T) {
	broken := errors.New("full")
	handler := New(failing{broken})
	record := slog.Record{}
	record.AddAttrs(slog.String(StackKey, stackOf()))
	if err := handler.Handle(context.Background(), record); err != broken {
		t.Errorf("got %v", err)
	}
}

type failing struct{ error }

func (f failing) Enabled(context.Context, slog.Level) bool  { return true }
func (f failing) Handle(context.Context, slog.Record) error { return f.error }
func (f failing) WithAttrs([]slog.Attr) slog.Handler        { return f }
func (f failing) WithGroup(string) slog.Handler             { return f }

func TestIsStandard(t *testing.T) {
	if !IsStandard(slog.Default().Handler()) || !IsStandard(slog.Default().With("a", 1).Handler()) {
		t.Error("Go's own handler is not known")
	}
	if IsStandard(slog.NewTextHandler(os.Stderr, nil)) || IsStandard(nil) {
		t.Error("another handler passes for Go's own")
	}
}

func TestIsTerminal(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	if IsTerminal(write) || IsTerminal(new(bytes.Buffer)) {
		t.Error("a pipe or a buffer passes for a terminal")
	}
}
