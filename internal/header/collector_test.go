package header

import (
	"fmt"
	"strings"
	"testing"
)

// Many parameters follow the rules of few: each name keeps its first place and
// its last value, and continuations are put together.
func TestManyParameters(t *testing.T) {
	t.Parallel()
	const many = 100
	var options, dict strings.Builder
	options.WriteString("a/b")
	for round := range 2 {
		for i := range many {
			fmt.Fprintf(&options, "; p%d=%d", i, i+round)
			fmt.Fprintf(&dict, "p%d=%d, ", i, i+round)
		}
	}
	for i := range many {
		fmt.Fprintf(&options, "; c*%d=%d; p7*1=x", i, i%10)
	}
	options.WriteString("; c=again; c*5=!; bare")
	_, parameters := ParseOptions(options.String())
	if len(parameters) != many+1 || parameters.Get("p99") != "100" || parameters[99].Name != "p99" {
		t.Errorf("there are %d options, p99 is %q", len(parameters), parameters.Get("p99"))
	}
	if got := parameters.Get("p7"); got != "8"+strings.Repeat("x", many) {
		t.Errorf("a continued option is %q", got)
	}
	if got := parameters.Get("c"); got != "again!" {
		t.Errorf("an option that is replaced and continued is %q", got)
	}
	if items := ParseDict(dict.String()); len(items) != many || items.Get("p99") != "100" || items[0].Value != "1" {
		t.Errorf("there are %d items", len(items))
	}
}
