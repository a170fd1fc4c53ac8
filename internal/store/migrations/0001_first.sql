-- Times are INTEGER Unix seconds, UTC. Days are TEXT YYYY-MM-DD. Booleans are 0
-- or 1. No table has a column for a photo, an address, a place of detention,
-- health, a unit, a rank, a phone or a relative, and none holds a Telegram user id
-- in the clear; a test reads the schema for both.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,   -- 'secret_check': tells whether the secret file belongs here; 'copied_at', 'restored_at': 8 bytes, big-endian; 'restored_logs': a Fate
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The roster ---------------------------------------------------------------

-- One row. The version rises with every publication, in its transaction: what is
-- remembered of the index in memory holds for one version.
CREATE TABLE roster (
    version          INTEGER NOT NULL,
    segments_version INTEGER NOT NULL, -- rises with every change to the live segments of the search index
    withheld_version INTEGER NOT NULL DEFAULT 0, -- rises with every entry that a keeper withholds or shows
    queue_version    INTEGER NOT NULL DEFAULT 0  -- rises with every report, and with every entry that goes into review
) STRICT;
INSERT INTO roster (version, segments_version) VALUES (0, 0);

-- A batch is one import or one edit by a keeper. What it wrote is seen once it
-- is published; at most one is being staged at any time.
CREATE TABLE batches (
    id           INTEGER PRIMARY KEY,
    kind         TEXT NOT NULL CHECK (kind IN ('import', 'edit')),
    started_at   INTEGER NOT NULL,
    first_person INTEGER NOT NULL,  -- people made by this batch have at least this id
    published_at INTEGER,           -- NULL while staged
    version      INTEGER UNIQUE,    -- of the roster, as its publication made it; NULL while staged
    told         INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)), -- what its watchers are owed is in the ledger
    discarded_at INTEGER,           -- when what it wrote had been removed again
    shows        INTEGER,           -- the entry, in people, that this edit lets be shown again; NULL for any other batch
    CHECK ((published_at IS NULL) = (version IS NULL))
) STRICT;
CREATE INDEX batches_untold ON batches (id) WHERE told = 0 AND published_at IS NOT NULL;

CREATE TABLE people (
    id         INTEGER PRIMARY KEY,
    public_id  TEXT NOT NULL UNIQUE CHECK (length(public_id) BETWEEN 1 AND 40),
    full_name  TEXT NOT NULL CHECK (full_name <> ''),
    alt_names  TEXT NOT NULL,       -- parted by ';'
    birth_year INTEGER CHECK (birth_year BETWEEN 1900 AND 9999),
    absent     INTEGER NOT NULL DEFAULT 0 CHECK (absent IN (0, 1)), -- missing from the last full import
    withheld   TEXT CHECK (withheld IN ('hidden', 'review', 'takedown')), -- by a keeper
    batch_id   INTEGER NOT NULL REFERENCES batches (id)
) STRICT;

CREATE TRIGGER people_withheld AFTER UPDATE OF withheld ON people WHEN old.withheld IS NOT new.withheld
BEGIN
    UPDATE roster SET withheld_version = withheld_version + 1;
END;

-- One that a file brings counts with the publication.
CREATE TRIGGER people_into_review AFTER UPDATE OF withheld ON people WHEN new.withheld = 'review' AND old.withheld IS NOT 'review'
BEGIN
    UPDATE roster SET queue_version = queue_version + 1;
END;

-- Changes to entries that were there before, until they are folded in.
CREATE TABLE person_changes (
    person_id  INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    batch_id   INTEGER NOT NULL REFERENCES batches (id),
    full_name  TEXT NOT NULL CHECK (full_name <> ''),
    alt_names  TEXT NOT NULL,
    birth_year INTEGER CHECK (birth_year BETWEEN 1900 AND 9999),
    absent     INTEGER NOT NULL CHECK (absent IN (0, 1)),
    PRIMARY KEY (person_id, batch_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_changes_by_batch ON person_changes (batch_id);

CREATE TABLE sources (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> '')
) STRICT;

-- A claim is the statement itself: who said what of whom, and when. Its source
-- bears no REFERENCES, since SQLite would read all claims for each source that is
-- removed. That is done only where a batch is discarded, for sources without any.
CREATE TABLE claims (
    person_id   INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    source_id   INTEGER NOT NULL,   -- in sources
    status_date TEXT NOT NULL CHECK (status_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    status      TEXT NOT NULL CHECK (status IN ('missing', 'reported_held', 'confirmed_held', 'returned',
                                                'deceased', 'said_not_included', 'unknown')),
    source_url  TEXT NOT NULL,
    note        TEXT NOT NULL,      -- for keepers, never shown to the public
    expires     TEXT NOT NULL CHECK (expires GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'), -- last day shown
    batch_id    INTEGER NOT NULL REFERENCES batches (id),
    PRIMARY KEY (person_id, source_id, status_date, status)
) STRICT, WITHOUT ROWID;

-- Renewals of claims that were there before, until they are folded in.
CREATE TABLE claim_renewals (
    person_id   INTEGER NOT NULL,
    source_id   INTEGER NOT NULL,
    status_date TEXT NOT NULL,
    status      TEXT NOT NULL,
    batch_id    INTEGER NOT NULL REFERENCES batches (id),
    source_url  TEXT NOT NULL,
    note        TEXT NOT NULL,
    expires     TEXT NOT NULL,
    PRIMARY KEY (person_id, source_id, status_date, status, batch_id),
    FOREIGN KEY (person_id, source_id, status_date, status)
        REFERENCES claims (person_id, source_id, status_date, status) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_renewals_by_batch ON claim_renewals (batch_id);

-- The search index, in segments that are written at once and never changed; see
-- segment.go. A staged one belongs to a batch that is being staged, and a dead one
-- is being removed.
CREATE TABLE name_segments (
    id       INTEGER PRIMARY KEY,
    batch_id INTEGER NOT NULL,      -- that wrote it, or the last one merged into it
    kind     TEXT NOT NULL CHECK (kind IN ('people', 'words')),
    bits     INTEGER NOT NULL CHECK (bits BETWEEN 0 AND 20), -- of a key, that number its page
    state    TEXT NOT NULL CHECK (state IN ('staged', 'live', 'dead')),
    size     INTEGER NOT NULL DEFAULT 0 -- bytes of its pages
) STRICT;

CREATE TABLE name_pages (
    id   INTEGER PRIMARY KEY,       -- segment * 2^24 + number of the page
    page BLOB NOT NULL              -- see page.go
) STRICT;

-- Entries and claims as published: the base rows with the latest published
-- change or renewal laid over them.
CREATE VIEW published_people AS
SELECT p.id, p.public_id, p.withheld,
       coalesce(c.full_name, p.full_name) AS full_name,
       coalesce(c.alt_names, p.alt_names) AS alt_names,
       CASE WHEN c.person_id IS NULL THEN p.birth_year ELSE c.birth_year END AS birth_year,
       coalesce(c.absent, p.absent) AS absent
FROM people p
JOIN batches b ON b.id = p.batch_id AND b.published_at IS NOT NULL
LEFT JOIN person_changes c ON c.person_id = p.id AND c.batch_id = (
    SELECT max(x.batch_id) FROM person_changes x JOIN batches y ON y.id = x.batch_id AND y.published_at IS NOT NULL
    WHERE x.person_id = p.id);

CREATE VIEW published_claims AS
SELECT c.person_id, c.source_id, c.status_date, c.status,
       coalesce(r.source_url, c.source_url) AS source_url,
       coalesce(r.note, c.note) AS note,
       coalesce(r.expires, c.expires) AS expires
FROM claims c
JOIN batches b ON b.id = c.batch_id AND b.published_at IS NOT NULL
LEFT JOIN claim_renewals r ON r.person_id = c.person_id AND r.source_id = c.source_id
    AND r.status_date = c.status_date AND r.status = c.status AND r.batch_id = (
    SELECT max(x.batch_id) FROM claim_renewals x JOIN batches y ON y.id = x.batch_id AND y.published_at IS NOT NULL
    WHERE x.person_id = c.person_id AND x.source_id = c.source_id AND x.status_date = c.status_date AND x.status = c.status);

-- The figures of people by status, of one state of the roster on one day; at most
-- one row. It is what a count of the claims gives for that state, which a check
-- proves; for another it is not used.
CREATE TABLE status_figures (
    version          INTEGER NOT NULL, -- of the roster, both
    withheld_version INTEGER NOT NULL,
    day              TEXT NOT NULL,    -- by which expiry was judged
    figures          TEXT NOT NULL     -- JSON, see figures.go
) STRICT;

-- Exchange rounds ------------------------------------------------------------

CREATE TABLE rounds (
    id         INTEGER PRIMARY KEY,
    title      TEXT NOT NULL UNIQUE CHECK (title <> ''),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE round_figures (
    id          INTEGER PRIMARY KEY,
    round_id    INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    side        TEXT NOT NULL CHECK (side IN ('a', 'b')),
    stage       TEXT NOT NULL CHECK (stage IN ('proposed', 'agreed', 'carried_out', 'stalled', 'cancelled')),
    count       INTEGER NOT NULL CHECK (count >= 0),
    at_least    INTEGER NOT NULL CHECK (at_least IN (0, 1)),
    status_date TEXT NOT NULL CHECK (status_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    source_id   INTEGER NOT NULL REFERENCES sources (id),
    source_url  TEXT NOT NULL,
    UNIQUE (round_id, side, stage, status_date, source_id)
) STRICT;

-- Statements of rounds that were entered and are another now, or withdrawn.
CREATE TABLE corrections (
    id           INTEGER PRIMARY KEY,
    round_id     INTEGER NOT NULL REFERENCES rounds (id) ON DELETE CASCADE,
    side         TEXT NOT NULL,     -- this and the next four: as in round_figures
    stage        TEXT NOT NULL,
    status_date  TEXT NOT NULL,
    source_id    INTEGER NOT NULL REFERENCES sources (id),
    source_url   TEXT NOT NULL,
    old_count    INTEGER NOT NULL,
    old_at_least INTEGER NOT NULL,
    new_count    INTEGER,           -- NULL: withdrawn
    new_at_least INTEGER NOT NULL DEFAULT 0,
    corrected_at INTEGER NOT NULL,
    told         INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)) -- all replies to posts that state it are in the ledger
) STRICT;
CREATE INDEX corrections_untold ON corrections (id) WHERE told = 0;

-- Which posts have been answered with a correction.
CREATE TABLE correction_replies (
    correction_id INTEGER NOT NULL REFERENCES corrections (id) ON DELETE CASCADE,
    occurrence_id INTEGER NOT NULL REFERENCES occurrences (id) ON DELETE CASCADE,
    PRIMARY KEY (correction_id, occurrence_id)
) STRICT, WITHOUT ROWID;

-- Petitions and their logs -----------------------------------------------------

CREATE TABLE petitions (
    slug         TEXT PRIMARY KEY,
    canonical    BLOB NOT NULL,     -- petition.json: the frozen text
    text_sha256  BLOB NOT NULL CHECK (length(text_sha256) = 32),
    opens_at     INTEGER NOT NULL,
    closes_at    INTEGER NOT NULL CHECK (closes_at > opens_at),
    created_at   INTEGER NOT NULL,
    closed_at    INTEGER,           -- when a keeper closed it, before its instant
    signed       INTEGER NOT NULL DEFAULT 0 CHECK (signed >= 0),    -- of the log's last tally
    withdrawn    INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn >= 0),
    voided       INTEGER NOT NULL DEFAULT 0 CHECK (voided >= 0),
    log_key      TEXT NOT NULL,     -- that its checkpoints are checked with; its name is the log's origin
    log_size     INTEGER NOT NULL DEFAULT 0 CHECK (log_size >= 0), -- leaves
    log_closed   INTEGER NOT NULL DEFAULT 0 CHECK (log_closed IN (0, 1)), -- the close leaf is in the log
    halted       TEXT,              -- what does not add up in the log, so that nothing is signed or appended; NULL: it does
    forgotten_at INTEGER,           -- when the signatures were deleted, after their retention
    burst_level  REAL NOT NULL DEFAULT 0, -- see burst.go
    burst_at     INTEGER NOT NULL DEFAULT 0,
    CHECK (signed - withdrawn - voided >= 0)
) STRICT, WITHOUT ROWID;

-- What a petition's goal was raised to after opening, each time higher than before.
-- The first goal is in the frozen text.
CREATE TABLE goals (
    petition  TEXT NOT NULL REFERENCES petitions (slug),
    goal      INTEGER NOT NULL CHECK (goal > 0), -- signatures
    raised_at INTEGER NOT NULL,
    PRIMARY KEY (petition, goal)
) STRICT, WITHOUT ROWID;

-- A signature is one account's, on one petition; it refers to no peer. It waits
-- until it is sequenced: then it gets the index of its leaf, and an id in the order
-- of the leaves, and no time stays with it. It goes when it is withdrawn, and when
-- its petition's retention is over.
CREATE TABLE signatures (
    id              INTEGER PRIMARY KEY,
    petition        TEXT NOT NULL REFERENCES petitions (slug),
    signer_tag      BLOB NOT NULL CHECK (length(signer_tag) = 32),
    sealed_salt     BLOB NOT NULL,  -- of the commitment in the log; in the clear it would let ids be tried against that
    consent_version INTEGER NOT NULL,
    leaf_index      INTEGER CHECK (leaf_index > 0),          -- NULL while it waits
    commitment      BLOB CHECK (length(commitment) = 32),    -- NULL once it is in the log
    waiting_since   INTEGER,                                 -- NULL once it is in the log
    held            INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1)), -- it came in a burst, and waits longer
    void_reason     TEXT,           -- why the keeper removes it, or has removed it; NULL: it stands
    CHECK ((leaf_index IS NULL) = (commitment IS NOT NULL)),
    CHECK ((leaf_index IS NULL) = (waiting_since IS NOT NULL)),
    CHECK (leaf_index IS NULL OR held = 0),
    UNIQUE (petition, signer_tag)
) STRICT;
CREATE UNIQUE INDEX signatures_by_leaf ON signatures (petition, leaf_index) WHERE leaf_index IS NOT NULL;
CREATE INDEX signatures_held ON signatures (petition) WHERE held = 1;
CREATE INDEX signatures_waiting ON signatures (petition, waiting_since) WHERE waiting_since IS NOT NULL;

-- Withdrawals and voids of signatures that are in the log wait here for their own
-- leaves. A withdrawal leaves nothing else.
CREATE TABLE removals (
    petition      TEXT NOT NULL REFERENCES petitions (slug),
    leaf_index    INTEGER NOT NULL CHECK (leaf_index > 0),
    kind          TEXT NOT NULL CHECK (kind IN ('withdraw', 'void')),
    reason        TEXT NOT NULL CHECK ((reason = '') = (kind = 'withdraw')),
    waiting_since INTEGER NOT NULL,
    PRIMARY KEY (petition, leaf_index)
) STRICT, WITHOUT ROWID;

-- The log of each petition: its leaves, the nodes of its tree in the order of
-- tlog.StoredHashIndex, and its signed checkpoints. Rows are only ever added.
CREATE TABLE log_leaves (
    petition TEXT NOT NULL REFERENCES petitions (slug),
    number   INTEGER NOT NULL CHECK (number >= 0),
    leaf     TEXT NOT NULL,
    PRIMARY KEY (petition, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_hashes (
    petition TEXT NOT NULL REFERENCES petitions (slug),
    number   INTEGER NOT NULL CHECK (number >= 0),
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (petition, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    petition TEXT NOT NULL REFERENCES petitions (slug),
    size     INTEGER NOT NULL CHECK (size > 0),   -- leaves
    root     BLOB NOT NULL CHECK (length(root) = 32),
    note     BLOB NOT NULL,                       -- C2SP tlog-checkpoint, as it is signed
    PRIMARY KEY (petition, size)
) STRICT, WITHOUT ROWID;

-- Whom of the owners it was told that a petition is halted. The rows go when the
-- halt ends.
CREATE TABLE halt_notices (
    petition TEXT NOT NULL REFERENCES petitions (slug),
    peer_id  INTEGER NOT NULL REFERENCES peers (id) ON DELETE CASCADE,
    told_at  INTEGER NOT NULL,
    PRIMARY KEY (petition, peer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX halt_notices_by_peer ON halt_notices (peer_id);

-- What the log got on each UTC day; it sums up to the petition's own figures.
CREATE TABLE petition_days (
    petition  TEXT NOT NULL REFERENCES petitions (slug),
    day       TEXT NOT NULL,
    signed    INTEGER NOT NULL DEFAULT 0,
    withdrawn INTEGER NOT NULL DEFAULT 0,
    voided    INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (petition, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE milestones (
    petition   TEXT NOT NULL REFERENCES petitions (slug),
    count      INTEGER NOT NULL CHECK (count > 0),
    reached_at INTEGER NOT NULL,
    posted     INTEGER NOT NULL DEFAULT 0 CHECK (posted IN (0, 1)), -- its deliveries are in the ledger
    PRIMARY KEY (petition, count)
) STRICT, WITHOUT ROWID;

-- Accounts that we must be able to write to later --------------------------------

CREATE TABLE peers (
    id         INTEGER PRIMARY KEY,
    tag        BLOB NOT NULL UNIQUE CHECK (length(tag) = 32), -- HMAC of the account's id
    sealed_id  BLOB NOT NULL,       -- XChaCha20-Poly1305
    language   TEXT CHECK (language IN ('en', 'uk', 'ru')),   -- NULL: as Telegram says
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE subscriptions (
    id           INTEGER PRIMARY KEY,
    peer_id      INTEGER NOT NULL REFERENCES peers (id) ON DELETE CASCADE,
    digest       TEXT NOT NULL,     -- name in the configuration
    every        TEXT NOT NULL CHECK (every IN ('daily', 'weekly')), -- weekly: on Mondays
    at           TEXT NOT NULL CHECK (at GLOB '[0-9][0-9]:[0-9][0-9]'), -- local time
    zone         TEXT NOT NULL,     -- IANA name
    language     TEXT NOT NULL CHECK (language IN ('en', 'uk', 'ru')),
    quiet_from   TEXT,              -- local time, NULL: no quiet hours
    quiet_until  TEXT,
    silent       INTEGER NOT NULL DEFAULT 0 CHECK (silent IN (0, 1)),
    ended_reason TEXT,              -- NULL while it runs
    runs_since   INTEGER NOT NULL DEFAULT 0, -- in this edition; no instant up to this one is owed
    created_at   INTEGER NOT NULL,
    UNIQUE (peer_id, digest),
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
) STRICT;
CREATE INDEX subscriptions_running ON subscriptions (digest, every, at, zone, language, quiet_from, quiet_until, runs_since) WHERE ended_reason IS NULL;

CREATE TABLE watches (
    peer_id    INTEGER NOT NULL REFERENCES peers (id) ON DELETE CASCADE,
    person_id  INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    language   TEXT NOT NULL CHECK (language IN ('en', 'uk', 'ru')), -- of the one who asked, where the peer chose none
    version    INTEGER NOT NULL,    -- of the roster, as the account knows it: news are of later ones
    created_at INTEGER NOT NULL,
    PRIMARY KEY (peer_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX watches_by_person ON watches (person_id);

-- The ledger of posts -------------------------------------------------------------

-- The content of a post, made once and frozen; several deliveries may share it.
CREATE TABLE posts (
    id         INTEGER PRIMARY KEY,
    html       TEXT NOT NULL,
    buttons    TEXT NOT NULL,       -- JSON
    chart      BLOB,                -- PNG
    file_id    TEXT,                -- Telegram's, once the chart has been uploaded
    protect    INTEGER NOT NULL DEFAULT 0 CHECK (protect IN (0, 1)), -- not to be forwarded or saved
    person_id  INTEGER,             -- the entry that it tells a watcher of; NULL for any other
    reply_to   INTEGER,             -- the message that it answers, in the one chat that it goes to
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX posts_by_person ON posts (person_id) WHERE person_id IS NOT NULL;

-- One planned instant of one digest for one chat, or for an edition: all
-- subscribers who get it at the same local time, in the same zone and language.
CREATE TABLE occurrences (
    id          INTEGER PRIMARY KEY,
    digest      TEXT NOT NULL,
    key         TEXT NOT NULL,      -- local date and time, or a UTC instant for @every
    chat_id     INTEGER NOT NULL,   -- a channel's or group's id; 0 for an edition
    edition     TEXT NOT NULL DEFAULT '' CHECK ((edition = '') = (chat_id <> 0)), -- such as 'daily 09:00 Europe/Kyiv uk'
    planned_at  INTEGER NOT NULL,
    covers_from INTEGER,            -- NULL for the first, and where an edition begins anew
    number      INTEGER NOT NULL,   -- counts the posts of this digest in this chat or edition; 0 when nothing is posted
    state       TEXT NOT NULL CHECK (state IN ('baseline', 'posted', 'skipped')),
    reason      TEXT NOT NULL,      -- why it was skipped, or ''
    figures     TEXT NOT NULL,      -- JSON: what the next digest compares with
    UNIQUE (digest, key, chat_id, edition)
) STRICT;
CREATE INDEX occurrences_latest ON occurrences (digest, chat_id, edition, planned_at);

-- What an owner sends to all subscribers. Its deliveries are entered with it.
CREATE TABLE announcements (
    id         INTEGER PRIMARY KEY,
    peer_id    INTEGER REFERENCES peers (id) ON DELETE SET NULL, -- the owner who follows it
    language   TEXT NOT NULL CHECK (language IN ('en', 'uk', 'ru')), -- in which its progress is told
    state      TEXT NOT NULL CHECK (state IN ('running', 'stopped', 'done')),
    message_id INTEGER,             -- that shows its progress, in the owner's chat
    created_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;

-- One message owed to one chat.
CREATE TABLE deliveries (
    id            INTEGER PRIMARY KEY,
    post_id       INTEGER NOT NULL REFERENCES posts (id),
    occurrence_id INTEGER REFERENCES occurrences (id), -- NULL for what is no digest
    announcement_id INTEGER REFERENCES announcements (id),
    silent        INTEGER NOT NULL DEFAULT 0 CHECK (silent IN (0, 1)), -- without a sound
    chat_id       INTEGER,          -- a channel or group…
    peer_id       INTEGER REFERENCES peers (id) ON DELETE CASCADE, -- …or an account
    part          INTEGER NOT NULL CHECK (part IN (0, 1)), -- 1: the text, where the chart went before it
    state         TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'dead', 'unknown')),
    attempts      INTEGER NOT NULL DEFAULT 0,
    not_before    INTEGER NOT NULL DEFAULT 0,
    held          INTEGER NOT NULL DEFAULT 0 CHECK (held IN (0, 1, 2)), -- to an account: 1 waits for the file_id of its post's chart, 2 for the part before it
    priority      INTEGER NOT NULL AS (CASE WHEN announcement_id IS NOT NULL THEN 2 WHEN occurrence_id IS NOT NULL THEN 1 ELSE 0 END) VIRTUAL, -- lower goes first
    message_id    INTEGER,
    reason        TEXT NOT NULL DEFAULT '', -- why it is dead or unknown
    created_at    INTEGER NOT NULL,
    CHECK ((chat_id IS NULL) <> (peer_id IS NULL)),
    CHECK (held = 0 OR state = 'pending') -- what is done with lets go of its post's chart
) STRICT;
CREATE UNIQUE INDEX deliveries_to_chat ON deliveries (post_id, chat_id) WHERE chat_id IS NOT NULL;
CREATE UNIQUE INDEX deliveries_to_peer ON deliveries (peer_id, post_id) WHERE peer_id IS NOT NULL;
CREATE INDEX deliveries_due ON deliveries (not_before) WHERE state = 'pending' AND chat_id IS NOT NULL;
CREATE INDEX deliveries_due_to_peers ON deliveries (priority, not_before) WHERE state = 'pending' AND peer_id IS NOT NULL AND held = 0;
CREATE INDEX deliveries_under_way ON deliveries (peer_id) WHERE state = 'sending' AND peer_id IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (post_id, not_before) WHERE held = 1;
CREATE INDEX deliveries_by_occurrence ON deliveries (occurrence_id);
CREATE INDEX deliveries_by_post ON deliveries (post_id);
CREATE INDEX deliveries_by_announcement ON deliveries (announcement_id, state) WHERE announcement_id IS NOT NULL;
CREATE INDEX deliveries_in_chats ON deliveries (chat_id, message_id) WHERE chat_id IS NOT NULL;

-- A try to post in a channel or group of which it is not known whether it
-- succeeded. One that is settled stays: where 'found' was not its outcome, there
-- may be a message in the chat whose id is not known.
CREATE TABLE doubts (
    id          INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    after_id    INTEGER NOT NULL,   -- the greatest message id known in the chat then; 0 for none
    tried_at    INTEGER NOT NULL,
    stage       TEXT NOT NULL CHECK (stage IN ('looking', 'asking', 'asked', 'settled')),
    not_before  INTEGER NOT NULL,   -- of the next step
    compared    INTEGER NOT NULL DEFAULT 0, -- messages that were compared with the post
    last_id     INTEGER NOT NULL DEFAULT 0, -- of the last of them
    outcome     TEXT CHECK (outcome IN ('found', 'there', 'again')), -- by comparison, or as an owner says
    asked_at    INTEGER,
    settled_at  INTEGER,
    CHECK ((stage = 'settled') = (outcome IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX doubts_open ON doubts (delivery_id) WHERE stage <> 'settled';
CREATE INDEX doubts_by_delivery ON doubts (delivery_id);
CREATE INDEX doubts_due ON doubts (not_before) WHERE stage IN ('looking', 'asking');

-- A chart is uploaded once. Of the deliveries of its post to accounts one is not
-- held, until Telegram has given the file_id, which lets all others go; where it
-- ends otherwise, or has to be tried later, the next one takes its place.
CREATE TRIGGER chart_uploaded AFTER UPDATE OF file_id ON posts WHEN new.file_id IS NOT NULL
BEGIN
    UPDATE deliveries SET held = 0 WHERE post_id = new.id AND held = 1;
END;
CREATE TRIGGER upload_put_off AFTER UPDATE OF state ON deliveries
    WHEN old.state = 'sending' AND new.state = 'pending' AND new.peer_id IS NOT NULL
        AND EXISTS (SELECT 1 FROM deliveries WHERE post_id = new.post_id AND held = 1)
BEGIN
    UPDATE deliveries SET held = 1 WHERE id = new.id;
    UPDATE deliveries SET held = 0 WHERE id = (SELECT id FROM deliveries WHERE post_id = new.post_id AND held = 1 ORDER BY not_before, id LIMIT 1);
END;
CREATE TRIGGER delivery_ended AFTER UPDATE OF state ON deliveries
    WHEN old.state IN ('pending', 'sending') AND new.state NOT IN ('pending', 'sending') AND new.peer_id IS NOT NULL AND old.held = 0
BEGIN
    UPDATE deliveries SET held = 0 WHERE id = (SELECT id FROM deliveries WHERE post_id = new.post_id AND held = 1 ORDER BY not_before, id LIMIT 1);
    -- A second part waits for the first.
    UPDATE deliveries SET held = 0 WHERE peer_id = new.peer_id AND +occurrence_id = new.occurrence_id AND part > new.part AND held = 2;
END;
CREATE TRIGGER delivery_deleted AFTER DELETE ON deliveries
    WHEN old.state IN ('pending', 'sending') AND old.peer_id IS NOT NULL AND old.held = 0
BEGIN
    UPDATE deliveries SET held = 0 WHERE id = (SELECT id FROM deliveries WHERE post_id = old.post_id AND held = 1 ORDER BY not_before, id LIMIT 1);
END;

-- What was written to an account goes with its delivery, as when the account is
-- erased.
CREATE TRIGGER private_posts AFTER DELETE ON deliveries WHEN old.peer_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE post_id = old.post_id)
BEGIN
    DELETE FROM posts WHERE id = old.post_id;
END;

-- Groups that Telegram moved to another id (ResponseParameters.migrate_to_chat_id);
-- the configuration may still name the old one.
CREATE TABLE migrated_chats (
    old_id INTEGER PRIMARY KEY,
    new_id INTEGER NOT NULL
) STRICT;

-- The bot's standing in channels and groups, as Telegram said last. Titles are
-- not kept.
CREATE TABLE chats (
    id        INTEGER PRIMARY KEY CHECK (id < 0),
    type      TEXT NOT NULL CHECK (type IN ('', 'group', 'supergroup', 'channel')), -- '': not known
    status    TEXT NOT NULL,        -- as in the Bot API's ChatMember
    can_post  INTEGER NOT NULL CHECK (can_post IN (0, 1)), -- it may write there
    can_edit  INTEGER NOT NULL CHECK (can_edit IN (0, 1)), -- what others have posted, too
    since     INTEGER NOT NULL,     -- of this standing
    lost_told INTEGER NOT NULL DEFAULT 0 CHECK (lost_told IN (0, 1)), -- the owners know that it may not write there
    no_looking INTEGER NOT NULL DEFAULT 0 CHECK (no_looking IN (0, 1)) -- posts are not looked for by comparing
) STRICT;

-- Messages that are to be deleted, such as receipts. The chat is a person's, so both
-- ids are sealed together.
CREATE TABLE deletions (
    id         INTEGER PRIMARY KEY,
    sealed     BLOB NOT NULL,
    due_at     INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deletions_due ON deletions (due_at);

-- What came in, and what keepers did ----------------------------------------------

CREATE TABLE updates (
    update_id   INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    mark        BLOB NOT NULL CHECK (length(mark) = 8), -- keyed hash: tells another update of the same id
    state       TEXT NOT NULL CHECK (state IN ('handled', 'counted', 'answered', 'failed', 'undecodable')),
    answer      BLOB                -- sealed; the answer still owed, where it cannot be made again
) STRICT;
CREATE INDEX updates_by_time ON updates (received_at);
CREATE INDEX updates_owed ON updates (update_id) WHERE answer IS NOT NULL;

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    role      TEXT NOT NULL CHECK (role IN ('shell', 'editor', 'owner')),
    actor_tag BLOB CHECK (length(actor_tag) = 32), -- a peer tag; NULL in the shell
    action    TEXT NOT NULL,
    object    TEXT NOT NULL,
    reason    TEXT NOT NULL
) STRICT;

-- Limits of lookups ---------------------------------------------------------------

-- How much an account has drawn. It stands here by an HMAC of its id under a key
-- for this alone, made anew for each seven days (secret.LookupAccount): no peer is
-- made by looking up, and rows of two such spans are not known to be one
-- account's. Days are counted from 1970-01-01, UTC. A row goes when its day is
-- over or, where erased is not 0, when it no longer counts.
CREATE TABLE lookup_accounts (
    asker_tag BLOB NOT NULL CHECK (length(asker_tag) = 32),
    day       INTEGER NOT NULL,
    lookups   INTEGER NOT NULL DEFAULT 0 CHECK (lookups >= 0), -- on this day
    late      INTEGER NOT NULL DEFAULT 0 CHECK (late >= 0),    -- drawn on it past the roster's budget
    wishes    INTEGER NOT NULL DEFAULT 0 CHECK (wishes >= 0),  -- made on it, also such as were ended
    erased    INTEGER NOT NULL DEFAULT 0 CHECK (erased >= 0),  -- people first shown on it whose marks were erased
    PRIMARY KEY (asker_tag, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX lookup_accounts_by_day ON lookup_accounts (day);

-- Whom an account was shown, as marks that name neither: an HMAC of both
-- (secret.LookupShown). A mark goes when it no longer counts.
CREATE TABLE lookup_marks (
    asker_tag BLOB NOT NULL CHECK (length(asker_tag) = 32),
    mark      BLOB NOT NULL CHECK (length(mark) = 32),
    day       INTEGER NOT NULL,   -- on which the entry was first shown to the account
    PRIMARY KEY (asker_tag, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX lookup_marks_by_day ON lookup_marks (day);

-- Which entries were shown to anybody on a day, as marks (secret.LookupRoster),
-- and how many these are. They go with the day.
CREATE TABLE roster_marks (
    day  INTEGER NOT NULL,
    mark BLOB NOT NULL CHECK (length(mark) = 32),
    PRIMARY KEY (day, mark)
) STRICT, WITHOUT ROWID;
CREATE TABLE roster_days (
    day   INTEGER PRIMARY KEY,
    shown INTEGER NOT NULL CHECK (shown >= 0) -- maintained with each mark
) STRICT;

-- Wishes to be told when somebody is listed ----------------------------------------

-- An account asked for somebody, was shown nothing, and wishes to hear when that
-- changes. Whom it means stands here as marks only.
CREATE TABLE wishes (
    id         INTEGER PRIMARY KEY,
    peer_id    INTEGER NOT NULL REFERENCES peers (id) ON DELETE CASCADE,
    marks      BLOB NOT NULL CHECK (length(marks) = 32), -- SHA-256 of its marks: tells the same wish
    language   TEXT NOT NULL CHECK (language IN ('en', 'uk', 'ru')), -- of the one who asked, where the peer chose none
    version    INTEGER NOT NULL,    -- of the roster that was searched: it is met by later ones
    created_at INTEGER NOT NULL,
    UNIQUE (peer_id, marks)
) STRICT;
CREATE INDEX wishes_by_time ON wishes (created_at);

-- HMACs of the texts by which an entry may be asked for (names.Asked): parts of the
-- name in a form that is common to its spellings, with the birth year and the
-- patronymic where these were named. Two wishes for one name have equal marks.
CREATE TABLE wish_marks (
    mark    BLOB NOT NULL CHECK (length(mark) = 32),
    wish_id INTEGER NOT NULL REFERENCES wishes (id) ON DELETE CASCADE,
    PRIMARY KEY (mark, wish_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX wish_marks_by_wish ON wish_marks (wish_id);
-- Entries that are kept back --------------------------------------------------------

CREATE INDEX people_in_review ON people (id) WHERE withheld = 'review';

-- Keyed marks of the names and birth year of entries that were taken down
-- (secret.Mark), so that no file brings them back under another id. They outlive
-- the entry, and go when the take-down is lifted.
CREATE TABLE suppressions (
    mark       BLOB NOT NULL CHECK (length(mark) = 32),
    person_id  INTEGER NOT NULL,    -- that was taken down; it may be gone
    created_at INTEGER NOT NULL,
    PRIMARY KEY (mark, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX suppressions_by_person ON suppressions (person_id);

-- What accounts say is wrong with an entry. A reporter stands here by an HMAC of the
-- account's id for this alone (secret.ReporterTag), so that two accounts are told
-- apart. A report goes when a keeper has settled it, or after thirty days.
CREATE TABLE reports (
    person_id    INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    reporter_tag BLOB NOT NULL CHECK (length(reporter_tag) = 32),
    text         TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (person_id, reporter_tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX reports_by_reporter ON reports (reporter_tag);
CREATE INDEX reports_by_time ON reports (created_at);

CREATE TRIGGER report_made AFTER INSERT ON reports
BEGIN
    UPDATE roster SET queue_version = queue_version + 1;
END;
CREATE TRIGGER report_made_anew AFTER UPDATE OF text ON reports
BEGIN
    UPDATE roster SET queue_version = queue_version + 1;
END;

-- What a keeper knows of the queue of entries that wait for a check.
CREATE TABLE queue_notices (
    peer_id INTEGER PRIMARY KEY REFERENCES peers (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,       -- roster.queue_version, as told or shown
    told_at INTEGER NOT NULL        -- when a message was last entered; 0 for never
) STRICT;

-- Whose reports of an entry a keeper has answered by finding it right: what they
-- say of it again hides it no more. A row goes when a batch is published that
-- changes the entry, when the account is erased, and after a year.
CREATE TABLE answered_reports (
    person_id    INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    reporter_tag BLOB NOT NULL CHECK (length(reporter_tag) = 32), -- as in reports
    answered_at  INTEGER NOT NULL,
    PRIMARY KEY (person_id, reporter_tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX answered_reports_by_reporter ON answered_reports (reporter_tag);
CREATE INDEX answered_reports_by_time ON answered_reports (answered_at);
