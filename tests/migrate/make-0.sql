-- Turn today's schema into a synthetic version 0: settings lay in another
-- table, with a column that nobody needed.
CREATE TABLE old_setting (name TEXT PRIMARY KEY, value TEXT, junk INTEGER);
INSERT INTO old_setting (name, value) SELECT name, value FROM setting;
INSERT INTO old_setting VALUES ('kept', 'from version 0', 7);
DROP TABLE setting;
PRAGMA user_version = 0;
