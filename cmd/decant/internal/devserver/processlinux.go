//go:build linux

package devserver

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps CTRL+C in the terminal from the program: it is asked to end
// when its requests are answered. It ends with this process at the latest.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
