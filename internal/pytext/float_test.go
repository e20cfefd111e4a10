package pytext

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestDecimalIsShortest compares the quick way with the general one.
func TestDecimalIsShortest(t *testing.T) {
	numbers := []float64{
		1, -1, 0.5, 0.1, 0.0001, -0.0001, 0.00011, 1e-5, 12.5, 1e11, 1e11 + 0.0001, -1e11, 1e12, 1e15, 1e16,
		0.1 + 0.2, 99999999999.9999, 1.0049999999999999, 4503599627370497.5, math.MaxFloat64, math.SmallestNonzeroFloat64,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		price := float64(random.Int64N(1e15)) / 1e4
		numbers = append(numbers, price, math.Nextafter(price, 0), math.Nextafter(price, 1e18), math.Float64frombits(random.Uint64()),
			float64(random.Int64N(1e7))/float64([]int64{1, 10, 100, 1e3, 1e4, 1e5}[random.IntN(6)]))
	}
	found := 0
	for _, number := range numbers {
		if math.IsNaN(number) || math.IsInf(number, 0) {
			continue
		}
		quick, ok := appendDecimal(nil, number)
		if !ok {
			continue
		}
		found++
		if want := appendFinite(nil, number, 64); string(quick) != string(want) {
			t.Fatalf("%s, want %s", quick, want)
		}
	}
	if found < len(numbers)/4 {
		t.Errorf("only %d of %d numbers took the quick way", found, len(numbers))
	}
}

func TestZeroKeepsItsSign(t *testing.T) {
	if got := string(AppendFloat(AppendFloat(nil, 0), math.Copysign(0, -1))); got != "0.0-0.0" {
		t.Error(got)
	}
}
