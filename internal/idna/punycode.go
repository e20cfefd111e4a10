package idna

import (
	"math"
	"strings"
	"unicode/utf8"
)

// The parameters of RFC 3492 section 5.
const (
	base        = 36
	tMin        = 1
	tMax        = 26
	skew        = 38
	damp        = 700
	initialBias = 72
	initialN    = 128
)

// encodePunycode encodes a label by RFC 3492 section 6.3. A label of at most 63
// characters cannot overflow; the caller refuses longer ones.
func encodePunycode(label []rune) string {
	var encoded strings.Builder
	for _, r := range label {
		if r < initialN {
			encoded.WriteByte(byte(r))
		}
	}
	basic := encoded.Len()
	handled := basic
	if basic > 0 {
		encoded.WriteByte('-')
	}
	n, delta, bias := rune(initialN), 0, initialBias
	for handled < len(label) {
		next := smallestFrom(label, n)
		delta += int(next-n) * (handled + 1)
		n = next
		for _, r := range label {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			writeDelta(&encoded, delta, bias)
			bias = adapt(delta, handled+1, handled == basic)
			delta = 0
			handled++
		}
		delta++
		n++
	}
	return encoded.String()
}

// decodePunycode decodes a label by RFC 3492 section 6.2.
func decodePunycode(encoded string) ([]rune, error) {
	var label []rune
	if dash := strings.LastIndexByte(encoded, '-'); dash >= 0 {
		label = []rune(encoded[:dash])
		encoded = encoded[dash+1:]
	}
	n, i, bias := initialN, 0, initialBias
	for first := true; encoded != ""; first = false {
		delta, rest, ok := readDelta(encoded, bias)
		if !ok || delta > math.MaxInt32-i {
			return nil, errPunycode
		}
		encoded = rest
		i += delta
		length := len(label) + 1
		bias = adapt(delta, length, first)
		n += i / length
		i %= length
		if n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return nil, errPunycode
		}
		label = append(label, 0)
		copy(label[i+1:], label[i:])
		label[i] = rune(n)
		i++
	}
	return label, nil
}

func smallestFrom(label []rune, n rune) rune {
	smallest := rune(math.MaxInt32)
	for _, r := range label {
		if r >= n && r < smallest {
			smallest = r
		}
	}
	return smallest
}

// writeDelta appends one generalized variable-length integer.
func writeDelta(encoded *strings.Builder, delta, bias int) {
	for k := base; ; k += base {
		threshold := min(max(k-bias, tMin), tMax)
		if delta < threshold {
			encoded.WriteByte(digit(delta))
			return
		}
		encoded.WriteByte(digit(threshold + (delta-threshold)%(base-threshold)))
		delta = (delta - threshold) / (base - threshold)
	}
}

// readDelta reads one generalized variable-length integer and returns the
// text after it.
func readDelta(encoded string, bias int) (delta int, rest string, ok bool) {
	weight := 1
	for k := base; encoded != ""; k += base {
		value, valid := digitValue(encoded[0])
		encoded = encoded[1:]
		if !valid || value > (math.MaxInt32-delta)/weight {
			return 0, "", false
		}
		delta += value * weight
		threshold := min(max(k-bias, tMin), tMax)
		if value < threshold {
			return delta, encoded, true
		}
		if weight > math.MaxInt32/(base-threshold) {
			return 0, "", false
		}
		weight *= base - threshold
	}
	return 0, "", false
}

func adapt(delta, length int, first bool) int {
	if first {
		delta /= damp
	} else {
		delta /= 2
	}
	delta += delta / length
	k := 0
	for ; delta > (base-tMin)*tMax/2; k += base {
		delta /= base - tMin
	}
	return k + (base-tMin+1)*delta/(delta+skew)
}

func digit(value int) byte {
	if value < 26 {
		return 'a' + byte(value)
	}
	return '0' + byte(value-26)
}

func digitValue(c byte) (int, bool) {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a'), true
	case c >= 'A' && c <= 'Z':
		return int(c - 'A'), true
	case c >= '0' && c <= '9':
		return int(c-'0') + 26, true
	}
	return 0, false
}
