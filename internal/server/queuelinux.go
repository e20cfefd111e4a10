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
	instructions := []syscall.SockFilter{
		{Code: syscall.BPF_LD | syscall.BPF_B | syscall.BPF_ABS, K: flagsOffset},
		{Code: syscall.BPF_ALU | syscall.BPF_AND | syscall.BPF_K, K: syn | ack},
		{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, Jf: 1, K: syn},
		{Code: syscall.BPF_RET | syscall.BPF_K, K: dropped},
		{Code: syscall.BPF_RET | syscall.BPF_K, K: whole},
	}
	program := syscall.SockFprog{Len: uint16(len(instructions)), Filter: &instructions[0]}
	control, err := l.SyscallConn()
	if err != nil {
		return false
	}
	var failed syscall.Errno
	err = control.Control(func(descriptor uintptr) {
		_, _, failed = syscall.Syscall6(syscall.SYS_SETSOCKOPT, descriptor, syscall.SOL_SOCKET, syscall.SO_ATTACH_FILTER,
			uintptr(unsafe.Pointer(&program)), unsafe.Sizeof(program), 0)
	})
	return err == nil && failed == 0
}
