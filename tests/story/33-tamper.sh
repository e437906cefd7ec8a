#!/bin/sh
# 33-tamper.sh - an insider with the database file: each way of changing the
# log is found by `verify`, alone where the rows or heads left say it, else
# against a head kept elsewhere, and a row is named.  S11.2 S11.5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

XDG_CACHE_HOME=$(mktemp -d) && export XDG_CACHE_HOME
# shellcheck disable=SC2119
trial_start
member alice
for d in alpha beta; do
	prove alice $d.example
	issue alice $d.example >/dev/null
done
daemon_stop || fail "stop"
ctl backup "$T/now.db" >"$T/out" 2>"$T/err" || fail "backup"
HEAD=$T/published/log/checkpoint
SIZE=$(sed -n 2p "$HEAD")
ctl verify --db "$T/now.db" --anchor "$HEAD" >"$T/out" 2>"$T/err" ||
	fail "the true one"

# tamper ALONE NAME SQL: ALONE is the exit status without the head.
tamper() {
	cp "$T/now.db" "$T/bad.db"
	sqlite3 "$T/bad.db" "DROP TRIGGER audit_stays;
		DROP TRIGGER audit_only_erased;
		PRAGMA ignore_check_constraints = ON; $3" ||
		fail "$2: the statement"
	expect "$1" ctl verify --db "$T/bad.db" >"$T/out" 2>"$T/err"
	expect 1 ctl verify --db "$T/bad.db" --anchor "$HEAD" >"$T/out" \
		2>"$T/err"
	cat "$T/out" "$T/err" >"$T/both"
	grep -q 'row -\{0,1\}[0-9]' "$T/both" || fail "$2: no row is named"
}
COLUMNS="at, role, action, noun, object, outcome, actor, key, source, detail,
	salt, commitment, previous, hash"

step "rows swapped, renumbered, taken out, put in"
tamper 1 swap "UPDATE audit SET number = -1 WHERE number = 5;
	UPDATE audit SET number = 5 WHERE number = 6;
	UPDATE audit SET number = 6 WHERE number = -1"
tamper 1 renumber "UPDATE audit SET number = number + 100000 WHERE number > 5;
	UPDATE audit SET number = number - 99999 WHERE number > 100000"
tamper 1 first "DELETE FROM audit WHERE number = 1"
tamper 1 again "INSERT INTO audit (number, $COLUMNS) SELECT
	(SELECT max(number) + 1 FROM audit), $COLUMNS FROM audit
	WHERE number = 3"
tamper 1 zero "INSERT INTO audit (number, $COLUMNS) SELECT 0, $COLUMNS
	FROM audit WHERE number = 3"

step "the end cut off"
tamper 1 end "DELETE FROM audit WHERE number > $SIZE - 5"
tamper 0 end-and-heads "DELETE FROM audit WHERE number > $SIZE - 5;
	DELETE FROM log_checkpoint WHERE size > $SIZE - 5"
tamper 1 empty "DELETE FROM audit"
tamper 0 all "DELETE FROM audit; DELETE FROM log_checkpoint;
	DELETE FROM log_leaves; DELETE FROM log_node; DELETE FROM log_lost"

step "rows changed, or erased in part"
tamper 1 actor "UPDATE audit SET actor = 'bob' WHERE number =
	(SELECT max(number) FROM audit WHERE actor = 'alice')"
tamper 1 part "UPDATE audit SET actor = NULL WHERE number =
	(SELECT max(number) FROM audit WHERE actor IS NOT NULL)"
tamper 1 "time" "UPDATE audit SET at = at - 3600 WHERE number = 9"
tamper 1 object "UPDATE audit SET object = object || 'x' WHERE number = 4"

step "heads, the key, entries that are said to be lost"
tamper 1 note "UPDATE log_checkpoint SET note = replace(note, 'A', 'B')"
tamper 1 head "INSERT INTO log_checkpoint SELECT size + 1, note
	FROM log_checkpoint ORDER BY size LIMIT 1"
tamper 1 vkey "UPDATE setting SET value = replace(value, 'A', 'B')
	WHERE name = 'log.vkey'"
tamper 1 lost "INSERT INTO log_lost SELECT number, at, hash, x'00'
	FROM audit WHERE number = 7; DELETE FROM audit WHERE number = 7"
tamper 1 not-lost "INSERT INTO log_lost SELECT number, at, hash, x'00'
	FROM audit WHERE number = 7"

step "what was published: an entry, a tile, the head"
cp -R "$T/published/log" "$T/copy"
KEY=$(cat "$T/copy/vkey")
for file in tile/entries/000.p/$SIZE tile/0/000.p/$SIZE checkpoint; do
	cp "$T/copy/$file" "$T/keep"
	printf '#' | dd of="$T/copy/$file" bs=1 seek=40 conv=notrunc 2>/dev/null
	expect 1 "$SRC/share/verify-log" --vkey "$KEY" tree "$T/copy" \
		>"$T/out" 2>"$T/err"
	cp "$T/keep" "$T/copy/$file"
done
"$SRC/share/verify-log" --vkey "$KEY" tree "$T/copy" >"$T/out" 2>"$T/err" ||
	fail "the true copy"
rm -rf "$XDG_CACHE_HOME"
echo "all is well"
