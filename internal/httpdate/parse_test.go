package httpdate

import "testing"

// TestParseFormatted compares the quick way with the general one.
func TestParseFormatted(t *testing.T) {
	for _, text := range []string{
		"Tue, 15 Nov 1994 08:12:31 GMT", "tue, 15 nOv 1994 08:12:31 GMT", "Mon, 15 Nov 1994 08:12:31 GMT",
		"Tue, 15 Nov 0094 08:12:31 GMT", "Tue, 15 Nov 0100 08:12:31 GMT", "Tue, 15 Nov 0000 08:12:31 GMT",
		"Tue, 31 Feb 1994 08:12:31 GMT", "Tue, 15 Nov 1994 24:12:31 GMT", "Tue, 15 Nov 1994 08:12:60 GMT",
		"Tue, 15 Nov 1994  8:12:31 GMT", "Tue,  5 Nov 1994 08:12:31 GMT", "Tue, 15 Nov 1994 08:12:31 EST",
		"Tue, 15 Nov 9999 23:59:59 GMT", "Tue, 15 Nov 1994 8:12:31  GMT", "Tue, 29 Feb 2000 00:00:00 GMT",
	} {
		agree(t, text)
		for i := range len(text) {
			for _, char := range []byte("0159 ,:-GMTaNu") {
				agree(t, text[:i]+string(char)+text[i+1:])
			}
		}
	}
	if _, ok := parseFormatted("Tue, 15 Nov 1994 08:12:31 GMT"); !ok {
		t.Error("the everyday form goes the long way")
	}
}

func agree(t *testing.T, text string) {
	t.Helper()
	quick, ok := parseFormatted(text)
	if !ok {
		return
	}
	if want, ok := parseWords(text); !ok || !quick.Equal(want) {
		t.Errorf("%s: %v, want %v, %v", text, quick, want, ok)
	}
}
