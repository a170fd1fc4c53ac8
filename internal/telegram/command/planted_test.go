package command_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/race"
	"rollcall/internal/render"
	"rollcall/internal/rollcall"
	"rollcall/internal/rosterio"
	"rollcall/internal/telegram"
	"rollcall/internal/telegram/fakeapi"
	"rollcall/internal/translog"
)

// Planted ids are of a size that Telegram allows (52 bits) and begin alike, so that
// all of them are looked for at once, and none is met by chance.
const plantedFrom rollcall.UserID = 0x3D5C_A7E1_0000

const (
	plantedStep  = 61
	plantedCount = 1000
)

// A form is a way to write an id so that it can be read back without a key.
type form struct {
	name  string
	write func(id uint64) []byte
}

var forms = []form{
	{"in digits, as in text and JSON", func(id uint64) []byte { return strconv.AppendUint(nil, id, 10) }},
	{"in hexadecimal", func(id uint64) []byte { return strconv.AppendUint(nil, id, 16) }},
	{"in capital hexadecimal", func(id uint64) []byte { return fmt.Appendf(nil, "%X", id) }},
	{"in base 36, as in callback data", func(id uint64) []byte { return strconv.AppendUint(nil, id, 36) }},
	// Without the leading zeros: this is part of all 8 bytes, and what SQLite writes.
	{"big-endian", func(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id)[2:] }},
	{"little-endian", func(id uint64) []byte { return binary.LittleEndian.AppendUint64(nil, id)[:6] }},
	{"as a varint", func(id uint64) []byte { return binary.AppendUvarint(nil, id) }},
	{"as a signed varint", func(id uint64) []byte { return binary.AppendVarint(nil, int64(id)) }},
	{"as a varint of SQLite", sqliteVarint},
}

// sqliteVarint writes a number under 2^56 as SQLite writes a rowid: seven bits a
// byte, the highest first (SQLite database file format, section 1.6).
func sqliteVarint(n uint64) []byte {
	b := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		b = append(b, byte(n&0x7f)|0x80)
	}
	slices.Reverse(b)
	return b
}

// A detector finds planted ids.
type detector struct {
	name   string
	needle []byte // that all of them have in common…
	at     int    // …from this byte on
	length int
	ids    map[string]rollcall.UserID
}

// newDetectors makes one for each form.
func newDetectors(t testing.TB, ids []rollcall.UserID) (all []detector) {
	t.Helper()
	for _, f := range forms {
		first := f.write(uint64(ids[0]))
		head, tail := len(first), len(first)
		d := detector{name: f.name, length: len(first), ids: map[string]rollcall.UserID{}}
		for _, id := range ids {
			b := f.write(uint64(id))
			if len(b) != len(first) {
				t.Fatalf("%s: the ids differ in length", f.name)
			}
			for head > 0 && !bytes.Equal(b[:head], first[:head]) {
				head--
			}
			for tail > 0 && !bytes.Equal(b[len(b)-tail:], first[len(b)-tail:]) {
				tail--
			}
			d.ids[string(b)] = id
		}
		if d.needle = first[:head]; tail > head {
			d.needle, d.at = first[len(first)-tail:], len(first)-tail
		}
		if len(d.needle) < 3 || len(d.ids) != len(ids) {
			t.Fatalf("%s: %d bytes are common to %d ids", f.name, len(d.needle), len(d.ids))
		}
		all = append(all, d)
	}
	return all
}

// found lists the planted ids in the data, each once with its form.
func found(in []byte, all []detector) (list []string) {
	for _, d := range all {
		seen := map[rollcall.UserID]bool{}
		for from := 0; ; {
			i := bytes.Index(in[from:], d.needle)
			if i < 0 {
				break
			}
			i += from
			from = i + 1
			if i < d.at || i-d.at+d.length > len(in) {
				continue
			}
			if id, ok := d.ids[string(in[i-d.at:i-d.at+d.length])]; ok && !seen[id] {
				seen[id] = true
				list = append(list, fmt.Sprintf("%d %s", id, d.name))
			}
		}
	}
	return list
}

// What somebody holds who has the published log and the database, and not the
// secret file.
type holdings struct {
	slug        string
	text        [32]byte              // SHA-256 of petition.json
	commitments map[[32]byte]bool     // of signatures, in the log and those that wait for it
	values      map[translog.Salt]int // every stretch of 32 bytes of the short values in the database
}

// hold reads a published log and a copy of the database.
func hold(t testing.TB, slug, bundle, database string) (h holdings) {
	t.Helper()
	h = holdings{slug: slug, text: sha256.Sum256(read(t, filepath.Join(bundle, translog.PetitionFile))),
		commitments: map[[32]byte]bool{}, values: map[translog.Salt]int{{}: 1}}
	for line := range bytes.Lines(read(t, filepath.Join(bundle, translog.LeavesFile))) {
		leaf, err := translog.ParseLeaf(bytes.TrimSuffix(line, []byte("\n")))
		if err != nil {
			t.Fatal(err)
		}
		if leaf.Kind == translog.Sign {
			h.commitments[leaf.Commitment] = true
		}
	}
	db, err := sql.Open("sqlite", database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	waiting := 0
	each(t, db, `SELECT commitment FROM signatures WHERE commitment IS NOT NULL`, func(v []byte) {
		waiting++
		h.commitments[[32]byte(v)] = true
	})
	if waiting == 0 || len(h.commitments) == waiting {
		t.Errorf("%d of %d signatures wait, want some of each kind", waiting, len(h.commitments))
	}
	var columns []string
	each(t, db, `SELECT printf('SELECT "%w" FROM "%w" WHERE typeof("%w") = ''blob'' AND length("%w") BETWEEN 32 AND 128', c.name, t.name, c.name, c.name)
		FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`, func(v []byte) { columns = append(columns, string(v)) })
	for _, query := range columns {
		each(t, db, query, func(v []byte) {
			for ; len(v) >= 32; v = v[1:] {
				h.values[translog.Salt(v[:32])]++
			}
		})
	}
	return h
}

func each(t testing.TB, db *sql.DB, query string, do func([]byte)) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v []byte
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		do(v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// tried returns the ids that are found by trying each against each commitment, with
// all that is held in the place of the salt and with what else is given; and against
// all that is held as a bare hash of the id.
func (h holdings) tried(ids []rollcall.UserID, opened ...translog.Salt) (list []rollcall.UserID) {
	salts := slices.AppendSeq(opened, maps.Keys(h.values))
	for _, id := range ids {
		hit := slices.ContainsFunc(salts, func(s translog.Salt) bool { return h.commitments[translog.Commitment(h.slug, h.text, id, s)] })
		plain := [][]byte{binary.BigEndian.AppendUint64(nil, uint64(id)), binary.LittleEndian.AppendUint64(nil, uint64(id))}
		for _, f := range forms {
			plain = append(plain, f.write(uint64(id)))
		}
		for _, b := range plain {
			sum := sha256.Sum256(b)
			hit = hit || h.commitments[sum] || h.values[sum] > 0
		}
		if hit {
			list = append(list, id)
		}
	}
	return list
}

// A thousand accounts use the bot in every way but a keeper's. Whoever then holds
// the database, its WAL, a copy, an export, the published log and the program's log,
// and not the secret file, cannot read the id of one of them, nor find it by trying
// them all against what the petition's log says of its signatures.
func TestNoneOfAThousandIdsIsInTheClear(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *settings) { s.Limits.PerDay = 2 })
	h.open(petition("register", nil))
	_, _ = h.news()
	defer h.reading()() // what was written stays in the WAL
	ids := make([]rollcall.UserID, plantedCount)
	people := make([]*person, plantedCount)
	for i := range ids {
		ids[i] = plantedFrom + rollcall.UserID(i*plantedStep)
		people[i] = h.user("Planted", ids[i], string(rollcall.Languages[i%len(rollcall.Languages)]))
	}
	foreign := telegram.BoundCallbackData(h.keys, ids[0], "watch", strconv.FormatInt(int64(h.find("EX-001")), 36))

	say := func(text string) func(*person) error {
		return func(p *person) error { _, err := h.api.Send(p.id, p.chat, text); return err }
	}
	press := func(l render.Label) func(*person) error {
		return func(p *person) error { _, err := h.api.Press(p.id, p.chat, 0, p.label(l)); return err }
	}
	forge := func(data string) func(*person) error {
		return func(p *person) error { _, err := h.api.Forge(p.id, p.chat, p.newest(), data); return err }
	}
	sayID := func(p *person) error { return say(fmt.Sprintf("/find Прикладенко %d", p.id))(p) }
	sendID := func(p *person) error {
		_, err := h.api.SendDocument(p.id, p.chat, fmt.Sprintf("%d.csv", p.id), fmt.Append(nil, p.id), fmt.Sprint(p.id))
		return err
	}
	block := func(p *person) error { _, err := h.api.Block(p.id); return err }
	ask, name := say("Прикладенко Марія"), say("Sampleton Alice")
	kinds := []struct {
		name  string
		acts  []func(*person) error
		every int // of how many accounts one does this; those about signatures take long
	}{
		{"signs", []func(*person) error{ask, say("/sign"), press(render.LabelAgreeAndSign)}, 40},
		{"withdraws", []func(*person) error{say("/sign"), press(render.LabelAgreeAndSign), say("/withdraw"), press(render.LabelYesWithdraw)}, 40},
		{"erases", []func(*person) error{ask, press(render.LabelWatch), say("/lang uk"), say("/erase"), func(p *person) error {
			_, err := h.api.Press(p.id, p.chat, 0, render.For(rollcall.Ukrainian).Label(render.LabelYesErase))
			return err
		}, ask}, 40},
		{"asks for its data", []func(*person) error{ask, press(render.LabelWatch), say("/privacy"), say("/mydata")}, 40},
		{"watches", []func(*person) error{ask, press(render.LabelWatch), say("/watches")}, 8},
		{"watches, then blocks the bot", []func(*person) error{ask, press(render.LabelWatch), block}, 8},
		{"meets the limit", []func(*person) error{ask, name, ask, name}, 8},
		{"sets a language", []func(*person) error{say("/lang ru"), forge("v1:lang:en:start")}, 8},
		{"presses another's buttons", []func(*person) error{ask, forge(foreign), forge("v1:sign:nothing"), forge("v0:old")}, 8},
		{"writes its own id", []func(*person) error{sayID, sendID, say("/nothing"), func(p *person) error { return say(fmt.Sprint(p.id))(p) }}, 8},
		{"asks", []func(*person) error{ask}, 1},
	}
	did := map[string]int{}
	kind := make([]string, plantedCount)
	scripts := make([][]func(*person) error, plantedCount)
	for i := range people {
		n := i
		for _, k := range kinds {
			if n%k.every == 0 {
				did[k.name]++
				kind[i], scripts[i] = k.name, k.acts
				break
			}
			n -= n/k.every + 1
		}
	}
	for _, k := range kinds {
		if did[k.name] < 10 {
			t.Errorf("%d accounts are of the kind that %s", did[k.name], k.name)
		}
	}
	for step, more := 0, true; more; step++ {
		more = false
		for i, acts := range scripts {
			if step >= len(acts) {
				continue
			}
			more = true
			if err := acts[step](people[i]); err != nil {
				t.Fatalf("account %d, step %d: %v", i, step, err)
			}
		}
		h.settle()
		h.sequence()
	}
	h.bring(context.Background(), false, newClaim("EX-001", "Another Bureau"))
	if _, err := h.news(); err != nil {
		t.Fatal(err)
	}
	h.settle()

	// What is looked through is what was to be there.
	stats, err := h.db.Stats(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if stats.Watches < 100 || stats.Deliveries["sent"] < 100 || stats.LookupsToday < plantedCount/2 || stats.Updates < 2*plantedCount {
		t.Errorf("the accounts left too little behind: %+v", stats)
	}
	if n := h.tally("register"); n.Signed < 40 || n.Withdrawn < 20 {
		t.Errorf("the petition has %+v", n)
	}
	// Two of the last who only ask sign at the end, and wait for the log.
	var signers, waiting []rollcall.UserID
	for i, p := range slices.Backward(people) {
		switch {
		case kind[i] == "signs":
			signers = append(signers, p.id)
		case kind[i] == "asks" && len(waiting) < 2:
			waiting = append(waiting, p.id)
			for _, act := range []func(*person) error{say("/sign"), press(render.LabelAgreeAndSign)} {
				if err := act(p); err != nil {
					t.Fatal(err)
				}
				h.settle()
			}
		}
	}
	signers = append(signers, waiting...)
	bundle, copyPath := h.publish("register"), copied(t, h.path)

	all := newDetectors(t, ids)
	searched := map[string][]byte{
		"the database": read(t, h.path), "its WAL": read(t, h.path+"-wal"), "a copy": read(t, copyPath),
		"an export": exported(t, h), "the log": []byte(h.log.String()),
	}
	files, err := os.ReadDir(bundle)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		searched["the published "+f.Name()] = read(t, filepath.Join(bundle, f.Name()))
	}
	if searched["the published "+translog.LeavesFile] == nil {
		t.Errorf("what is published is %v", files)
	}
	for what, content := range searched {
		if len(content) == 0 {
			t.Errorf("%s is empty: nothing is shown", what)
		}
		if list := found(content, all); len(list) > 0 {
			t.Errorf("%s holds %d ids in the clear, such as %s", what, len(list), list[0])
		}
	}

	held := hold(t, "register", bundle, copyPath)
	trial := ids
	if race.Enabled {
		trial = append(ids[:50:50], waiting...) // millions of hashes on one goroutine
	}
	t.Logf("%d ids are tried against %d commitments with %d values", len(trial), len(held.commitments), len(held.values))
	if list := held.tried(trial); len(list) > 0 {
		t.Errorf("%d ids are found by trying them, such as %d", len(list), list[0])
	}

	// The secret file opens the salts, with which the same trial finds each signer,
	// and nobody else. They are nowhere in the clear.
	t.Run("with the salts opened the signers are found", func(t *testing.T) {
		var salts []translog.Salt
		for _, id := range signers {
			tag, err := h.keys.SignerTag(context.Background(), "register", id)
			if err != nil {
				t.Fatal(err)
			}
			mine, err := h.db.SignatureLeaf(context.Background(), "register", tag)
			if err != nil {
				t.Fatal(err)
			}
			if (mine.Index == 0) != slices.Contains(waiting, id) {
				t.Errorf("the signature of %d has leaf %d", id, mine.Index)
			}
			salts = append(salts, mine.Salt)
			for what, content := range searched {
				for _, written := range [][]byte{mine.Salt[:], hex.AppendEncode(nil, mine.Salt[:]), base64.StdEncoding.AppendEncode(nil, mine.Salt[:])} {
					if bytes.Contains(content, written) {
						t.Errorf("%s holds a salt in the clear", what)
					}
				}
			}
		}
		alone := held
		alone.values = nil
		if diff := cmp.Diff(alone.tried(ids, salts...), slices.Sorted(slices.Values(signers))); diff != "" {
			t.Errorf("found (-got +want):\n%s", diff)
		}
		if got := alone.tried(ids, salts[0]); !slices.Equal(got, signers[:1]) {
			t.Errorf("one salt finds %d, want its own account", got)
		}
	})
	t.Run("a salt or a bare hash that is kept is found", func(t *testing.T) {
		tag, err := h.keys.SignerTag(context.Background(), "register", signers[0])
		if err != nil {
			t.Fatal(err)
		}
		mine, err := h.db.SignatureLeaf(context.Background(), "register", tag)
		if err != nil {
			t.Fatal(err)
		}
		some := append(slices.Clone(ids[610:625]), signers[0])
		bare := sha256.Sum256(strconv.AppendUint(nil, uint64(ids[617]), 10))
		for what, plant := range map[string]struct {
			value []byte
			want  rollcall.UserID
		}{
			"a salt": {mine.Salt[:], signers[0]}, "a salt within a value": {slices.Concat([]byte("v1"), mine.Salt[:], []byte("end")), signers[0]}, "a hash": {bare[:], ids[617]},
		} {
			path := copied(t, h.path)
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = db.Exec(`INSERT INTO meta (key, value) VALUES ('x', ?)`, plant.value)
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			if got := hold(t, "register", bundle, path).tried(some); !slices.Equal(got, []rollcall.UserID{plant.want}) {
				t.Errorf("planted as %s, what is found is %d", what, got)
			}
		}
	})

	t.Run("one that is planted is found", func(t *testing.T) {
		id := ids[617]
		for what, plant := range map[string]struct {
			query string
			value any
		}{
			"a number":           {`INSERT INTO migrated_chats (old_id, new_id) VALUES (-1, ?)`, int64(id)},
			"a key":              {`INSERT INTO migrated_chats (old_id, new_id) VALUES (?, -1)`, int64(id)},
			"a text":             {`INSERT INTO rounds (title, created_at) VALUES (?, 0)`, fmt.Sprintf("by %d", id)},
			"JSON":               {`INSERT INTO posts (html, buttons, created_at) VALUES ('', ?, 0)`, fmt.Sprintf(`{"chat":%d}`, id)},
			"8 bytes":            {`INSERT INTO meta (key, value) VALUES ('x', ?)`, binary.BigEndian.AppendUint64(nil, uint64(id))},
			"8 bytes, reversed":  {`INSERT INTO meta (key, value) VALUES ('x', ?)`, binary.LittleEndian.AppendUint64(nil, uint64(id))},
			"a varint":           {`INSERT INTO meta (key, value) VALUES ('x', ?)`, binary.AppendUvarint(nil, uint64(id))},
			"a signed varint":    {`INSERT INTO meta (key, value) VALUES ('x', ?)`, binary.AppendVarint(nil, int64(id))},
			"a text of base 36":  {`INSERT INTO rounds (title, created_at) VALUES (?, 0)`, strconv.FormatInt(int64(id), 36)},
			"a hexadecimal text": {`INSERT INTO rounds (title, created_at) VALUES (?, 0)`, strconv.FormatInt(int64(id), 16)},
		} {
			path := copied(t, h.path)
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = db.Exec(plant.query, plant.value)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if list := found(read(t, path), all); len(list) == 0 || !bytes.HasPrefix([]byte(list[0]), fmt.Append(nil, id)) {
				t.Errorf("planted as %s, what is found is %q", what, list)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("handled", "user", id)
		if list := found(log.Bytes(), all); len(list) != 1 {
			t.Errorf("planted in a log, what is found is %q", list)
		}
	})
}

// reading keeps a read transaction open, as a long reader does: the WAL is not
// emptied, and so holds every page that is written meanwhile, until it is ended.
func (h *harness) reading() (end func()) {
	h.t.Helper()
	db, err := sql.Open("sqlite", h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		h.t.Fatal(err)
	}
	var n int
	if err := tx.QueryRow(`SELECT count(*) FROM peers`).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), db.Close()); err != nil {
			h.t.Error(err)
		}
	}
}

// publish writes a petition's public log, as `rollcall petition publish` does.
func (h *harness) publish(slug string) (dir string) {
	h.t.Helper()
	ctx := context.Background()
	p, err := h.db.Petition(ctx, slug)
	if err != nil {
		h.t.Fatal(err)
	}
	head, err := h.db.LogHead(ctx, slug)
	if err != nil {
		h.t.Fatal(err)
	}
	dir, size := filepath.Join(h.t.TempDir(), "bundle"), head.Checkpoint.Size
	if _, err := translog.Write(ctx, dir, translog.Bundle{Petition: p.CanonicalJSON(), Key: head.Key,
		Leaves: h.db.Leaves(ctx, slug, size), Checkpoints: h.db.Checkpoints(ctx, slug, size)}); err != nil {
		h.t.Fatal(err)
	}
	return dir
}

// exported is the roster as `rollcall export` writes it.
func exported(t testing.TB, h *harness) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, f := range []rosterio.Format{rosterio.CSV, rosterio.JSONL} {
		w, err := rosterio.NewWriter(&b, f)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.db.Export(context.Background(), w.Write); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// copied makes a copy of a database, as an operator does.
func copied(t testing.TB, path string) string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	to := filepath.Join(t.TempDir(), "copy.db")
	if _, err := db.Exec(`VACUUM INTO ?`, to); err != nil {
		t.Fatal(err)
	}
	return to
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// After /erase, nothing that stood for the account is in the database or, soon, in
// its WAL, while the bot runs on.
func TestAfterEraseTheFilesHoldNothingOfTheAccount(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.open(petition("register", nil))
	p, other := h.user("Ann", familyID, "en"), h.user("Bob", strangerID, "en")
	for _, q := range []*person{p, other} {
		q.say("Прикладенко Марія").press("Watch")
		q.say("/lang uk")
		q.say("/sign").act("(agrees)", func() (fakeapi.Sent, error) {
			return h.api.Press(q.id, q.chat, 0, render.For(rollcall.Ukrainian).Label(render.LabelAgreeAndSign))
		})
	}
	marks := func(q *person) map[string][]byte {
		peer := h.keys.PeerTag(q.id)
		signer, err := h.keys.SignerTag(context.Background(), "register", q.id)
		if err != nil {
			t.Fatal(err)
		}
		shown := h.keys.LookupShown(noon.Unix()/int64(7*24*time.Hour/time.Second), q.id, h.find("EX-001"))
		db, err := sql.Open("sqlite", h.path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var sealed, salt []byte
		if err := db.QueryRow(`SELECT sealed_id, (SELECT sealed_salt FROM signatures WHERE signer_tag = ?) FROM peers WHERE tag = ?`, signer[:], peer[:]).Scan(&sealed, &salt); err != nil {
			t.Fatal(err)
		}
		return map[string][]byte{"the peer's tag": peer[:], "the sealed id": sealed, "the signature's tag": signer[:], "its salt": salt,
			"the mark of whom it was shown": shown[:]}
	}
	gone, stays := marks(p), marks(other)
	both := func() []byte { return append(read(t, h.path), read(t, h.path+"-wal")...) }
	for what, b := range gone {
		if !bytes.Contains(both(), b) {
			t.Fatalf("%s is not there before: nothing is shown", what)
		}
	}
	p.say("/erase").act("(erases)", func() (fakeapi.Sent, error) {
		return h.api.Press(p.id, p.chat, 0, render.For(rollcall.Ukrainian).Label(render.LabelYesErase))
	})
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for began := time.Now(); len(read(t, h.path+"-wal")) > 0; <-look.C {
		if time.Since(began) > patience {
			t.Fatal("the WAL is not emptied")
		}
	}
	after := both()
	for what, b := range gone {
		if bytes.Contains(after, b) {
			t.Errorf("%s is left", what)
		}
	}
	for what, b := range stays {
		if !bytes.Contains(after, b) {
			t.Errorf("of the other account, %s is gone", what)
		}
	}
}
