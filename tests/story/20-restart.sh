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

step "each letter came once"
wait_for "the last letter" letters_beyond hostmaster@later.example 1
for d in signer registrar courier publisher gate late later; do
	n=$(letters_count hostmaster@$d.example)
	[ "$n" -eq 2 ] || fail "$n letters to hostmaster@$d.example, not 2"
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
