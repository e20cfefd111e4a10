package debugpage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/decant-go/decant/internal/spelling"
)

// rulesShown is how many rules the page names.
const rulesShown = 8

// NearestTo returns the rules that are most like a path, nearest first.
func NearestTo(path string, rules []Rule) []Rule {
	return nearest(rules, func(r Rule) int { return distance(r.Text, path) })
}

// NearestEndpoints returns the rules whose endpoint is most like a name.
func NearestEndpoints(name string, rules []Rule) []Rule {
	return nearest(rules, func(r Rule) int { return spelling.Distance(r.Endpoint, name) })
}

func nearest(rules []Rule, distance func(Rule) int) []Rule {
	rules = slices.Clone(rules)
	slices.SortStableFunc(rules, func(a, b Rule) int { return cmp.Compare(distance(a), distance(b)) })
	return rules[:min(len(rules), rulesShown)]
}

// distance compares a rule and a path segment by segment.
func distance(text, path string) int {
	wanted, got := strings.Split(text, "/"), strings.Split(shortened(path), "/")
	total := 0
	for i := range max(len(wanted), len(got)) {
		total += segmentDistance(at(wanted, i), at(got, i))
	}
	return total
}

// A variable stands for whatever there is, at the price of one letter.
func segmentDistance(wanted, got string) int {
	if strings.Contains(wanted, "<") && got != "" {
		return 1
	}
	return spelling.Distance(wanted, got)
}

func at(segments []string, i int) string {
	if i < len(segments) {
		return segments[i]
	}
	return ""
}
