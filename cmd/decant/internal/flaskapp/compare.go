package flaskapp

import (
	"fmt"
	"slices"
	"strings"
)

// Row is a rule of the application in Go, as its command routes lists it.
type Row struct {
	Endpoint, Rule, Domain string
	Methods                []string
}

// ReadTable reads the table that the command routes --all-methods prints.
func ReadTable(text string) ([]Row, error) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	i := slices.IndexFunc(lines, func(line string) bool { return line != "" && strings.Trim(line, "- ") == "" })
	if i < 1 {
		return nil, fmt.Errorf("the program lists no rules; it has to call cli.Main: %s", text)
	}
	var rows []Row
	titles := columns(lines[i], lines[i-1])
	for _, line := range lines[i+1:] {
		var row Row
		for j, cell := range columns(lines[i], line) {
			switch titles[j] {
			case "Endpoint":
				row.Endpoint = cell
			case "Methods":
				row.Methods = strings.Split(cell, ", ")
			case "Rule":
				row.Rule = cell
			case "Host", "Subdomain":
				row.Domain = cell
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// columns cuts a line where the dashes below the titles have gaps. The last column
// may be longer.
func columns(dashes, line string) []string {
	rest := []rune(line)
	widths := strings.Fields(dashes)
	cells := make([]string, len(widths))
	for i, dash := range widths {
		end := min(len(dash), len(rest))
		if i == len(widths)-1 {
			end = len(rest)
		}
		cells[i] = strings.TrimSpace(string(rest[:end]))
		rest = rest[min(end+2, len(rest)):]
	}
	return cells
}

// Compare returns a line for each difference between the rules of the Flask
// application and those in Go, "-" for what only Flask has and "+" for what only Go
// has.
func (a *App) Compare(rows []Row) []string {
	counts := map[string]int{}
	for _, rule := range a.Rules {
		if !rule.WebSocket {
			counts[lineOf(rule.Endpoint, rule.Methods, rule.Domain, rule.Rule)]++
		}
	}
	for _, row := range rows {
		counts[lineOf(row.Endpoint, row.Methods, row.Domain, row.Rule)]--
	}
	var lines []string
	for line, count := range counts {
		switch {
		case count > 0:
			lines = append(lines, "- "+line)
		case count < 0:
			lines = append(lines, "+ "+line)
		}
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[2:]+a[:1], b[2:]+b[:1]) })
	return lines
}

func lineOf(endpoint string, methods []string, domain, rule string) string {
	sorted := slices.Clone(methods)
	slices.Sort(sorted)
	line := fmt.Sprintf("%s  %s  %s", endpoint, strings.Join(sorted, ", "), rule)
	if domain != "" {
		line += "  at " + domain
	}
	return line
}
