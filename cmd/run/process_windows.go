package run

import (
	"os/exec"
	"strconv"
)

func shellCommand(line string) *exec.Cmd { return exec.Command("cmd", "/C", line) }

func outliveBrokenPipe() {}

// endGroup ends the process and its children: Windows has no signal to ask.
func endGroup(c *exec.Cmd) { killGroup(c) }

func killGroup(c *exec.Cmd) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(c.Process.Pid)).Run()
}
