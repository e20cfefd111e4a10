//go:build unix && !linux

package devserver

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps CTRL+C in the terminal from the program: it is asked to end
// when its requests are answered.
func ownGroup(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
