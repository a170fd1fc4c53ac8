// Package store keeps everything in one SQLite file, and is the only package
// with SQL.
//
// There is one writer connection and a small pool of readers. All writing goes
// through [DB.Update], which hands the work to one goroutine: whatever waits
// there is committed together, each piece under its own savepoint, so that many
// small updates share one fsync and a failing one undoes only itself. Update
// returns after the commit; what it reported is then on the disk (WAL with
// synchronous FULL).
//
// Several processes may have the file open, such as an import beside a running
// bot. SQLite lets one of them write at a time, so every transaction here is
// short; an import writes thousands of short ones and publishes by one.
//
// Times are INTEGER Unix seconds, converted here and nowhere else.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"rollcall/internal/names"
	"rollcall/internal/rollcall"
	"rollcall/internal/secret"
)

// busyTimeout is how long a transaction waits for another process to finish
// its own.
const busyTimeout = 20 * time.Second

// openPause is left between two attempts at opening a busy file.
const openPause = 10 * time.Millisecond

// maxGroup is how many pieces of work may share one commit.
const maxGroup = 256

// readers is the size of the pool of read connections.
const readers = 4

// Options say how a database is opened.
type Options struct {
	// Now is the clock; time.Now where nil.
	Now func() time.Time
	// Keys must be those that the database was made with. Where nil, the
	// database can still be read and written, but nothing that stands for an
	// account can be made; the shell verbs that need none open it so.
	Keys *secret.Keys
	// Index says what the search index holds of an entry; names.Index where nil.
	Index func(fullName string, altNames []string) names.Entry
	// Origin begins the names of the logs of petitions that are opened;
	// [DefaultOrigin] where empty. One that is open keeps its own.
	Origin string
	// HoldAbove is how many signatures a minute a petition gets at any rate before
	// some are held; 0 holds none. See burst.go.
	HoldAbove float64
}

// A DB is an open database. It is safe for concurrent use.
type DB struct {
	path  string
	now   func() time.Time
	keys  *secret.Keys
	index func(fullName string, altNames []string) names.Entry

	origin    string
	holdAbove float64

	read  *sql.DB
	write *sql.DB
	conn  *sql.Conn // the one writer; used by the writing goroutine only

	work   chan *job
	nudge  chan struct{} // says that unhurried work waits
	closed chan struct{} // closed by Close: no new work is taken
	done   chan struct{} // closed when the writing goroutine has ended
	once   sync.Once

	soonMu sync.Mutex
	soon   []*job // unhurried work, for the next commit

	truncation truncation // the writing goroutine's own

	looking *glance // nil where the database is open for writing, too

	languages languages // of accounts, as asked for
	segments  liveSegments
	size      rosterSize
	counting  sync.Mutex // held while people are counted to be kept

	stmtsMu sync.Mutex
	stmts   map[string]*sql.Stmt // prepared on the read pool
	wstmts  map[string]*sql.Stmt // prepared on conn; the writing goroutine's own
}

type job struct {
	ctx   context.Context
	fn    func(*Tx) error
	after []func() // once it is committed
	err   error
	done  chan struct{} // nil for unhurried work
}

// ErrWrongSecret is returned by [Open] when the secret file is not the one that
// the database was made with: tags would match nobody.
var ErrWrongSecret = errors.New("the secret file does not belong to this database: put back the one that was beside it")

// ErrClosed is returned by [DB.Update] after [DB.Close].
var ErrClosed = errors.New("the database is closed")

// Open opens the file, makes it where there is none (mode 0600), and brings its
// schema up to date. Returns [ErrNewer] for a database of a later release and
// [ErrWrongSecret] for the wrong keys.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Index == nil {
		o.Index = names.Index
	}
	if strings.Contains(path, ":memory:") {
		return nil, errors.New("open the database: a file is needed, since several connections share it")
	}
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if o.Origin == "" {
		o.Origin = DefaultOrigin
	}
	db := &DB{path: path, now: o.Now, keys: o.Keys, index: o.Index, origin: o.Origin, holdAbove: o.HoldAbove,
		work: make(chan *job), nudge: make(chan struct{}, 1), closed: make(chan struct{}), done: make(chan struct{}),
		stmts: map[string]*sql.Stmt{}, wstmts: map[string]*sql.Stmt{}}
	var err error
	if db.write, err = sql.Open("sqlite", dsn(path, "_pragma=cache_size(-16000)&_pragma=wal_autocheckpoint(4000)&_txlock=immediate")); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db.write.SetMaxOpenConns(1)
	if db.read, err = sql.Open("sqlite", dsn(path, "_pragma=cache_size(-8000)&_pragma=query_only(1)")); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db.read.SetMaxOpenConns(readers)
	db.read.SetMaxIdleConns(readers)
	if leftWAL(path) {
		db.truncation.want()
	}
	// While other processes make the file, or the last of them closes it, SQLite
	// may be busy without waiting.
	for began := time.Now(); ; pause(ctx, openPause) {
		err := db.start(ctx)
		if err == nil {
			break
		}
		if db.conn != nil {
			db.conn.Close()
		}
		if busy(err) && time.Since(began) < busyTimeout && ctx.Err() == nil {
			continue
		}
		db.read.Close()
		db.write.Close()
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	go db.run()
	return db, nil
}

// pragmas belong to a connection, so they stand in the DSN. They are read back
// after opening, since SQLite takes a misspelt one in silence.
var pragmas = [][2]string{
	{"busy_timeout", fmt.Sprint(busyTimeout.Milliseconds())}, // first: the next ones may have to wait
	{"journal_mode", "wal"},
	{"synchronous", "2"}, // FULL: what was answered "Recorded" survives a power cut
	{"foreign_keys", "1"},
	{"secure_delete", "1"}, // erased means overwritten
	{"temp_store", "2"},    // no temporary files beside the database
}

func dsn(path, more string) string {
	var q strings.Builder
	for _, p := range pragmas {
		fmt.Fprintf(&q, "_pragma=%s(%s)&", p[0], p[1])
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.String() + more
}

// touch makes the file with its mode before SQLite would, which gives the WAL
// the mode of the database, and refuses to make folders: a typo in the path
// should not start an empty roster elsewhere.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) && errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("the folder %s does not exist", filepath.Dir(path))
		}
		return err
	}
	return f.Close()
}

func (db *DB) start(ctx context.Context) error {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return mapError(err)
	}
	db.conn = conn
	for _, p := range pragmas {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+p[0]).Scan(&got); err != nil {
			return mapError(err)
		}
		if got != p[1] {
			return fmt.Errorf("PRAGMA %s is %s and should be %s", p[0], got, p[1])
		}
	}
	if err := migrate(ctx, conn); err != nil {
		return err
	}
	if err := db.checkSecret(ctx); err != nil {
		return err
	}
	// From here on [DB.begin] waits for other processes by itself.
	_, err = conn.ExecContext(ctx, "PRAGMA busy_timeout = 0")
	return mapError(err)
}

// begin starts a transaction, waiting up to busyTimeout for another process.
// SQLite's own busy handler backs off to 100 ms between looks and can starve
// beside an import, which leaves the lock for a few milliseconds at a time.
func (db *DB) begin() error {
	const look = time.Millisecond
	var err error
	for range busyTimeout / look {
		_, err = db.prepared("BEGIN IMMEDIATE").ExecContext(context.Background())
		if err = mapError(err); rollcall.CodeOf(err) != rollcall.Unavailable {
			return err
		}
		time.Sleep(look)
	}
	return err
}

// checkSecret ties the database to the secret file that it is first opened
// with.
func (db *DB) checkSecret(ctx context.Context) error {
	if db.keys == nil {
		return nil
	}
	if _, err := db.conn.ExecContext(ctx, `INSERT INTO meta (key, value) VALUES ('secret_check', ?) ON CONFLICT DO NOTHING`, db.keys.Check()); err != nil {
		return mapError(err)
	}
	var got []byte
	if err := db.conn.QueryRowContext(ctx, `SELECT value FROM meta WHERE key = 'secret_check'`).Scan(&got); err != nil {
		return mapError(err)
	}
	if string(got) != string(db.keys.Check()) {
		return ErrWrongSecret
	}
	return nil
}

// Path returns the file's path as it was given.
func (db *DB) Path() string { return db.path }

// Close waits for the work that was taken and closes the file.
func (db *DB) Close() error {
	db.once.Do(func() { close(db.closed) })
	if db.looking == nil {
		<-db.done
	}
	db.stmtsMu.Lock()
	defer db.stmtsMu.Unlock()
	// A connection with an open statement is not closed by SQLite, and so the WAL
	// would be left behind.
	for _, stmts := range []map[string]*sql.Stmt{db.stmts, db.wstmts} {
		for _, s := range stmts {
			s.Close()
		}
		clear(stmts)
	}
	if db.looking != nil {
		return db.read.Close()
	}
	return errors.Join(db.read.Close(), db.conn.Close(), db.write.Close())
}

// A Tx is one piece of work within a commit. It is valid only within the
// function that it was given to.
type Tx struct {
	db    *DB
	ctx   context.Context
	after []func()
	// Now is the same instant for the whole piece of work, UTC, to the second.
	Now time.Time
}

// Update runs fn within a transaction and returns after the commit. When fn or
// the commit fails nothing of fn's remains, and its error is returned. fn must
// be quick: everybody else waits for it. It must not call Update.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	if db.looking != nil {
		return ErrReadOnly
	}
	j := &job{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case db.work <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closed:
		return ErrClosed
	}
	<-j.done
	return j.err
}

// soonAfter is how long unhurried work may wait for a commit to ride on.
const soonAfter = 20 * time.Millisecond

// Soon runs fn within the next commit, or within one of its own a little later,
// and does not wait for it. It is for notes that a crash may lose; a failure is
// lost too. What is handed over before [DB.Close] is committed by it.
func (db *DB) Soon(fn func(*Tx) error) {
	db.soonMu.Lock()
	defer db.soonMu.Unlock()
	db.soon = append(db.soon, &job{ctx: context.Background(), fn: fn})
	if len(db.soon) == 1 {
		time.AfterFunc(soonAfter, func() {
			select {
			case db.nudge <- struct{}{}:
			default:
			}
		})
	}
}

func (db *DB) takeSoon() []*job {
	db.soonMu.Lock()
	defer db.soonMu.Unlock()
	jobs := db.soon
	db.soon = nil
	return jobs
}

// run is the writing goroutine.
func (db *DB) run() {
	defer close(db.done)
	for {
		db.truncation.arm()
		select {
		case j := <-db.work:
			db.commit(j)
		case <-db.nudge:
			db.commit(nil)
		case <-db.truncation.due:
			db.truncate()
		case <-db.closed:
			db.commit(nil)
			db.truncate()
			return
		}
	}
}

// commit runs the unhurried work, first (which may be nil) and whatever else is
// waiting within one transaction.
func (db *DB) commit(first *job) {
	ctx := context.Background() // a commit that has begun is finished
	soon := db.takeSoon()
	if first == nil && len(soon) == 0 {
		return
	}
	group := make([]*job, 0, 8)
	fail := func(err error) {
		for _, j := range group {
			j.err = err
		}
	}
	defer func() {
		for _, j := range group {
			close(j.done)
		}
	}()
	if err := db.begin(); err != nil {
		if first != nil {
			group = append(group, first)
		}
		fail(err)
		return
	}
	whole := true
	for _, j := range soon {
		whole = whole && db.piece(j)
	}
	for j := first; j != nil; {
		group = append(group, j)
		whole = whole && db.piece(j)
		j = nil
		if whole && len(group) < maxGroup {
			select {
			case j = <-db.work:
			default:
			}
		}
	}
	if !whole {
		_, _ = db.prepared("ROLLBACK").ExecContext(ctx)
		for _, j := range group {
			if j.err == nil {
				j.err = errUndone
			}
		}
		return
	}
	if _, err := db.prepared("COMMIT").ExecContext(ctx); err != nil {
		_, _ = db.prepared("ROLLBACK").ExecContext(ctx)
		fail(mapError(err))
		return
	}
	for _, j := range append(soon, group...) {
		for _, fn := range j.after {
			fn()
		}
	}
}

// errUndone is what becomes of the others where SQLite has undone the whole
// transaction for the failure of one piece.
var errUndone = rollcall.E(rollcall.Unavailable, "the transaction was undone, as when the disk is full or failing")

// piece runs one job under its own savepoint. It returns false where the
// transaction is no more: SQLite undoes it by itself for some errors, such as a
// full disk, and what came after would be committed alone.
func (db *DB) piece(j *job) (whole bool) {
	if j.err = j.ctx.Err(); j.err != nil {
		return true
	}
	ctx := context.Background()
	if _, err := db.prepared("SAVEPOINT piece").ExecContext(ctx); err != nil {
		j.err = mapError(err)
		return false
	}
	tx := &Tx{db: db, ctx: ctx, Now: db.now().UTC().Truncate(time.Second)}
	if j.err = safely(func() error { return j.fn(tx) }); j.err == nil {
		j.after = tx.after
	} else if _, err := db.prepared("ROLLBACK TO piece").ExecContext(ctx); err != nil {
		return false
	}
	if _, err := db.prepared("RELEASE piece").ExecContext(ctx); err != nil {
		if j.err == nil {
			j.err = mapError(err)
		}
		return false
	}
	return true
}

// safely turns a panic into an error, so that one bad piece of work does not
// take the others with it.
func safely(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("in a transaction: %w", rollcall.Panicked(r))
		}
	}()
	return fn()
}

// prepared returns the writer's statement for the query, which stands in this
// package's source. It is called by the writing goroutine only.
func (db *DB) prepared(query string) *stmt {
	s, ok := db.wstmts[query]
	if !ok {
		var err error
		if s, err = db.conn.PrepareContext(context.Background(), query); err != nil {
			return &stmt{err: mapError(err)}
		}
		db.wstmts[query] = s
	}
	return &stmt{s: s}
}

// A stmt carries a failed preparation to the first use.
type stmt struct {
	s   *sql.Stmt
	err error
}

func (s *stmt) ExecContext(ctx context.Context, args ...any) (sql.Result, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.s.ExecContext(ctx, args...)
}

// exec runs a statement and returns the number of rows that it changed.
func (tx *Tx) exec(query string, args ...any) (int64, error) {
	r, err := tx.db.prepared(query).ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, mapError(err)
	}
	return r.RowsAffected()
}

// insert runs an INSERT and returns the new row's id.
func (tx *Tx) insert(query string, args ...any) (int64, error) {
	r, err := tx.db.prepared(query).ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, mapError(err)
	}
	return r.LastInsertId()
}

// row scans the one row that the query gives; errNoRow where there is none.
func (tx *Tx) row(query string, args []any, dest ...any) error {
	s := tx.db.prepared(query)
	if s.err != nil {
		return s.err
	}
	return mapError(s.s.QueryRowContext(tx.ctx, args...).Scan(dest...))
}

// each calls fn for each row of the query.
func (tx *Tx) each(query string, args []any, fn func(*sql.Rows) error) error {
	s := tx.db.prepared(query)
	if s.err != nil {
		return s.err
	}
	return scanEach(tx.ctx, s.s, args, fn)
}

// reader returns the read pool's statement for the query.
func (db *DB) reader(ctx context.Context, query string) (*sql.Stmt, error) {
	db.stmtsMu.Lock()
	defer db.stmtsMu.Unlock()
	s, ok := db.stmts[query]
	if !ok {
		var err error
		if s, err = db.read.PrepareContext(ctx, query); err != nil {
			return nil, mapError(err)
		}
		db.stmts[query] = s
	}
	return s, nil
}

func (db *DB) row(ctx context.Context, query string, args []any, dest ...any) error {
	s, err := db.reader(ctx, query)
	if err != nil {
		return err
	}
	return mapError(s.QueryRowContext(ctx, args...).Scan(dest...))
}

func (db *DB) each(ctx context.Context, query string, args []any, fn func(*sql.Rows) error) error {
	s, err := db.reader(ctx, query)
	if err != nil {
		return err
	}
	return scanEach(ctx, s, args, fn)
}

// eachOnce is each for a query that is not kept prepared.
func (db *DB) eachOnce(ctx context.Context, query string, args []any, fn func(*sql.Rows) error) error {
	rows, err := db.read.QueryContext(ctx, query, args...)
	return scanRows(rows, err, fn)
}

func scanEach(ctx context.Context, s *sql.Stmt, args []any, fn func(*sql.Rows) error) error {
	rows, err := s.QueryContext(ctx, args...)
	return scanRows(rows, err, fn)
}

func scanRows(rows *sql.Rows, err error, fn func(*sql.Rows) error) error {
	if err != nil {
		return mapError(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return mapError(rows.Err())
}

// today is the day by which expiry is judged: the UTC day of the clock.
func (db *DB) today() string { return db.now().UTC().Format(time.DateOnly) }

// instant turns stored seconds into a time.
func instant(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// Username returns the bot's username as Telegram last gave it, or "" before
// the bot has run. The shell makes deep links with it.
func (db *DB) Username(ctx context.Context) (string, error) {
	var name []byte
	err := db.row(ctx, `SELECT value FROM meta WHERE key = 'username'`, nil, &name)
	if rollcall.CodeOf(err) == rollcall.NotFound {
		return "", nil
	}
	return string(name), err
}

// SetUsername keeps the bot's username.
func (tx *Tx) SetUsername(name string) error {
	_, err := tx.exec(`INSERT INTO meta (key, value) VALUES ('username', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, []byte(name))
	return err
}
