#!/bin/sh
# 30-verify.sh - xmpp-icactl verify finds the first row of the audit log that
# was changed, deleted, put in or moved; backup and restore.  S11.1 S11.2
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# shellcheck disable=SC2119
trial_start
member alice
prove alice alpha.example
issue alice alpha.example >/dev/null

step "the running authority, and a backup of it, are good"
ctl verify >"$T/out" 2>&1 || fail "verify"
has good "$T/out"
ctl backup "$T/copy.db" >"$T/out" 2>"$T/err" || fail "backup"
expect 1 ctl backup "$T/copy.db" >"$T/out" 2>"$T/err"
[ "$(stat -c %a "$T/copy.db")" = 600 ] || fail "the backup is open"
before=$(sha256sum <"$T/copy.db")
ctl verify --db "$T/copy.db" >"$T/out" 2>"$T/err" ||
	fail "verify --db: $(cat "$T/out")"
has good "$T/out"
[ "$before" = "$(sha256sum <"$T/copy.db")" ] ||
	fail "verify changed what it read"
expect 1 ctl verify --db "$T/nothing.db" >"$T/out" 2>"$T/err"
expect 1 ctl verify --db "$T/root.pem" >"$T/out" 2>"$T/err"

step "the running authority holds its tables against the log too"
by_hand() {
	sqlite3 "$T/db/ica.db" "PRAGMA busy_timeout = 5000; $1" >/dev/null ||
		fail "sqlite3: $1"
}
by_hand "UPDATE account SET role = 'auditor' WHERE name = 'alice'"
expect 1 ctl verify >"$T/out" 2>"$T/err"
has "table account: alice has another role than the log says" "$T/out"
expect 1 as auditor audit verify >"$T/out" 2>"$T/err"
has "another role than the log says" "$T/err"
expect 1 ctl check >"$T/out" 2>"$T/err"
has "another role than the log says" "$T/out"
ctl evidence --out "$T/evidence.tar" >"$T/out" 2>"$T/err" || fail "evidence"
tar xOf "$T/evidence.tar" evidence/verification.txt >"$T/out" || fail "tar"
has "BAD: table account: alice" "$T/out"
as staff alarms >"$T/out" 2>"$T/err" || fail "alarms"
grep -q "open .*does not say what the audit log says" "$T/out" ||
	fail "no alarm: $(cat "$T/out")"
by_hand "UPDATE account SET role = 'member' WHERE name = 'alice'"
ctl verify >"$T/out" 2>&1 || fail "verify: $(cat "$T/out")"
has "the tables agree" "$T/out"
as staff alarms >"$T/out" 2>"$T/err" || fail "alarms"
grep -q "over .*does not say what the audit log says" "$T/out" ||
	fail "the alarm did not end: $(cat "$T/out")"

by_hand "UPDATE domain SET name = 'bank.example' WHERE name = 'alpha.example'"
expect 1 ctl verify >"$T/out" 2>"$T/err"
has "table domain: bank.example is said to be proven, the log does not say so" \
	"$T/out"
by_hand "UPDATE domain SET name = 'alpha.example' WHERE name = 'bank.example'"
ctl verify >"$T/out" 2>&1 || fail "verify: $(cat "$T/out")"

# insider ROW SQL: with the triggers out of the way; verify must name ROW.
insider() {
	cp "$T/copy.db" "$T/bad.db"
	sqlite3 "$T/bad.db" "DROP TRIGGER audit_stays;
		DROP TRIGGER audit_only_erased; $2" || fail "sqlite3"
	expect 1 ctl verify --db "$T/bad.db" >"$T/out" 2>"$T/err"
	grep -qE "(row|entry) $1([^0-9]|\$)" "$T/out" ||
		fail "after '$2' it does not name row $1: $(cat "$T/out")"
}

step "every field, changed, is found in its row"
for field in at role action noun object outcome actor key source detail; do
	value="'member'"
	case $field in
	at) value='at + 1' ;;
	outcome) value="'failed'" ;;
	esac
	insider 5 "UPDATE audit SET $field = $value WHERE number = 5"
done
for field in salt commitment previous hash; do
	insider 5 "UPDATE audit SET $field = zeroblob(length($field))
		WHERE number = 5"
done

step "rows deleted, put in, moved"
insider 4 "DELETE FROM audit WHERE number = 4"
insider 1 "DELETE FROM audit WHERE number = 1"
LAST=$(sqlite3 "$T/copy.db" "SELECT max(number) FROM audit")
insider $((LAST + 1)) "INSERT INTO audit SELECT $((LAST + 1)), at, role,
	action, noun, object, outcome, actor, key, source, detail, salt,
	commitment, previous, hash FROM audit WHERE number = 3"
insider 6 "UPDATE audit SET number = 9999 WHERE number = 6;
	UPDATE audit SET number = 6 WHERE number = 7;
	UPDATE audit SET number = 7 WHERE number = 9999"

step "a log that was cut or made anew is whole; the anchor tells"
cp "$T/copy.db" "$T/bad.db"
ctl verify --db "$T/copy.db" >"$T/anchor" 2>"$T/err" || fail "verify"
ctl verify --db "$T/copy.db" --anchor "$T/anchor" >"$T/out" 2>"$T/err" ||
	fail "its own anchor"
ctl verify --anchor="$T/anchor" --db "$T/copy.db" >"$T/out" 2>"$T/err" ||
	fail "options in another order"
expect 2 ctl verify --db >"$T/out" 2>"$T/err"
has "verify: --db needs a value" "$T/err"
expect 2 ctl verify --db "$T/copy.db" --bogus >"$T/out" 2>"$T/err"
has "verify: --bogus is no option of it" "$T/err"
expect 2 ctl verify --db "$T/copy.db" --db "$T/copy.db" >"$T/out" 2>"$T/err"
has "was given twice" "$T/err"
ctl backup --help >"$T/out" 2>"$T/err" || fail "help of a command"
grep -q "^usage: xmpp-icactl .* backup FILE" "$T/out" ||
	fail "its help: $(cat "$T/out")"
sqlite3 "$T/bad.db" "DROP TRIGGER audit_stays;
	DELETE FROM audit WHERE number > $((LAST - 3))"
ctl verify --db "$T/bad.db" >"$T/out" 2>"$T/err" || fail "a cut log is whole"
expect 1 ctl verify --db "$T/bad.db" --anchor "$T/anchor" >"$T/out" 2>"$T/err"
has "row $((LAST - 2))" "$T/out"
sed 's/\(head [0-9]* \)../\100/' "$T/anchor" >"$T/other"
cmp -s "$T/anchor" "$T/other" && sed 's/\(head [0-9]* \)../\1ff/' \
	"$T/anchor" >"$T/other"
expect 1 ctl verify --db "$T/copy.db" --anchor "$T/other" >"$T/out" 2>"$T/err"
expect 1 ctl verify --db "$T/copy.db" --anchor "$T/root.pem" >"$T/out" \
	2>"$T/err"

step "the triggers refuse the honest way"
sqlite3 "$T/copy.db" "DELETE FROM audit WHERE number = 2" 2>/dev/null &&
	fail "a row was deleted"
sqlite3 "$T/copy.db" "UPDATE audit SET object = 'x' WHERE number = 2" \
	2>/dev/null && fail "a row was changed"

insider 5 "UPDATE audit SET object = 'x' WHERE number = 5"

step "restore: refused while it runs, and refused for a bad file"
expect 1 ctl restore "$T/copy.db" >"$T/out" 2>"$T/err"
daemon_stop || fail "stop"
expect 1 ctl restore "$T/bad.db" >"$T/out" 2>"$T/err"
prove_nothing_lost() {
	ctl dump >"$T/dump" 2>"$T/err" || fail "dump: $(cat "$T/err")"
	grep -c '^HAVE certificate' "$T/dump"
}
[ "$(prove_nothing_lost)" -eq 1 ] || fail "the certificate is gone"
ctl restore "$T/copy.db" >"$T/out" 2>"$T/err" ||
	fail "restore: $(cat "$T/err")"
[ "$(prove_nothing_lost)" -eq 1 ] || fail "the backup had it not"
daemon_start
wait_for "ssh" as alice whoami
# the backup is older than the published log: that is recorded first (31-log)
ctl log-loss --reason "a backup was put back" >"$T/out" 2>"$T/err" ||
	fail "log-loss"
as alice list >"$T/out" 2>"$T/err" || fail "list"
has alpha.example "$T/out"
wait_for "everything in order" ctl check
echo "all is well"
