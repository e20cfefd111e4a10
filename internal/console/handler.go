// Package console writes the log for a person who reads it in a terminal: the stack
// of an error follows its entry, in lines of its own.
package console

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
	"sync"

	"github.com/decant-go/decant/internal/debugpage"
)

// StackKey is the key of the attribute whose value is a stack, as
// runtime/debug.Stack has written it.
const StackKey = "stack"

// handler writes entries with another handler, and stacks behind them. Those that
// are derived from it share the lock.
type handler struct {
	slog.Handler
	lock *sync.Mutex
}

// New returns a handler that writes entries with another one, which is to be the
// standard one, and their stacks with package log.
func New(entries slog.Handler) slog.Handler { return &handler{entries, new(sync.Mutex)} }

func (h *handler) WithAttrs(attributes []slog.Attr) slog.Handler {
	return &handler{h.Handler.WithAttrs(attributes), h.lock}
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.Handler.WithGroup(name), h.lock}
}

// Handle writes an entry and its stack. Package log lets one of its entries at a time
// reach its writer, so the stack is an entry, too; the lock keeps the two together.
func (h *handler) Handle(c context.Context, record slog.Record) error {
	stack := ""
	entry := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == StackKey && a.Value.Kind() == slog.KindString {
			stack = a.Value.String()
		} else {
			entry.AddAttrs(a)
		}
		return true
	})
	if stack == "" {
		return h.Handler.Handle(c, entry)
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	if err := h.Handler.Handle(c, entry); err != nil {
		return err
	}
	return log.Output(0, "The stack of this error:\n"+linesOf(stack))
}

// linesOf describes a stack, the innermost function first: its name, its place, and
// for a function of the application the line of its source. The functions that
// called the application come last and are only counted.
func linesOf(stack string) string {
	frames := debugpage.ReadStack([]byte(stack))
	shown := len(frames)
	for shown > 0 && !frames[shown-1].IsOwn {
		shown--
	}
	if shown == 0 { // the application does not take part
		shown = len(frames)
	}
	var lines strings.Builder
	for _, frame := range frames[:shown] {
		fmt.Fprintf(&lines, "    %s\n        %s:%d\n", frame.Function, frame.File, frame.Line)
		for _, line := range frame.Source {
			if line.Fails {
				fmt.Fprintf(&lines, "            %s\n", strings.TrimSpace(line.Text))
			}
		}
	}
	if rest := len(frames) - shown; rest > 0 {
		fmt.Fprintf(&lines, "    (%d more, in packages that are not the application's)\n", rest)
	}
	return lines.String()
}

// IsTerminal reports whether a writer is a file of a terminal.
func IsTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// IsStandard reports whether a handler is the one that Go starts with, which writes
// to package log. Only its type tells, which has no exported name.
func IsStandard(handler slog.Handler) bool {
	return fmt.Sprintf("%T", handler) == "*slog.defaultHandler"
}
