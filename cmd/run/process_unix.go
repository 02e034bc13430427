//go:build unix

package run

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func shellCommand(line string) *exec.Cmd {
	c := exec.Command("/bin/sh", "-c", line)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// outliveBrokenPipe makes writing to a closed pipe an error instead of our end:
// `| head` must not leave the process behind.
func outliveBrokenPipe() { signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) }

func endGroup(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }

func killGroup(c *exec.Cmd) { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
