package flask

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"github.com/decant-go/decant"
	"github.com/decant-go/decant/serversession"
	"github.com/decant-go/decant/serversession/flasksession"
)

// postgresProgram finds a program in the path, or where Debian puts it.
func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		t.Fatalf("there is no %s; run peers.sh", name)
	}
	return found[len(found)-1]
}

// startPostgres starts a PostgreSQL of the test's own. It refuses to run as
// root, so that it runs as its own user then.
func startPostgres(t *testing.T) *sql.DB {
	t.Helper()
	folder, err := os.MkdirTemp("", "postgres")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	attributes := new(syscall.SysProcAttr)
	if os.Getuid() == 0 {
		owner, err := user.Lookup("postgres")
		must(t, err)
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		must(t, os.Chown(folder, uid, gid))
		attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	data := filepath.Join(folder, "data")
	initialize := exec.Command(postgresProgram(t, "initdb"), "-D", data, "-U", "postgres", "-A", "trust")
	initialize.SysProcAttr, initialize.Dir = attributes, folder
	if output, err := initialize.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	port := freePort(t)
	server := exec.Command(postgresProgram(t, "postgres"), "-D", data, "-k", folder, "-p", fmt.Sprint(port), "-c", "listen_addresses=127.0.0.1")
	server.SysProcAttr, server.Dir = attributes, folder
	must(t, server.Start())
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGINT)
		server.Wait() // its status is that of a program that was told to stop
	})
	db, err := sql.Open("pgx", fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port))
	must(t, err)
	t.Cleanup(func() { db.Close() })
	for deadline := time.Now().Add(patience); db.Ping() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("PostgreSQL does not answer: %v", db.Ping())
		}
	}
	return db
}

// The tables as Flask-Session makes them: the first by SQLAlchemy, the second
// by itself.
const (
	alchemyTable = `CREATE TABLE sessions (id SERIAL NOT NULL, session_id VARCHAR(255), data BYTEA,
		expiry TIMESTAMP WITHOUT TIME ZONE, PRIMARY KEY (id), UNIQUE (session_id))`
	postgresTable = `CREATE TABLE flask_sessions (session_id VARCHAR(255) NOT NULL PRIMARY KEY,
		created TIMESTAMP WITHOUT TIME ZONE DEFAULT (NOW() AT TIME ZONE 'utc'), data BYTEA, expiry TIMESTAMP WITHOUT TIME ZONE)`
)

func TestSessionsInPostgreSQL(t *testing.T) {
	db := startPostgres(t)
	for table, c := range map[string]struct {
		create string
		store  *flasksession.SQLStore
	}{
		"sessions":       {alchemyTable, flasksession.NewSQLAlchemy(db, flasksession.PostgreSQL, "sessions")},
		"flask_sessions": {postgresTable, flasksession.NewPostgreSQL(db, "public.flask_sessions")},
	} {
		_, err := db.Exec(c.create)
		must(t, err)
		mustKeepSessions(t, c.store)
		must(t, c.store.Commit("old", []byte("{}"), time.Now().Add(-time.Minute)))
		if _, found, err := c.store.Find("old"); found || err != nil {
			t.Errorf("%s: a session that has ended is found: %v", table, err)
		}
		must(t, c.store.DeleteExpired(t.Context()))
		var left int
		must(t, db.QueryRow("SELECT count(*) FROM "+table).Scan(&left))
		if left != 1 {
			t.Errorf("%s: %d rows are left, want that of one session", table, left)
		}
	}
}

// mustKeepSessions leaves one session in the store.
func mustKeepSessions(t *testing.T, store serversession.Store) {
	t.Helper()
	app := decant.New("sessions")
	flasksession.New(store).Init(app)
	app.Get("/set/<user>", func(c *decant.Context) (any, error) {
		c.Session.Set("user", c.Param("user"))
		return "", nil
	}, decant.Endpoint("set"))
	app.Get("/", func(c *decant.Context) (any, error) { return c.Session.String("user"), nil }, decant.Endpoint("index"))
	server := httptest.NewServer(app)
	defer server.Close()
	visitor := newShopper(t, "visitor")
	for _, name := range []string{"ann", "bob"} {
		visitor.mustReceive(t, server.URL+"/set/"+name, "")
		visitor.mustReceive(t, server.URL+"/", name)
	}
}

func (s *shopper) mustReceive(t *testing.T, address, want string) {
	t.Helper()
	response, err := s.client.Get(address)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode != http.StatusOK || string(body) != want {
		t.Errorf("%s gives %d %q, want %q", address, response.StatusCode, body, want)
	}
}
