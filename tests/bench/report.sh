#!/bin/sh
# report.sh - a quarter's report over a million certificates (< 2 s), and the
# same made again from the log alone (< 20 s).   report.sh [CERTIFICATES]
set -u
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
: "${BIN:=$SRC/build/bin}"
MANY=${1:-1000000}
. "$SRC/tests/lib.sh"

trial_folder
ctl init --trial >"$T/out" 2>"$T/err" || fail "init"
staff_make
# Three entries for each certificate: asked for, approved, issued.
cat >"$T/log.sql" <<'SQL'
PRAGMA synchronous = OFF;
BEGIN;
INSERT INTO audit (at, role, action, noun, object, outcome, actor, detail,
	salt, commitment, previous, hash)
	SELECT c.issued, k.role, k.action, k.noun, CASE k.n WHEN 3 THEN
	c.serial ELSE c.request END, 'done', '', CASE k.n WHEN 3 THEN
	printf('request %d, digest %s, certificate %s, issuer ica-server-1, policy 1 %s, renewal 0, asked %d, decided %d, issued %d, until %d',
	c.request, hex(zeroblob(32)), hex(zeroblob(48)), hex(zeroblob(32)),
	r.created, r.decided, c.issued, c.not_after) WHEN 2 THEN
	'digest ' || hex(zeroblob(32)) || ', the last one' ELSE
	'xmpp-server, 1 domains, first ' || r.first END,
	zeroblob(16), zeroblob(32), zeroblob(32), zeroblob(32)
	FROM certificate c JOIN request r ON r.number = c.request,
	(SELECT 1 AS n, 'member' AS role, 'request.submit' AS action,
	'request' AS noun UNION ALL SELECT 2, 'staff', 'request.approve',
	'request' UNION ALL SELECT 3, 'system', 'certificate.issue',
	'certificate') k ORDER BY c.number, k.n;
-- the accounts that the filler made did not come through the log
DELETE FROM span WHERE what = 'member' AND number > 1000000;
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
SQL
sqlite3 -cmd ".param set :many $MANY" "$T/db/ica.db" \
	<"$SRC/tests/bench/store_fill.sql" >"$T/out" 2>"$T/err" || fail "fill"
NOW=$(date -u +%YQ)$((($(date -u +%-m) - 1) / 3 + 1))

# In a running authority it is made beside the loop: others are answered.
ms() {
	echo $(($(date +%s%N) / 1000000))
}
# whoami N: the longest of N sessions of somebody else, in ms
whoami_most() {
	_most=0
	for _i in $(seq "$1"); do
		_from=$(ms)
		as staff whoami >/dev/null 2>&1
		_took=$(($(ms) - _from))
		[ "$_took" -le "$_most" ] || _most=$_took
	done
	echo "$_most"
}
daemon_start
wait_for "ssh" as staff whoami
sleep 5
ALONE=$(whoami_most 10)
(
	for _run in 1 2 3 4 5; do
		_from=$(ms)
		as auditor report "$NOW" --draft --csv >/dev/null
		echo $(($(ms) - _from)) >>"$T/reports"
	done
	: >"$T/reported"
) &
sleep 0.3
BESIDE=0
while [ ! -e "$T/reported" ]; do
	_one=$(whoami_most 1)
	[ "$_one" -le "$BESIDE" ] || BESIDE=$_one
done
wait
daemon_stop || fail "xmpp-icad does not stop"
echo "report in a session: $(sort -n "$T/reports" | sed -n 3p) ms"
echo "whoami of another: at most $ALONE ms alone, $BESIDE ms while reports are made"

sqlite3 "$T/db/ica.db" <"$T/log.sql" >"$T/out" 2>"$T/err" || fail "fill log"

echo "certificates $MANY, database $(du -m "$T/db/ica.db" | cut -f1) MB"
# both roads, in one process: "(MS ms, the log MS ms)"
for _run in 1 2; do
	expect 0 ctl report "$NOW" --db "$T/db/ica.db" >"$T/out"
	cat "$T/out"
done
TABLES=$(sed 's/.*(\([0-9]*\) ms,.*/\1/' "$T/out")
LOG=$(sed 's/.*the log \([0-9]*\) ms).*/\1/' "$T/out")

echo "report from the tables: $TABLES ms (< 2000)"
echo "again from the log: $LOG ms (< 20000)"
[ "$TABLES" -lt 2000 ] || fail "too slow"
[ "$LOG" -lt 20000 ] || fail "too slow"
