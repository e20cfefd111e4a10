//go:build unix

package devserver

import (
	"os"
	"syscall"
)

func terminate(process *os.Process) { process.Signal(syscall.SIGTERM) }
