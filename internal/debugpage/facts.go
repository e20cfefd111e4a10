package debugpage

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// Request holds what the page tells about a request.
type Request struct {
	Method, Path, Host, ID string

	// Rule is the text of the rule, Endpoint its endpoint and Place where it was
	// registered. All are empty where no rule matches.
	Rule, Endpoint, Place string

	// Arguments are the view arguments.
	Arguments map[string]any
	// Query and Form are the fields of the query and of a form that was read.
	Query, Form []Row
	Header      http.Header
}

// Facts returns the tables about the request, without empty ones. Values are
// hidden where their names point to a secret. A form shows only the names and
// the sizes of its fields.
func (r *Request) Facts() []Table {
	tables := []Table{
		{Title: "Request", Rows: r.rows()},
		{Title: "View arguments", Rows: argumentRows(r.Arguments)},
		{Title: "Query", Rows: queryRows(r.Query)},
		{Title: "Form fields, without their values", Rows: formRows(r.Form)},
		{Title: "Headers", Rows: headerRows(r.Header)},
	}
	return slices.DeleteFunc(tables, func(t Table) bool { return len(t.Rows) == 0 })
}

func (r *Request) rows() []Row {
	rows := []Row{{"Method", r.Method}, {"Path", r.Path}, {"Host", r.Host}, {"Request id", r.ID}}
	if r.Endpoint != "" {
		rows = append(rows, Row{"Rule", r.Rule}, Row{"Endpoint", r.Endpoint}, Row{"Registered at", r.Place})
	}
	return rows
}

func argumentRows(values map[string]any) (rows []Row) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		rows = append(rows, Row{name, Redact(name, fmt.Sprintf("%#v", values[name]))})
	}
	return rows
}

func queryRows(fields []Row) (rows []Row) {
	for _, field := range fields {
		rows = append(rows, Row{field.Name, Redact(field.Name, strconv.Quote(field.Value))})
	}
	return rows
}

func formRows(fields []Row) (rows []Row) {
	for _, field := range fields {
		rows = append(rows, Row{field.Name, fmt.Sprintf("%d bytes", len(field.Value))})
	}
	return rows
}

func headerRows(h http.Header) (rows []Row) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			rows = append(rows, Row{name, Redact(name, value)})
		}
	}
	return rows
}
