package flasksession

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver of the tests
)

// alchemyTable is what Flask-Session makes SQLAlchemy create.
const alchemyTable = `CREATE TABLE sessions (
	id INTEGER NOT NULL, session_id VARCHAR(255), data BLOB, expiry DATETIME,
	PRIMARY KEY (id), UNIQUE (session_id))`

func openSQLite(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // each connection would have a database of its own
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(alchemyTable); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestTheTableOfSQLAlchemy(t *testing.T) {
	t.Parallel()
	db := openSQLite(t)
	store := NewSQLAlchemy(db, SQLite, "sessions")
	b := &browser{app: flowApp(store)}
	b.mustSee(t, "/", 200, "user=None")
	b.mustSee(t, "/login", 200, "ok")
	first := b.cookie
	b.mustSee(t, "/", 200, "user=ann")
	b.mustSee(t, "/untouched", 200, "hello")
	b.mustSee(t, "/regenerate", 200, "ok")
	(&browser{b.app, first}).mustSee(t, "/", 200, "user=None")

	var key, expiry string
	var data []byte
	if err := db.QueryRow("SELECT session_id, data, CAST(expiry AS TEXT) FROM sessions").Scan(&key, &data, &expiry); err != nil {
		t.Fatal(err)
	}
	if _, err := time.Parse("2006-01-02 15:04:05.000000", expiry); err != nil || key != "session:"+b.cookie {
		t.Errorf("the row of %q expires on %q, %v", key, expiry, err)
	}
	b.mustSee(t, "/clear", 200, "ok")
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func count(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRow("SELECT count(*) FROM sessions").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRowsThatHaveExpired(t *testing.T) {
	t.Parallel()
	db := openSQLite(t)
	store := NewSQLAlchemy(db, SQLite, "sessions")
	for key, expiry := range map[string]time.Time{"old": time.Now().Add(-time.Minute), "new": time.Now().Add(time.Hour)} {
		if err := store.Commit(key, []byte("{}"), expiry); err != nil {
			t.Fatal(err)
		}
		if _, found, err := store.Find(key); found != (key == "new") || err != nil {
			t.Errorf("%s: %v, %v", key, found, err)
		}
	}
	if err := store.Commit("old", []byte("{}"), time.Now().Add(-time.Second)); err != nil || count(t, db) != 2 {
		t.Errorf("written over: %v, %d rows", err, count(t, db))
	}
	if err := store.DeleteExpired(t.Context()); err != nil || count(t, db) != 1 {
		t.Errorf("after deleting: %v, %d rows", err, count(t, db))
	}
}

func TestATableThatIsNotThere(t *testing.T) {
	t.Parallel()
	b := &browser{app: flowApp(NewSQLAlchemy(openSQLite(t), SQLite, "other"))}
	b.mustSee(t, "/login", 503, "")
}

func TestStatementsOfEachDialect(t *testing.T) {
	t.Parallel()
	postgres := NewSQLAlchemy(nil, PostgreSQL, "web.sessions")
	if want := "UPDATE web.sessions SET data = $1, expiry = $2 WHERE session_id = $3"; postgres.update != want {
		t.Errorf("got %q, want %q", postgres.update, want)
	}
	for _, make := range []func(){
		func() { NewSQLAlchemy(nil, SQLite, "a; DROP TABLE b") },
		func() { NewPostgreSQL(nil, "") },
	} {
		func() {
			defer func() {
				if problem, _ := recover().(string); !strings.Contains(problem, "is not the name of a table") {
					t.Errorf("got %q", problem)
				}
			}()
			make()
		}()
	}
}
