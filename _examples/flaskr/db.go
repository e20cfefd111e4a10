package flaskr

import (
	"database/sql"
	_ "embed"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

//go:embed schema.sql
var schema string

// openDB opens the file of the database, and makes its folder. A second process may
// write to the same file, so a lock is waited for.
func openDB(path string) (*sql.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: "_pragma=busy_timeout(5000)"}
	return sql.Open("sqlite", file.String())
}

// InitDB drops the tables, with all that is in them, and makes new ones.
func (b *Blog) InitDB() error {
	if _, err := b.DB.Exec(schema); err != nil {
		return fmt.Errorf("the database %v cannot be initialized: %w", b.Config.Get("DATABASE"), err)
	}
	return nil
}
