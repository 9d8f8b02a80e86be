-- The request of a computer that joins is no restore run, also where it has the name of one.
CREATE TABLE daily_2 (
    holder   TEXT NOT NULL,
    day      INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    computer TEXT NOT NULL,
    run      TEXT NOT NULL,               -- of a computer that joins: its request
    PRIMARY KEY (holder, day, kind, n),
    UNIQUE (holder, day, kind, computer, run)
) STRICT, WITHOUT ROWID;
INSERT INTO daily_2 SELECT holder, day, kind, n, computer, run FROM daily;
DROP TABLE daily;
ALTER TABLE daily_2 RENAME TO daily;
CREATE INDEX daily_by_age ON daily (day);
