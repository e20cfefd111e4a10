package pyformat

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/decant-go/decant/internal/pytext"
	"github.com/decant-go/decant/internal/vectors"
)

func TestAsPython(t *testing.T) { vectors.CompareWithPython(t, run) }

func run(c vectors.Call) (any, error) {
	text := c.String(0)
	switch c.Name {
	case "repr":
		f, _ := ParseFloat(text)
		return Repr(f), nil
	case "round":
		f, _ := ParseFloat(text)
		return Repr(Round(f, c.Int(1))), nil
	case "parseint":
		n, ok := ParseInt(text, c.Int(1))
		if !ok {
			return nil, errors.New("not an integer")
		}
		return n.String(), nil
	case "parsefloat":
		f, ok := ParseFloat(text)
		if !ok {
			return nil, errors.New("not a float")
		}
		return Repr(f), nil
	}
	spec, err := ParseSpec(c.String(1))
	if err != nil {
		return nil, err
	}
	switch c.Name {
	case "int":
		n, _ := new(big.Int).SetString(text, 10)
		return spec.Int(n)
	case "float":
		f, _ := ParseFloat(text)
		return spec.Float(f)
	case "str":
		return spec.Text(text)
	}
	return nil, vectors.ErrUnknownCall
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
