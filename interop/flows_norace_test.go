//go:build !race

package interop

// flows is how many users log in.
const flows = 100_000
