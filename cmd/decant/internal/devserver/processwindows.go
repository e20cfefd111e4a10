//go:build windows

package devserver

import (
	"os"
	"os/exec"
	"syscall"
)

// ownGroup keeps CTRL+C in the terminal from the program.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// terminate ends a process at once: Windows has no signal that asks.
func terminate(process *os.Process) { process.Kill() }
