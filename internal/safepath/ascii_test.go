package safepath

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"unicode/utf8"
)

// The digest was made by Python 3.11 (Unicode 14) from the same lines, with
// unicodedata.normalize("NFKD", char).encode("ascii", "ignore").
func TestASCIIOfEveryCharacter(t *testing.T) {
	t.Parallel()
	digest := sha256.New()
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if utf8.ValidRune(r) {
			fmt.Fprintf(digest, "%x %s\n", r, ASCII(string(r)))
		}
	}
	const want = "4545472cad834743fea5638b8cade1d1266f627071410c3bbca097d5888cfecf"
	if got := hex.EncodeToString(digest.Sum(nil)); got != want {
		t.Errorf("digest of all characters = %s; want %s", got, want)
	}
}

func TestASCIIKeepsPlainTextWithoutAllocation(t *testing.T) {
	text := "plain text.txt"
	if allocations := testing.AllocsPerRun(100, func() { text = ASCII(text) }); allocations != 0 {
		t.Errorf("ASCII allocates %v times for ASCII text", allocations)
	}
	if text != "plain text.txt" {
		t.Errorf("ASCII changed ASCII text to %q", text)
	}
}
