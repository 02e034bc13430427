package cmd

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sizeFlag is a number of bytes: 1048576, 512KB, 64MB, 1GB.
type sizeFlag int64

// sizeUnits are powers of 1024; KiB and its like are taken, too.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"B", 1}}

func (*sizeFlag) Type() string { return "size" }

func (f *sizeFlag) String() string {
	for _, u := range sizeUnits {
		if n := int64(*f); n != 0 && n%u.bytes == 0 {
			return fmt.Sprintf("%d%s", n/u.bytes, u.name)
		}
	}
	return ""
}

func (f *sizeFlag) Set(text string) error {
	number, unit := strings.ToUpper(strings.TrimSpace(text)), int64(1)
	number = strings.Replace(number, "IB", "B", 1)
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 || n > math.MaxInt64/unit {
		return errors.New("want a size like 64MB, 512KB or 1048576")
	}
	*f = sizeFlag(n * unit)
	return nil
}
