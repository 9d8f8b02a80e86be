-- All keys begin with the holder, except what belongs to none: offers, IDs given to licenses, tokens, the audit.
-- Times are Unix seconds. Levels: 0 unconfirmed, 1 confirmed by time, 2 confirmed.

CREATE TABLE holders (
    holder  TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    due     INTEGER,                      -- when time changes something next (rules::next_event), or earlier
    news    INTEGER NOT NULL DEFAULT 0    -- until when there may be notices
) STRICT, WITHOUT ROWID;

CREATE TABLE holder_keys (
    holder  TEXT NOT NULL,
    key     BLOB NOT NULL,
    level   INTEGER NOT NULL,             -- 0 unconfirmed, else active
    revoked INTEGER NOT NULL DEFAULT 0,
    added   INTEGER NOT NULL,
    PRIMARY KEY (holder, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE computers (
    holder         TEXT NOT NULL,
    computer       TEXT NOT NULL,
    number         INTEGER NOT NULL,      -- in the order of joining
    computer_key   BLOB NOT NULL,
    encryption_key BLOB NOT NULL,
    holder_key     BLOB NOT NULL,
    name           TEXT NOT NULL,
    level          INTEGER NOT NULL,
    epoch          INTEGER NOT NULL DEFAULT 0,
    joined_by      TEXT,
    registered     INTEGER NOT NULL,
    last_seen      INTEGER NOT NULL,
    release_at     INTEGER,               -- a waiting release
    release_asked  INTEGER,
    release_by     TEXT,                  -- a computer or 'operator'
    released_at    INTEGER,
    released_by    TEXT,
    withdrawn_at   INTEGER,
    PRIMARY KEY (holder, computer),
    UNIQUE (holder, number)
) STRICT, WITHOUT ROWID;
-- Released ones stay and are many; the few others, and the latest, are found without reading all.
CREATE INDEX computers_by_release ON computers (holder, released_at, number);
CREATE INDEX computers_by_withdrawal ON computers (holder, withdrawn_at) WHERE withdrawn_at IS NOT NULL;

-- An idempotency key and what was sent under it.
CREATE TABLE requests (
    holder   TEXT NOT NULL,
    computer TEXT NOT NULL,
    request  TEXT NOT NULL,
    digest   BLOB NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (holder, computer, request)
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_age ON requests (at);

CREATE TABLE licenses (
    holder    TEXT NOT NULL,
    license   TEXT NOT NULL,
    sha256    BLOB NOT NULL,
    seed      INTEGER NOT NULL,
    key_ids   BLOB NOT NULL,              -- each: length in two bytes, little-endian, and the binary form
    issued    INTEGER NOT NULL,
    expires   INTEGER,
    counted   TEXT NOT NULL,              -- the rights whose uses count, one a line
    computers INTEGER,                    -- its limit; null: the service's
    revoked   INTEGER,
    reason    TEXT,
    PRIMARY KEY (holder, license)
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
    holder   TEXT NOT NULL,
    license  TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (holder, license)
) STRICT;

CREATE TABLE license_keys (
    holder  TEXT NOT NULL,
    key_id  BLOB NOT NULL,
    license TEXT NOT NULL,
    PRIMARY KEY (holder, key_id, license)
) STRICT, WITHOUT ROWID;

-- The limit: a computer that holds a license has one of its slots 1, 2, 3 …; one that held it has none.
CREATE TABLE placements (
    holder   TEXT NOT NULL,
    license  TEXT NOT NULL,
    computer TEXT NOT NULL,
    slot     INTEGER,
    placed   INTEGER NOT NULL,
    PRIMARY KEY (holder, license, computer),
    UNIQUE (holder, license, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX placements_by_computer ON placements (holder, computer, license, slot) WHERE slot IS NOT NULL;

CREATE TABLE counters (
    holder       TEXT NOT NULL,
    license      TEXT NOT NULL,
    use_right    TEXT NOT NULL,
    computer     TEXT NOT NULL,
    computer_key BLOB NOT NULL,
    count        INTEGER NOT NULL,
    first_use    INTEGER NOT NULL,
    signature    BLOB NOT NULL,
    PRIMARY KEY (holder, license, use_right, computer)
) STRICT, WITHOUT ROWID;

-- Kinds (rules::DailyQuota): 0 restore runs, 1 those of unconfirmed computers, 2 computers that join by a restore key.
CREATE TABLE daily (
    holder   TEXT NOT NULL,
    day      INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    computer TEXT NOT NULL,
    run      TEXT NOT NULL,               -- of a computer that joins: its request
    PRIMARY KEY (holder, day, kind, n),
    UNIQUE (holder, day, computer, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX daily_by_age ON daily (day);

-- Kinds (rules::YearlyQuota): 0 releases of confirmed computers, 1 unconfirmed computers that were given licenses.
CREATE TABLE yearly (
    holder   TEXT NOT NULL,
    year     INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    computer TEXT NOT NULL,
    PRIMARY KEY (holder, year, kind, n),
    UNIQUE (holder, kind, computer)
) STRICT, WITHOUT ROWID;

CREATE TABLE offers (
    code        BLOB PRIMARY KEY,         -- SHA-256 of the link's code
    offer       TEXT NOT NULL UNIQUE,
    bound_to    TEXT,
    created     INTEGER NOT NULL,
    redeemed_by TEXT,
    redeemed    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX offers_by_holder ON offers (bound_to, offer);
CREATE INDEX offers_by_redeemer ON offers (redeemed_by, offer);

-- Every license ID ever given, and whose it became.
CREATE TABLE issued (
    license   TEXT PRIMARY KEY,
    offer     TEXT NOT NULL,
    n         INTEGER NOT NULL,
    terms     TEXT NOT NULL,
    computers INTEGER,
    revoked   INTEGER,
    reason    TEXT,
    holder    TEXT,
    UNIQUE (offer, n)
) STRICT;
CREATE INDEX issued_by_holder ON issued (holder, license);

CREATE TABLE limit_pages (
    token   TEXT PRIMARY KEY,             -- SHA-256 of it, in hex
    holder  TEXT NOT NULL,
    license TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operator_requests (
    request TEXT PRIMARY KEY,
    digest  BLOB NOT NULL,
    at      INTEGER NOT NULL,
    answer  TEXT NOT NULL
) STRICT;
CREATE INDEX operator_requests_by_age ON operator_requests (at);

CREATE TABLE audit (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    who      TEXT NOT NULL,               -- a computer, 'operator' or 'time'
    what     TEXT NOT NULL,
    holder   TEXT,
    computer TEXT,
    license  TEXT,
    detail   TEXT
) STRICT;
CREATE INDEX audit_by_holder ON audit (holder, id);
