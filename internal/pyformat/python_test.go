package pyformat

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/pytext"
)

// call is one line of testdata/python.json. Without a value Python raises an error.
type call struct {
	Call string
	Args []any
	Want *string
}

func (c call) run() (string, error) {
	text := c.Args[0].(string)
	switch c.Call {
	case "repr":
		f, _ := ParseFloat(text)
		return Repr(f), nil
	case "round":
		f, _ := ParseFloat(text)
		return Repr(Round(f, int(c.Args[1].(float64)))), nil
	case "parseint":
		n, ok := ParseInt(text, int(c.Args[1].(float64)))
		if !ok {
			return "", fmt.Errorf("not an integer")
		}
		return n.String(), nil
	case "parsefloat":
		f, ok := ParseFloat(text)
		if !ok {
			return "", fmt.Errorf("not a float")
		}
		return Repr(f), nil
	}
	spec, err := ParseSpec(c.Args[1].(string))
	if err != nil {
		return "", err
	}
	switch c.Call {
	case "int":
		n, _ := new(big.Int).SetString(text, 10)
		return spec.Int(n)
	case "float":
		f, _ := ParseFloat(text)
		return spec.Float(f)
	case "str":
		return spec.Text(text)
	}
	return "", fmt.Errorf("the test knows no call %q", c.Call)
}

func TestAsPython(t *testing.T) {
	data, err := os.ReadFile("testdata/python.json")
	if err != nil {
		t.Fatal(err)
	}
	var calls []call
	if err := json.Unmarshal(data, &calls); err != nil {
		t.Fatal(err)
	}
	for _, c := range calls {
		got, err := c.run()
		switch {
		case c.Want == nil && err == nil:
			t.Errorf("%s%q = %q; Python raises an error", c.Call, c.Args, got)
		case c.Want != nil && err != nil:
			t.Errorf("%s%q: %v; Python gives %q", c.Call, c.Args, err, *c.Want)
		case c.Want != nil && got != *c.Want:
			t.Errorf("%s%q = %q; Python gives %q", c.Call, c.Args, got, *c.Want)
		}
	}
}

// The limit of digits keeps reading a number from taking quadratic time.
func TestParseIntHasALimit(t *testing.T) {
	t.Parallel()
	for _, base := range []int{0, 10, 16, 36} {
		digits := strings.Repeat("1", pytext.MaxDigits)
		if _, ok := ParseInt("-"+digits, base); !ok {
			t.Errorf("base %d: %d digits are refused", base, pytext.MaxDigits)
		}
		if _, ok := ParseInt(digits+"1", base); ok {
			t.Errorf("base %d: more than %d digits are read", base, pytext.MaxDigits)
		}
	}
}
