package pytext

import "testing"

// The answers are those of Python's float(text), except for infinities and NaN.
func TestParseFloat(t *testing.T) {
	for text, want := range map[string]float64{
		"1": 1, "-1.5": -1.5, "+.5": 0.5, "1.": 1, " 1e3\n": 1000, "1_0.0_5": 10.05, "1E-2": 0.01, "1e1_0": 1e10, "\u00a0١.٥": 1.5, "-0": 0,
	} {
		if got, ok := ParseFloat(text); !ok || got != want {
			t.Errorf("ParseFloat(%q) = %v, %t; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", " ", ".", "e3", "1e", "_1", "1_", "1__0", "1_.0", "1._0", "1_e3", "1e_3", "1 2", "--1", "0x10", "0x1p3", "inf", "nan", "infinity", "1e999", "1,5", "1\x00"} {
		if got, ok := ParseFloat(text); ok {
			t.Errorf("ParseFloat(%q) = %v; want none", text, got)
		}
	}
}
