-- From the synthetic version 0 to version 1.
CREATE TABLE setting (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO setting (name, value) SELECT name, value FROM old_setting;
DROP TABLE old_setting;
