//go:build linux

package server

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// loopback returns both ends of a connection.
func loopback(t *testing.T) (ours, theirs *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialled, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialled.Close(); accepted.Close() })
	return accepted.(*net.TCPConn), dialled.(*net.TCPConn)
}

// fill writes until the system takes no more.
func fill(t *testing.T, c net.Conn) {
	t.Helper()
	c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	for {
		if _, err := c.Write(make([]byte, 1<<20)); errors.Is(err, os.ErrDeadlineExceeded) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// A client that takes something of what waits in the system makes progress,
// although the system takes nothing from us.
func TestProgressBelowOurWrites(t *testing.T) {
	ours, theirs := loopback(t)
	fill(t, ours)
	c := newConnection(ours, Pace{1000, time.Hour})
	write := stall{connection: c}
	timesOut := func() bool {
		write.arm()
		return write.goesOn(0, os.ErrDeadlineExceeded)
	}
	if !timesOut() {
		t.Error("the first time a client has no second interval")
	}
	before, ok := unacknowledged(ours)
	if !ok || before < 1000 {
		t.Fatalf("%d bytes wait, %t", before, ok)
	}
	for now := before; now > before-1000; now, _ = unacknowledged(ours) {
		if _, err := io.CopyN(io.Discard, theirs, 64<<10); err != nil {
			t.Fatal(err)
		}
	}
	if !timesOut() {
		t.Error("a client that takes something is cut")
	}
	settled := func() int64 { // what the client's system has room for may still be on its way
		for {
			one, _ := unacknowledged(ours)
			time.Sleep(50 * time.Millisecond)
			if two, _ := unacknowledged(ours); one == two {
				return two
			}
		}
	}
	settled()
	timesOut()
	if timesOut() {
		t.Error("a client that takes nothing goes on")
	}
}

// Once a listener refuses handshakes, its queue does not grow, and who waits in
// it is accepted.
func TestRefuseHandshakes(t *testing.T) {
	opened, err := Address{Host: "127.0.0.1", Port: "0", Fixed: true}.Listen()
	if err != nil {
		t.Fatal(err)
	}
	l := opened[0].Listener
	defer l.Close()
	waiting, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer waiting.Close()
	if !refuseHandshakes(l.(*net.TCPListener)) {
		t.Fatal("the system refuses the filter")
	}
	if late, err := net.DialTimeout("tcp", l.Addr().String(), 200*time.Millisecond); err == nil {
		late.Close()
		t.Error("a new client was connected")
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	go io.WriteString(waiting, "hello")
	got := make([]byte, 5)
	if _, err := io.ReadFull(accepted, got); string(got) != "hello" || err != nil {
		t.Errorf("the client that waited says %q, %v", got, err)
	}
}
