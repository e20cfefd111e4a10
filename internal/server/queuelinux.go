//go:build linux

package server

import (
	"net"
	"syscall"
	"unsafe"
)

// unacknowledged returns how many bytes wait in the system, or are on their way
// to the client.
func unacknowledged(c net.Conn) (int64, bool) {
	raw, ok := c.(syscall.Conn)
	if !ok {
		return 0, false
	}
	control, err := raw.SyscallConn()
	if err != nil {
		return 0, false
	}
	var size int32
	var failed syscall.Errno
	err = control.Control(func(descriptor uintptr) {
		_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, descriptor, syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&size)))
	})
	return int64(size), err == nil && failed == 0
}

// refuseHandshakes makes the system drop the first packet of each new connection
// to a listener. Handshakes that have begun go on. It reports whether it worked.
//
// The filter is a program of the kernel's packet filter: it looks at the flags
// of the TCP header, and drops packets that have SYN without ACK.
func refuseHandshakes(l *net.TCPListener) bool {
	const (
		flagsOffset = 13
		syn, ack    = 0x02, 0x10
		dropped     = 0
		whole       = 0x7fffffff
	)
	filter := []syscall.SockFilter{
		*syscall.LsfStmt(syscall.BPF_LD|syscall.BPF_B|syscall.BPF_ABS, flagsOffset),
		*syscall.LsfStmt(syscall.BPF_ALU|syscall.BPF_AND|syscall.BPF_K, syn|ack),
		*syscall.LsfJump(syscall.BPF_JMP|syscall.BPF_JEQ|syscall.BPF_K, syn, 0, 1),
		*syscall.LsfStmt(syscall.BPF_RET|syscall.BPF_K, dropped),
		*syscall.LsfStmt(syscall.BPF_RET|syscall.BPF_K, whole),
	}
	control, err := l.SyscallConn()
	if err != nil {
		return false
	}
	var failed error
	err = control.Control(func(descriptor uintptr) { failed = syscall.AttachLsf(int(descriptor), filter) })
	return err == nil && failed == nil
}
