//go:build !linux

package server

import "net"

// unacknowledged is known on Linux only. Other systems report progress of a
// write as soon as there is room for a few bytes.
func unacknowledged(net.Conn) (int64, bool) { return 0, false }

// refuseHandshakes works on Linux only.
func refuseHandshakes(*net.TCPListener) bool { return false }
