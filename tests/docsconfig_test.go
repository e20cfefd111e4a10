package tests

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/decant-go/decant"
)

// keyRow is a row of the tables of configuration keys.
type keyRow struct{ key, field, initial string }

// TestConfigurationTableIsComplete compares the table of builtin keys with the
// fields of Config: each has a row with its key and its default.
func TestConfigurationTableIsComplete(t *testing.T) {
	t.Setenv("DECANT_DEBUG", "")
	app := decant.New("test")
	config := reflect.ValueOf(app.Config).Elem()
	rows := map[string]keyRow{}
	for _, row := range keyRows(t, "Field") {
		rows[row.field] = row
	}
	for _, field := range reflect.VisibleFields(config.Type()) {
		row, found := rows[field.Name]
		if !field.IsExported() {
			continue
		}
		delete(rows, field.Name)
		if !found {
			t.Errorf("docs/configuration.md has no row for Config.%s", field.Name)
			continue
		}
		value, known := app.Config.Lookup(row.key)
		if !known || printed(value) != printed(config.FieldByIndex(field.Index).Interface()) {
			t.Errorf("docs/configuration.md: the key %s is not that of Config.%s", row.key, field.Name)
		}
		if want := printed(value); row.initial != want && row.key != "DEBUG" {
			t.Errorf("docs/configuration.md: the default of %s is %s, and the page says %s", row.key, want, row.initial)
		}
	}
	for name := range rows {
		t.Errorf("docs/configuration.md has a row for Config.%s, which there is not", name)
	}
}

// TestKeysWithoutEffectAreNamed compares the second table with the errors.
func TestKeysWithoutEffectAreNamed(t *testing.T) {
	t.Parallel()
	for _, row := range keyRows(t, "Instead") {
		err := decant.New("test").Config.FromMap(decant.H{row.key: true})
		if err == nil || !strings.Contains(err.Error(), "has no effect here") {
			t.Errorf("docs/configuration.md says that %s has no effect; setting it gives %v", row.key, err)
		}
	}
}

// printed is how the table shows a default.
func printed(value any) string {
	if v := reflect.ValueOf(value); !v.IsValid() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Pointer) && v.IsNil() {
		return "none"
	}
	if text, ok := value.(string); ok {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprint(value)
}

// keyRows reads the table of docs/configuration.md whose second column has a
// title.
func keyRows(t *testing.T, title string) (rows []keyRow) {
	t.Helper()
	isInside := false
	for _, line := range strings.Split(read(t, "docs/configuration.md"), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		switch {
		case !strings.HasPrefix(line, "|"):
			isInside = false
		case cells[0] == "Key" && cells[1] == title:
			isInside = true
		case isInside && !strings.HasPrefix(line, "|---"):
			row := keyRow{key: strings.Trim(cells[0], "`"), field: strings.Trim(cells[1], "`")}
			if len(cells) > 2 {
				row.initial = strings.Trim(cells[2], "`")
			}
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("docs/configuration.md has no table with a column %q", title)
	}
	return rows
}

// TestLifecycleIsDrawnAndTold compares the drawing of a request's life with the
// list below it: the same steps in the same order.
func TestLifecycleIsDrawnAndTold(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/lifecycle.md")
	var steps []string
	for _, line := range strings.Split(page, "\n") {
		if cells := strings.Split(strings.Trim(line, "| "), " | "); strings.HasPrefix(line, "| ") && len(cells) == 3 && cells[0] != "Step" {
			steps = append(steps, cells[0])
		}
	}
	drawing := read(t, "docs/lifecycle.svg")
	if len(steps) < 10 || !strings.Contains(drawing, "From top to bottom: "+strings.Join(steps, ", ")+".") {
		t.Errorf("docs/lifecycle.svg does not describe the steps %q", steps)
	}
	for _, step := range steps {
		if !strings.Contains(drawing, ">"+step+"</text>") {
			t.Errorf("docs/lifecycle.svg does not draw the step %s", step)
		}
	}
}
