//go:build linux

package tests

import (
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// newTerminal opens a pseudo terminal: what is written to the one file can be read
// from the other.
func newTerminal(t *testing.T) (reader, writer *os.File) {
	t.Helper()
	reader, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	var number, unlocked int32
	for request, argument := range map[uintptr]*int32{syscall.TIOCSPTLCK: &unlocked, syscall.TIOCGPTN: &number} {
		if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, reader.Fd(), request, uintptr(unsafe.Pointer(argument))); code != 0 {
			t.Fatal(code)
		}
	}
	writer, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return reader, writer
}

// In a terminal a stack is shown as lines, without debug mode too.
func TestAStackInATerminal(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	reader, writer := newTerminal(t)
	command := program(t, "LISTEN_PID=$$ LISTEN_FDS=1 DECANT_DEBUG=", handedOn(t, listener.(*net.TCPListener)))
	command.Stderr = writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	fetch("http://" + listener.Addr().String() + "/broken")
	command.Process.Signal(syscall.SIGTERM)
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
	var text strings.Builder
	piece := make([]byte, 4096)
	for {
		n, err := reader.Read(piece)
		text.Write(piece[:n])
		if err != nil {
			break // the other end is closed
		}
	}
	want := regexp.MustCompile(`ERROR Exception on /broken \[GET\] [^\n]*error="panic: on purpose"\r?\n\S+ \S+ The stack of this error:\r?\n    \S+/tests\.programApp\.func\d+\r?\n        [^\n]+/rununix_test\.go:\d+\r?\n            app\.Get`)
	if !want.MatchString(text.String()) {
		t.Errorf("the terminal shows\n%s", text.String())
	}
}
