-- The head of a request names a computer and no holder.
CREATE INDEX computers_by_id ON computers (computer);
-- Changes of a computer that are remembered, on the UTC day of the last one.
ALTER TABLE computers ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE computers ADD COLUMN changes_day INTEGER NOT NULL DEFAULT 0;
