package pyjson

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"

	"github.com/decant-go/decant/internal/pytext"
)

func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	return pytext.AppendFloat(dst, f)
}

func appendFloat32(dst []byte, f float32) []byte {
	if wide := float64(f); math.IsNaN(wide) || math.IsInf(wide, 0) {
		return appendFloat(dst, wide)
	}
	return pytext.AppendFloat32(dst, f)
}

func (s *state) bigInt(number *big.Int) error {
	if number == nil {
		return s.text("null")
	}
	s.keep(number.Append(s.dst, 10))
	return nil
}

// number writes a number that its maker kept as text, unchanged. The empty
// text is 0, as in encoding/json.
func (s *state) number(number json.Number) error {
	if number == "" {
		return s.text("0")
	}
	p := parser{data: []byte(number)}
	if _, ok := p.scanNumber(); !ok || p.at != len(number) {
		return &ValueError{Err: fmt.Errorf("json.Number(%q) is no number", string(number))}
	}
	return s.text(string(number))
}
