#!/bin/sh
# 20-restart.sh - each process is killed in turn: it is started again and the
# work goes on where it stood; nothing is lost or done twice.  S5.7 S6.2
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# shellcheck disable=SC2119
trial_start
member alice

# restarted PROCESS OLD-NUMBER
restarted() {
	_now=$(child "$1")
	[ -n "$_now" ] && [ "$_now" != "$2" ]
}

# strike PROCESS: kill it, and see a new one.
strike() {
	_old=$(child "$1")
	[ -n "$_old" ] || fail "no process $1"
	kill -9 "$_old"
	wait_for "a new $1" restarted "$1" "$_old"
}

step "each process dies once, and a certificate comes all the same"
for p in signer registrar courier publisher gate; do
	strike $p
	wait_for "ssh after $p died" as alice whoami
	prove alice $p.example
	issue alice $p.example >/dev/null
	curl -sf --retry 20 --retry-delay 1 --retry-connrefused \
		-o "$T/crl" "$URL/crl/ica-server-1.crl" || fail "no CRL"
done

step "the signer dies just before the approval"
prove alice late.example
make_csr "$T/late" late.example
N=$(as alice request --domain late.example <"$T/late.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
kill -9 "$(child signer)"
as staff approve "$N" >"$T/out" 2>"$T/err"
wait_for "the certificate after all" as alice cert "$N"

step "the registrar dies just after the approval"
prove alice later.example
make_csr "$T/later" later.example
N=$(as alice request --domain later.example <"$T/later.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
as staff approve "$N" >"$T/out" 2>"$T/err" &
approval=$!
kill -9 "$(child registrar)"
wait $approval
wait_for "ssh" as staff whoami
as alice status "$N" >"$T/out" 2>&1
if [ $? -eq 4 ]; then
	as staff approve "$N" >"$T/out" 2>"$T/err"
fi
wait_for "the certificate after all" as alice cert "$N"

step "the registrar dies between the signature and its own commit, the policy changes"
# The signer stands still while it is asked; the registrar gives up waiting, and
# stands still too; then the signer signs what it was asked, and nobody hears it.
hash_now() {
	ctl state | sed -n 's/.*sha256 \([0-9a-f]*\)\.\.\..*/\1/p' | head -n 1
}
old_hash=$(hash_now)
[ ${#old_hash} -eq 16 ] || fail "no hash of the policy: $old_hash"
make_csr "$T/lost" later.example
N=$(as alice request --domain later.example <"$T/lost.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
signer=$(child signer) registrar=$(child registrar)
kill -STOP "$signer"
as staff approve "$N" >"$T/out" 2>"$T/err" &
approval=$!
approved_alone() {
	[ "$(sqlite3 "$T/db/ica.db" "SELECT state FROM request
		WHERE number = $N")" = approved ]
}
wait_for "the approval without its certificate" approved_alone
kill -STOP "$registrar"
signed_before=$(stat -c %s "$T/ca/journal.der")
kill -CONT "$signer"
signed_alone() {
	[ "$(stat -c %s "$T/ca/journal.der")" -gt "$signed_before" ]
}
wait_for "the signature that nobody hears of" signed_alone
sed -i 's/^\[policy\]$/[policy]\ndays = 30/' "$T/xmpp-ica.conf"
kill -9 "$registrar"
wait "$approval"
wait_for "a new registrar" restarted registrar "$registrar"
wait_for "the certificate after all" as alice cert "$N"
[ "$(hash_now)" != "$old_hash" ] || fail "the policy is the old one"
as alice cert "$N" --leaf >"$T/leaf.pem" 2>"$T/err" || fail "cert $N"
openssl x509 -in "$T/leaf.pem" -noout -checkend $((80 * 86400)) >/dev/null ||
	fail "it is not the one that was signed"
as auditor audit --noun certificate --export jsonl >"$T/audit" 2>"$T/err"
grep '"certificate.issue"' "$T/audit" | grep "request $N," >"$T/out"
has "$old_hash" "$T/out"
# what is signed from now on is of the new one
issue alice late.example >"$T/number"
as alice cert "$(cat "$T/number")" --leaf >"$T/leaf.pem" 2>"$T/err"
openssl x509 -in "$T/leaf.pem" -noout -checkend $((31 * 86400)) >/dev/null &&
	fail "the new policy does not count"
as auditor audit --noun certificate --export jsonl >"$T/audit" 2>"$T/err"
grep '"certificate.issue"' "$T/audit" | grep "request $(cat "$T/number")," \
	>"$T/out"
has "$(hash_now)" "$T/out"

step "each letter came once"
wait_for "the last letters" letters_beyond hostmaster@later.example 2
wait_for "the last letters" letters_beyond hostmaster@late.example 2
for d in signer registrar courier publisher gate late later; do
	n=$(letters_count hostmaster@$d.example)
	want=2			# the code, and the certificate
	case $d in late*) want=3 ;; esac
	[ "$n" -eq $want ] || fail "$n letters to hostmaster@$d.example, not $want"
done

step "no serial was signed twice, and the books agree"
ctl verify >"$T/out" 2>&1 || fail "verify"
wait_for "everything in order" ctl check
ctl dump | awk '$2 == "certificate" || $2 == "serial" { print $2, $3 }' |
	sort | uniq -d >"$T/out"
[ ! -s "$T/out" ] || fail "twice: $(cat "$T/out")"

step "the master dies: its children go with it, and a new one takes over"
for p in signer registrar courier publisher gate; do
	child $p
done >"$T/children"
kill -9 "$PID"
gone() {
	while read -r p; do
		kill -0 "$p" 2>/dev/null && return 1
	done <"$T/children"
	return 0
}
wait_for "the children to end" gone
daemon_start
wait_for "ssh" as alice whoami
as alice list >"$T/out" 2>"$T/err" || fail "list"
has later.example "$T/out"

step "SIGTERM ends all in order"
for p in signer registrar courier publisher gate; do
	child $p
done >"$T/children"
daemon_stop || fail "it did not stop"
wait_for "the children to end" gone
tail -n 20 "$T/log/xmpp-icad.log" | sed -n 's/^master: info: ended process=//p' \
	>"$T/out"
printf 'gate\npublisher\ncourier\nregistrar\nsigner\n' | cmp -s - "$T/out" ||
	fail "the order was: $(cat "$T/out")"
ls "$T"/run/*.sock >"$T/out" 2>/dev/null && fail "sockets stayed"

step "the published set is lost: the next start makes it anew"
daemon_start
wait_for "ssh" as alice whoami
rm -rf "$T/published"
expect 1 ctl check >"$T/out" 2>"$T/err"
has "start xmpp-icad again" "$T/out"
daemon_stop || fail "stop"
daemon_start
for p in crl/ica-server-1.crl ca/ica-server-1.crt feed.json log/checkpoint \
	healthz; do
	wait_for "$p" curl -sf -o "$T/crl" "$URL/$p"
done
wait_for "everything in order" ctl check
daemon_stop || fail "stop"

step "started with a clock days behind: nothing is issued until staff look (S11.6)"
sqlite3 "$T/db/ica.db" "UPDATE setting SET value = value + 3 * 86400
	WHERE name = 'clock.alive'" || fail "sqlite3"
daemon_start
wait_for "ssh" as alice whoami
clock_alarm() {
	as staff alarms --state open --filter clock >"$T/out" 2>"$T/err" &&
		grep -q "3 days before" "$T/out"
}
wait_for "the alarm" clock_alarm
cp "$T/out" "$T/out.alarm"
make_csr "$T/clock" later.example
N=$(as alice request --domain later.example <"$T/clock.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
expect 5 as staff approve "$N" >"$T/out" 2>"$T/err"
has "clock says" "$T/err"
as staff alarms --see "$(awk '/clock/ { print $1; exit }' "$T/out.alarm")" \
	>"$T/out" 2>"$T/err" || fail "see: $(cat "$T/err")"
approved() {
	as staff approve "$N" >"$T/out" 2>"$T/err" || [ $? -eq 4 ]
}
wait_for "the clock to count" approved
wait_for "the certificate" as alice cert "$N"
wait_for "everything in order" ctl check
echo "all is well"
