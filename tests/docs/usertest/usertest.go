// Package usertest tests the applications that show a user of a database.
package usertest

import (
	"database/sql"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/tests/docs/sqlite"
)

// Test asks an application for a user who is in the database, and for one who is not.
func Test(t *testing.T, newApp func(db *sql.DB) *decant.App) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "users.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("INSERT INTO user (username) VALUES ('ann')"); err != nil {
		t.Fatal(err)
	}
	app := newApp(db)
	for path, want := range map[string]string{"/users/ann": `"username":"ann"`, "/users/bob": "404 Not Found"} {
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}
