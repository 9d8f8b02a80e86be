-- An offer has the customer's number, the operator's note, and an end. Offers of earlier versions have no end.
ALTER TABLE offers ADD COLUMN reference TEXT;
ALTER TABLE offers ADD COLUMN note TEXT;
ALTER TABLE offers ADD COLUMN expires INTEGER;
ALTER TABLE offers ADD COLUMN withdrawn INTEGER;

-- The computer that reached the limit. Pages of earlier versions have none.
ALTER TABLE limit_pages ADD COLUMN computer TEXT;

-- One row of the audit log counts all refusals of a day, a holder and a reason.
CREATE TABLE refusals (
    day    INTEGER NOT NULL,
    holder TEXT NOT NULL,                 -- empty: no holder, or beyond the rows of the day
    reason TEXT NOT NULL,
    audit  INTEGER NOT NULL,
    times  INTEGER NOT NULL,
    PRIMARY KEY (day, holder, reason)
) STRICT, WITHOUT ROWID;
