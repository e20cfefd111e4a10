//go:build race

package flask

// flows is how many users log in while the race detector looks on.
const flows = 5_000
