#!/bin/sh
# 33-tamper.sh - an insider with the database file: each way of changing the
# log is found by `verify`, alone where the rows or heads left say it, else
# against a head kept elsewhere, and a row is named; so is each way of changing
# the rows that the log speaks of.  S11.2 S11.5 J3.2
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
prove alice gamma.example
N=$(issue alice gamma.example)
expect 0 as alice revoke "$N" superseded >"$T/out" 2>"$T/err"
daemon_stop || fail "stop"
ctl backup "$T/now.db" >"$T/out" 2>"$T/err" || fail "backup"
HEAD=$T/published/log/checkpoint
SIZE=$(sed -n 2p "$HEAD")
ctl verify --db "$T/now.db" --anchor "$HEAD" >"$T/out" 2>"$T/err" ||
	fail "the true one"

# tamper ALONE NAME SQL: ALONE is the exit status without the head; -: it
# depends on what the end was about.
tamper() {
	cp "$T/now.db" "$T/bad.db"
	sqlite3 "$T/bad.db" "DROP TRIGGER audit_stays;
		DROP TRIGGER audit_only_erased;
		PRAGMA ignore_check_constraints = ON; $3" ||
		fail "$2: the statement"
	[ "$1" = - ] ||
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
tamper - end-and-heads "DELETE FROM audit WHERE number > $SIZE - 5;
	DELETE FROM log_checkpoint WHERE size > $SIZE - 5"
tamper 1 empty "DELETE FROM audit"
tamper 1 all "DELETE FROM audit; DELETE FROM log_checkpoint;
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

step "rows that the log speaks of: put in, changed, taken out"
# rows NAME TEXT SQL: found without any head, and the table or entry named.
TRIGGERS=$(sqlite3 "$T/now.db" "SELECT 'DROP TRIGGER ' || name || ';'
	FROM sqlite_schema WHERE type = 'trigger'")
rows() {
	cp "$T/now.db" "$T/bad.db"
	sqlite3 "$T/bad.db" "PRAGMA foreign_keys = OFF; $TRIGGERS
		PRAGMA ignore_check_constraints = ON; $3" ||
		fail "$1: the statement"
	expect 1 ctl verify --db "$T/bad.db" >"$T/out" 2>"$T/err"
	cat "$T/out" "$T/err" >"$T/both"
	grep -q 'row [0-9]' "$T/both" || fail "$1: no row is named"
	has "$2" "$T/both"
}
FIRST="(SELECT min(number) FROM certificate)"
rows put-in "table certificate" "INSERT INTO certificate (request, account,
	serial, issuer, state, not_before, not_after, issued, sha256,
	spki_sha256, policy) SELECT NULL, account, '01' || substr(serial, 3),
	issuer, 'good', not_before, not_after, issued, sha256, spki_sha256,
	policy FROM certificate WHERE number = $FIRST"
rows other "table certificate" "UPDATE certificate
	SET sha256 = randomblob(32) WHERE number = $FIRST"
rows gone "its row is gone" "DELETE FROM certificate WHERE number = $FIRST"
rows approval "table approval" "UPDATE approval SET account =
	(SELECT number FROM account WHERE name = 'staff2')"
rows digest "table approval" "UPDATE approval SET digest = randomblob(32)"
rows approval-gone "the approval's row is gone" "DELETE FROM approval"
rows approval-in "table approval" "INSERT INTO approval (request, account, at,
	digest, note) SELECT request, (SELECT number FROM account
	WHERE name = 'staff2'), at, digest, '' FROM approval LIMIT 1"
rows revoked "table certificate" "UPDATE certificate SET state = 'revoked',
	revoked = issued WHERE state = 'good'"
rows unrevoked "does not say so" "UPDATE certificate SET state = 'good'
	WHERE state = 'revoked'"
rows revocation-gone "the revocation's row is gone" "DELETE FROM revocation"
rows role "table account: alice" "UPDATE account SET role = 'director'
	WHERE name = 'alice'"
rows grant "table role_grant" "INSERT INTO role_grant (account, role, state,
	reason, asked_by, asked, confirmed_by, confirmed) SELECT number,
	'staff', 'held', '', 1, 1, 2, 2 FROM account WHERE name = 'alice'"
rows key "table ssh_key: of staff" "INSERT INTO ssh_key (account, fingerprint,
	type, line, name, added) SELECT number, 'SHA256:mallory',
	'ssh-ed25519', 'ssh-ed25519 AAAA', 'x', 1 FROM account
	WHERE name = 'staff'"
rows policy "table setting" "UPDATE setting SET value = replace(value,
	substr(value, 1, 1), 'x') WHERE name = 'policy'"
rows read "table acknowledgement" "INSERT INTO acknowledgement (policy,
	version, account, at) SELECT value, '9', 1, 1 FROM setting
	WHERE name = 'policy'"

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
