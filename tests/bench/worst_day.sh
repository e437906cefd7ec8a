#!/bin/sh
# worst_day.sh - a bug in everybody's keys: N certificates revoked by a plan,
# N new ones asked for, approved and issued meanwhile, all CRLs and OCSP
# answers out, every letter queued (performance.md P28); judged by openssl and
# the audit log.  Then how long one revocation takes to be seen when the day is
# quiet, with a CRL of N entries: in OCSP, and in the CRL over HTTP (P5); the
# same without a mail server, and with the database's disk full (as root: a
# small file system in memory, so its syncs cost nothing).
# needs: sqlite3 python3 openssl, and a built BIN with t/bench_issue and
# t/bench_revoke beside it.
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
: "${N:=10000}"
: "${ICA:=P-384}"
: "${ONES:=15}"			# single revocations
. "$SRC/tests/lib.sh"
PATIENCE=300
BENCH=$BIN/../t/bench_issue
[ -x "$BENCH" ] || fail "no $BENCH: make t/bench_issue"

sql() {
	sqlite3 -readonly -cmd '.timeout 5000' "$T/db/ica.db" "$1"
}
none() {
	[ "$(sql "$1")" -eq 0 ]
}
cpu() {		# of registrar and signer, 1/100 s
	awk '{ sub(/^.*\) /, ""); n += $12 + $13 } END { print n }' \
		"/proc/$REGISTRAR/stat" "/proc/$SIGNER/stat"
}
ms() {
	echo $(($(date +%s%N) / 1000000))
}
issue_many() {
	BENCH_BATCH_ALONE=1 timeout 500 "$BENCH" "$T/xmpp-ica.conf" alice \
		"$T/keys/alice.pub" staff "$T/keys/staff.pub" alpha.example "$N"
}

trial_start "signer.ica_key=$ICA" signer.per_hour=1000000 \
	signer.per_day=1000000 policy.requests_per_account_day=100000 \
	policy.certificates_per_account=1000000
member alice
prove alice alpha.example
step "$N certificates are out there"
issue_many >/dev/null || fail "bench_issue"
wait_for "their answers" none "SELECT count(*) FROM answer_due
	WHERE due <= strftime('%s', 'now')"
wait_for "their letters" none "SELECT count(*) FROM notice
	WHERE state IN ('waiting', 'leased')"
LETTERS=$(sql "SELECT count(*) FROM notice")

step "the worst day"
BENCH_GO=$T/go issue_many >"$T/issued" 2>"$T/err" &
B=$!
as staff revoke-many keyCompromise --domain alpha.example >"$T/out" \
	2>"$T/err" || fail "revoke-many: $(cat "$T/err")"
PLAN=$(sed -n 's/^Plan: //p' "$T/out")
sleep 5				# the other half has made its keys and CSRs
REGISTRAR=$(child registrar) SIGNER=$(child signer)
CPU=$(cpu)
START=$(ms)
: >"$T/go"
as staff2 revoke-many --confirm "$PLAN" >"$T/out" 2>"$T/err" ||
	fail "confirm: $(cat "$T/err")"
wait $B || fail "bench_issue: $(cat "$T/err")"
ISSUED=$(ms)
plan_done() {
	[ "$(sql "SELECT state FROM revocation_plan WHERE number = $PLAN")" = \
		"done" ]
}
wait_for "the plan" plan_done
REVOKED=$(ms)
crl_out() {
	none "SELECT (SELECT count(*) FROM crl_new) +
		(SELECT count(*) FROM crl WHERE crl_due <= strftime('%s', 'now'))"
}
wait_for "the CRLs" crl_out
CRL=$(ms)
wait_for "the answers" none "SELECT count(*) FROM answer_due
	WHERE due <= strftime('%s', 'now')"
ALL=$(ms)
CPU=$(($(cpu) - CPU))
echo "P28: $N revoked, $N issued again: issued after $((ISSUED - START)) ms," \
	"revoked after $((REVOKED - START)) ms, CRLs out after" \
	"$((CRL - START)) ms, all answers after $((ALL - START)) ms;" \
	"$(($(sql "SELECT count(*) FROM notice") - LETTERS)) letters queued;" \
	"$((CPU / 100)) CPU s of registrar and signer"
curl -sf -o "$T/crl" "$URL/crl/ica-server-1.crl" || fail "the CRL"
_n=$(openssl crl -inform DER -in "$T/crl" -CAfile "$T/ica.pem" -noout -text \
	2>"$T/out" | grep -c 'Key Compromise')
has "verify OK" "$T/out"
[ "$_n" -eq "$N" ] || fail "$_n on the CRL"
[ "$(sql "SELECT count(*) FROM certificate WHERE state = 'good'")" -eq "$N" ] ||
	fail "not $N good ones"
ctl verify >"$T/out" 2>&1 || fail "audit: $(cat "$T/out")"

step "one more, each alone: until OCSP says so, and until the CRL lists it"
wait_for "the letters" none "SELECT count(*) FROM notice
	WHERE state IN ('waiting', 'leased')"
# seen: median and slowest of each column of $T/seen
seen() {
	for _c in 2 3; do
		sort -n -k$_c "$T/seen" | awk -v c=$_c -v t="$1" '
		{ v[NR] = $c }
		END { printf "P5 %s: %s median %.1f ms, slowest %.1f ms\n", t,
		    c == 2 ? "OCSP" : "CRL", v[int((NR + 1) / 2)], v[NR] }'
	done
}
serials() {
	sql "SELECT serial FROM certificate WHERE state = 'good'
		ORDER BY number DESC LIMIT $ONES"
}
revoke_each() {
	# shellcheck disable=SC2046	# many words
	"$BIN/../t/bench_revoke" "$T/xmpp-ica.conf" alice \
		"$T/keys/alice.pub" "$T/ica.pem" "$HTTP_PORT" $(serials) \
		>"$T/seen" || fail "bench_revoke"
}
# when each answer is made again: it changes only with the answer
dues() {
	sql "SELECT certificate, due FROM answer_due ORDER BY certificate"
}
sleep 1
dues >"$T/dues"
revoke_each
seen "with a CRL of $N"
wait_for "their answers" none "SELECT count(*) FROM answer_due
	WHERE due <= strftime('%s', 'now')"
_n=$(dues | diff "$T/dues" - | grep -c '^>')
[ "$_n" -eq "$ONES" ] || fail "$_n answers made for $ONES revocations"
echo "$_n answers made anew, of $(wc -l <"$T/dues")"

step "the same while letters cannot leave"
daemon_stop || fail stop
conf_write "signer.ica_key=$ICA" "mail.smtp_url=smtp://127.0.0.1:$(free_port)"
daemon_start
wait_for ssh as staff whoami
revoke_each
seen "without a mail server"

step "the same when the disk is full and the reserve is spent"
daemon_stop || fail stop
mv "$T/db" "$T/db.whole"
mkdir -m 700 "$T/db"
mount -t tmpfs -o "size=$(($(du -sm "$T/db.whole" | cut -f1) + 16))m,mode=700" \
	ica-t-db "$T/db" 2>/dev/null || {
	echo "P5 with a full disk: not measured (not root?)"
	exit 0
}
disk_stop() {
	_s=$?
	daemon_stop
	umount "$T/db"
	(exit $_s)
	trial_stop
}
trap 'disk_stop' EXIT
cp -p -R "$T/db.whole/." "$T/db/" || fail "copy"
rm -rf "$T/db.whole"
daemon_start
wait_for ssh as staff whoami
wait_for "the reserve" test -s "$T/db/reserve"
dd if=/dev/zero of="$T/db/filler" bs=1M count=4000 >/dev/null 2>&1
dd if=/dev/zero of="$T/db/crumbs" bs=4096 count=1000 >/dev/null 2>&1
turned_away() {
	make_csr "$T/x" alpha.example
	_got=0
	as alice request <"$T/x.csr" >"$T/out" 2>"$T/err" || _got=$?
	[ $_got -eq 5 ]
}
wait_for "a request that is turned away" turned_away
[ ! -e "$T/db/reserve" ] || fail "the reserve is still there"
revoke_each
seen "with a full disk"
turned_away || fail "the disk is not full any more"
