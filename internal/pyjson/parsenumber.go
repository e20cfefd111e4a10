package pyjson

import (
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/decant-go/decant/internal/pytext"
)

// number reads an integer, a float or -Infinity. Where none stands, a value
// of any kind is missing.
func (p *parser) number() (any, error) {
	begin := p.at
	if p.follows("-Infinity") {
		p.at += len("-Infinity")
		return math.Inf(-1), nil
	}
	integer, ok := p.scanNumber()
	if !ok {
		p.at = begin
		return nil, p.fail(begin, expectingValue)
	}
	text := p.data[begin:p.at]
	if integer {
		return readInteger(text)
	}
	// A number out of range comes back infinite, as Python has it.
	float, _ := strconv.ParseFloat(string(text), 64)
	return float, nil
}

func (p *parser) scanNumber() (integer, ok bool) {
	if p.peek() == '-' {
		p.at++
	}
	if !p.integerPart() {
		return false, false
	}
	end := p.at
	p.fraction()
	p.exponent()
	return p.at == end, true
}

func (p *parser) integerPart() bool {
	if p.peek() == '0' {
		p.at++
		return true
	}
	return p.digits()
}

func (p *parser) digits() bool {
	begin := p.at
	for char := p.peek(); '0' <= char && char <= '9'; char = p.peek() {
		p.at++
	}
	return p.at > begin
}

// fraction and exponent read nothing when no digit follows, which leaves the
// dot or the letter for an error further out.
func (p *parser) fraction() {
	begin := p.at
	if p.peek() != '.' {
		return
	}
	p.at++
	if !p.digits() {
		p.at = begin
	}
}

func (p *parser) exponent() {
	begin := p.at
	if p.peek()|0x20 != 'e' {
		return
	}
	p.at++
	if sign := p.peek(); sign == '+' || sign == '-' {
		p.at++
	}
	if !p.digits() {
		p.at = begin
	}
}

func readInteger(text []byte) (any, error) {
	if number, err := strconv.Atoi(string(text)); err == nil {
		return number, nil
	}
	if digits := countDigits(text); digits > pytext.MaxDigits {
		return nil, &ValueError{Err: fmt.Errorf("an integer of %d digits exceeds the limit of %d", digits, pytext.MaxDigits)}
	}
	number, _ := new(big.Int).SetString(string(text), 10)
	return number, nil
}

func countDigits(text []byte) int {
	if text[0] == '-' {
		return len(text) - 1
	}
	return len(text)
}
