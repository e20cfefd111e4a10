package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/decant-go/decant"
)

// sortOrders are the values of routes --sort.
var sortOrders = []string{"endpoint", "methods", "domain", "rule", "match"}

// routesCommand lists the rules as Flask does.
func (p *program) routesCommand() *cobra.Command {
	var order string
	var allMethods bool
	command := &cobra.Command{
		Use:   "routes",
		Short: "List the rules of the application",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			if !slices.Contains(sortOrders, order) {
				return Usage("Invalid value for '--sort' / '-s': '%s' is not one of '%s'.", order, strings.Join(sortOrders, "', '"))
			}
			app, err := p.load()
			if err != nil {
				return &failure{err}
			}
			writeRoutes(p.out, app.Routes(), order, allMethods)
			return nil
		},
	}
	command.Flags().StringVarP(&order, "sort", "s", "endpoint", "the order: "+strings.Join(sortOrders, ", ")+"; match is that in which rules are tried")
	command.Flags().BoolVar(&allMethods, "all-methods", false, "show HEAD and OPTIONS too")
	return command
}

// writeRoutes writes a table of the rules. The column of the domain is there if one
// rule has a domain.
func writeRoutes(w io.Writer, routes []decant.Route, order string, allMethods bool) {
	if len(routes) == 0 {
		fmt.Fprintln(w, "No routes were registered.")
		return
	}
	columns := []string{"endpoint", "methods", "rule"}
	headers := []string{"Endpoint", "Methods", "Rule"}
	if slices.ContainsFunc(routes, func(r decant.Route) bool { return r.Domain != "" }) {
		columns = slices.Insert(columns, 2, "domain")
		headers = slices.Insert(headers, 2, domainHeader(routes))
	}
	rows := make([][]string, len(routes))
	for i, route := range routes {
		rows[i] = []string{route.Endpoint, methodsOf(route, allMethods), route.Rule}
		if len(columns) == 4 {
			rows[i] = slices.Insert(rows[i], 2, route.Domain)
		}
	}
	if column := slices.Index(columns, order); column >= 0 {
		slices.SortStableFunc(rows, func(a, b []string) int { return strings.Compare(a[column], b[column]) })
	}
	writeTable(w, headers, rows)
}

func domainHeader(routes []decant.Route) string {
	if slices.ContainsFunc(routes, func(r decant.Route) bool { return r.IsHost }) {
		return "Host"
	}
	return "Subdomain"
}

func methodsOf(route decant.Route, allMethods bool) string {
	methods := slices.Clone(route.Methods)
	if !allMethods {
		methods = slices.DeleteFunc(methods, func(method string) bool { return method == "HEAD" || method == "OPTIONS" })
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}

// writeTable pads each column to its longest cell.
func writeTable(w io.Writer, headers []string, rows [][]string) {
	widths := make([]int, len(headers))
	for _, row := range append(slices.Clone(rows), headers) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	dashes := make([]string, len(headers))
	for i, width := range widths {
		dashes[i] = strings.Repeat("-", width)
	}
	for _, row := range slices.Concat([][]string{headers, dashes}, rows) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		}
		fmt.Fprintln(w, strings.Join(cells, "  "))
	}
}
