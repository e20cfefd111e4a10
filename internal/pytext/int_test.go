package pytext

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// The answers are those of Python's int(text); "" is a ValueError.
func TestParseBig(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "42": "42", "+42": "42", "-42": "-42", "007": "7", "1_000": "1000",
		" 42\n": "42", "\t\v\f\r42": "42", "\u00a042\u3000": "42", "٤٢": "42", "4٢": "42", "𝟘𝟙𝟡": "19", "-٤": "-4",
		"340282366920938463463374607431768211456": "340282366920938463463374607431768211456",
		"": "", " ": "", "+": "", "-": "", "--1": "", "+-1": "", "- 1": "", "1-": "", "_1": "", "1_": "", "1__0": "", "-_1": "",
		"1 0": "", "1.0": "", "1e3": "", "0x10": "", "a": "", "²": "", "½": "", "\x1c1": "", "1\x00": "", "１,０": "", "\xff1": "",
	} {
		got := ""
		if number, ok := ParseBigInt(text, 10); ok {
			got = number.String()
		}
		if got != want {
			t.Errorf("ParseBigInt(%q, 10) = %q, want %q", text, got, want)
		}
	}
}

func TestParseBigHex(t *testing.T) {
	for text, want := range map[string]string{
		"ff": "255", "FF": "255", "0xff": "255", "0XFF": "255", "0x_ff": "255", "-0xf_f": "-255", " +0xff ": "255", "0": "0", "٣f": "63",
		"0x": "", "0x_": "", "0x__f": "", "_ff": "", "0_xff": "", "x": "", "0xg": "", "0x0xf": "", "0x-f": "", "0x+f": "",
	} {
		got := ""
		if number, ok := ParseBigInt(text, 16); ok {
			got = number.String()
		}
		if got != want {
			t.Errorf("ParseBigInt(%q, 16) = %q, want %q", text, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]int{
		"0": 0, "-7": -7, " 1_0 ": 10, strconv.Itoa(math.MaxInt): math.MaxInt, strconv.Itoa(math.MinInt): math.MinInt, "٤٢": 42,
	} {
		if got, ok := ParseInt(text); !ok || got != want {
			t.Errorf("ParseInt(%q) = %d, %v; want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "1.5", "9223372036854775808", "-9223372036854775809"} {
		if got, ok := ParseInt(text); ok {
			t.Errorf("ParseInt(%q) = %d, want none", text, got)
		}
	}
}

func TestDigitLimit(t *testing.T) {
	if _, ok := ParseBigInt("-"+strings.Repeat("7", 4300), 10); !ok {
		t.Error("4300 digits are refused")
	}
	if _, ok := ParseBigInt(strings.Repeat("7", 4301), 10); ok {
		t.Error("4301 digits are accepted")
	}
	if _, ok := ParseBigInt(strings.Repeat("f", 5000), 16); !ok {
		t.Error("5000 hexadecimal digits are refused")
	}
}

// Every script's digits come in runs of ten, which digitValue relies on.
func TestEveryDecimalDigit(t *testing.T) {
	digits := 0
	for char := rune(0); char <= unicode.MaxRune; char++ {
		if !unicode.IsDigit(char) {
			continue
		}
		want := digits % 10
		if got, ok := ParseInt(string(char)); !ok || got != want {
			t.Errorf("%U is read as %d, %v; want %d", char, got, ok, want)
		}
		digits++
	}
	if digits < 600 {
		t.Errorf("only %d digits", digits)
	}
}

func FuzzParseBig(f *testing.F) {
	for _, seed := range []string{"42", " -1_0 ", "٤٢", "0x_ff", "+-1", "1__0", "\x1c1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number, ok := ParseBigInt(text, 10)
		if reference, plain := new(big.Int).SetString(text, 10); plain && len(text) < MaxDigits && (!ok || number.Cmp(reference) != 0) {
			t.Fatalf("ParseBigInt(%q) = %v, %v; want %v", text, number, ok, reference)
		}
		if !ok {
			return
		}
		if again, ok := ParseBigInt(number.String(), 10); !ok || again.Cmp(number) != 0 {
			t.Fatalf("%q gives %v, which is read as %v, %v", text, number, again, ok)
		}
	})
}
