// Package spelling finds the name that a misspelt name most likely stands for.
package spelling

// Nearest returns the candidate that differs least from name, or "" when every
// candidate differs too much for a likely mistake.
func Nearest(name string, candidates []string) string {
	best, limit := "", min(len(name), max(2, len(name)/3)+1)
	for _, candidate := range candidates {
		if max(len(name)-len(candidate), len(candidate)-len(name)) >= limit {
			continue // a name of any length from a client costs nothing
		}
		if distance := Distance(name, candidate); distance < limit {
			best, limit = candidate, distance
		}
	}
	return best
}

// Distance counts the bytes to insert, delete or replace to turn a into b.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
