//go:build !race

package flask

// flows is how many users log in.
const flows = 100_000
