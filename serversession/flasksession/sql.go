package flasksession

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// SQLStore keeps sessions in a table of Flask-Session, for [New]. Make one with
// [NewSQLAlchemy] or [NewPostgreSQL]. Its methods may be called by several
// goroutines at once. The table is the Python side's: the store neither makes
// nor changes it.
type SQLStore struct {
	db *sql.DB

	find, update, insert, delete, deleteExpired string

	// now and until are the arguments for a moment; expiry is one of Commit.
	now   func() []any
	until func(expiry time.Time) any
}

// Dialect is the kind of database, as far as statements differ.
type Dialect int

const (
	// SQLite writes parameters as "?", and dates as text.
	SQLite Dialect = iota
	// PostgreSQL writes parameters as "$1".
	PostgreSQL
)

// tableName is what can be written into a statement: a name, or a schema and a
// name.
var tableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

func checkTable(constructor, table string) {
	if !tableName.MatchString(table) {
		panic(fmt.Sprintf("decant: flasksession.%s: %q is not the name of a table; write one such as \"sessions\" or \"web.sessions\"", constructor, table))
	}
}

// NewSQLAlchemy returns the store of SESSION_TYPE "sqlalchemy". The table is
// "sessions", or the one that the setting SESSION_SQLALCHEMY_TABLE names. It
// panics for a name that cannot be one.
func NewSQLAlchemy(db *sql.DB, dialect Dialect, table string) *SQLStore {
	checkTable("NewSQLAlchemy", table)
	statement := func(text string) string {
		text = strings.ReplaceAll(text, "TABLE", table)
		if dialect == SQLite {
			return text
		}
		for i := 1; strings.Contains(text, "?"); i++ {
			text = strings.Replace(text, "?", fmt.Sprintf("$%d", i), 1)
		}
		return text
	}
	return &SQLStore{
		db:            db,
		find:          statement("SELECT data FROM TABLE WHERE session_id = ? AND expiry > ?"),
		update:        statement("UPDATE TABLE SET data = ?, expiry = ? WHERE session_id = ?"),
		insert:        statement("INSERT INTO TABLE (data, expiry, session_id) VALUES (?, ?, ?)"),
		delete:        statement("DELETE FROM TABLE WHERE session_id = ?"),
		deleteExpired: statement("DELETE FROM TABLE WHERE expiry <= ?"),
		now:           func() []any { return []any{alchemyTime(time.Now())} },
		until:         func(expiry time.Time) any { return alchemyTime(expiry) },
	}
}

// alchemyTime is a naive UTC datetime as SQLAlchemy writes it. As text it is
// compared in the right order, too.
func alchemyTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }

// NewPostgreSQL returns the store of SESSION_TYPE "postgresql". The table is
// "flask_sessions", or the one that the setting SESSION_POSTGRESQL_TABLE names,
// with its schema in front where that is not the connection's. Both sides must
// connect with the same time zone, as they do unless one of them sets it,
// because Flask-Session keeps local dates. It panics for a name that cannot be
// one.
func NewPostgreSQL(db *sql.DB, table string) *SQLStore {
	checkTable("NewPostgreSQL", table)
	statement := func(text string) string { return strings.ReplaceAll(text, "TABLE", table) }
	const expiry = "NOW() + $2::double precision * INTERVAL '1 second'"
	return &SQLStore{
		db:            db,
		find:          statement("SELECT data FROM TABLE WHERE session_id = $1 AND expiry >= NOW()"),
		update:        statement("UPDATE TABLE SET data = $1, expiry = " + expiry + " WHERE session_id = $3"),
		insert:        statement("INSERT INTO TABLE (data, expiry, session_id) VALUES ($1, " + expiry + ", $3)"),
		delete:        statement("DELETE FROM TABLE WHERE session_id = $1"),
		deleteExpired: statement("DELETE FROM TABLE WHERE expiry < NOW()"),
		now:           func() []any { return nil },
		until:         func(expiry time.Time) any { return time.Until(expiry).Seconds() },
	}
}

// FindCtx returns what is kept under a key, unless it has expired.
func (s *SQLStore) FindCtx(ctx context.Context, key string) (data []byte, found bool, err error) {
	err = s.db.QueryRowContext(ctx, s.find, append([]any{key}, s.now()...)...).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx keeps data under a key until the expiry, in place of what was
// there.
func (s *SQLStore) CommitCtx(ctx context.Context, key string, data []byte, expiry time.Time) error {
	arguments := []any{data, s.until(expiry), key}
	if there, err := s.exec(ctx, s.update, arguments...); there || err != nil {
		return err
	}
	_, failure := s.exec(ctx, s.insert, arguments...)
	if failure == nil {
		return nil
	}
	// A request beside this one may have inserted it meanwhile.
	if _, found, err := s.FindCtx(ctx, key); err != nil || !found {
		return failure
	}
	_, err := s.exec(ctx, s.update, arguments...)
	return err
}

// DeleteCtx removes what is kept under a key, if anything is.
func (s *SQLStore) DeleteCtx(ctx context.Context, key string) error {
	_, err := s.exec(ctx, s.delete, key)
	return err
}

// DeleteExpired removes the sessions that have ended. Nothing else does: call it
// now and then, or let the Python side do it. It mirrors "flask
// session_cleanup".
func (s *SQLStore) DeleteExpired(ctx context.Context) error {
	_, err := s.exec(ctx, s.deleteExpired, s.now()...)
	return err
}

// exec reports whether the statement changed anything.
func (s *SQLStore) exec(ctx context.Context, statement string, arguments ...any) (changed bool, err error) {
	result, err := s.db.ExecContext(ctx, statement, arguments...)
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// Find is FindCtx without a deadline.
func (s *SQLStore) Find(key string) (data []byte, found bool, err error) {
	return s.FindCtx(context.Background(), key)
}

// Commit is CommitCtx without a deadline.
func (s *SQLStore) Commit(key string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), key, data, expiry)
}

// Delete is DeleteCtx without a deadline.
func (s *SQLStore) Delete(key string) error { return s.DeleteCtx(context.Background(), key) }
