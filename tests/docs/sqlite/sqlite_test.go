package sqlite

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

func TestUsers(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "users.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	app := NewApp(db)
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/users/ann", "", http.StatusNotFound},
		{"POST", "/users/", "username=ann", http.StatusFound},
		{"GET", "/users/ann", "", http.StatusOK},
		{"POST", "/users/", "", http.StatusBadRequest},
	} {
		r := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		app.ServeHTTP(w, r)
		if w.Code != test.status {
			t.Errorf("%s %s: %d %s", test.method, test.path, w.Code, w.Body)
		}
	}
}
