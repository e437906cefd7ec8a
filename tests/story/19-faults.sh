#!/bin/sh
# 19-faults.sh - processes die at random moments while certificates are
# issued: what was acknowledged stays, nothing is issued without approval,
# every serial has a status, no letter is lost or sent twice.  Then a signer
# that does not answer: an approval is kept, and issued by itself.
# S5.7 S6.2 S9.1 S11.2
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

ROUNDS=20

restarted() {
	_now=$(child "$1")
	[ -n "$_now" ] && [ "$_now" != "$2" ]
}

# issuer: asks, approves and revokes until $T/enough is there; what was
# acknowledged goes to $T/asked, $T/approved, $T/revoked.
issuer() {
	_i=0
	while [ ! -e "$T/enough" ]; do
		_i=$((_i + 1))
		openssl req -new -newkey ec -pkeyopt \
			ec_paramgen_curve:P-256 -nodes -keyout "$T/i.key" \
			-out "$T/i.csr" -subj "/CN=n$_i.alpha.example" \
			2>/dev/null
		_n=$(as alice request <"$T/i.csr" 2>"$T/i.err") || continue
		echo "$_n" >>"$T/asked"
		_said=0
		as staff approve "$_n" >/dev/null 2>"$T/i.err" || _said=$?
		# 4: the signer is away, the approval is kept
		[ $_said -eq 0 ] || [ $_said -eq 4 ] || continue
		echo "$_n" >>"$T/approved"
		[ $((_i % 4)) -eq 0 ] || continue
		as alice revoke "$_n" superseded >/dev/null 2>&1 &&
			echo "$_n" >>"$T/revoked"
	done
}

q() {
	sqlite3 -readonly "$T/db/ica.db" "$1"
}

none_is() {
	[ "$(q "SELECT count(*) FROM request WHERE state = '$1'")" -eq 0 ]
}

no_letter_waits() {
	[ "$(q "SELECT count(*) FROM notice WHERE state IN
		('waiting', 'leased')")" -eq 0 ]
}

trial_start policy.requests_per_account_day=10000
member alice
prove alice alpha.example
: >"$T/asked" && : >"$T/approved" && : >"$T/revoked"

step "$ROUNDS times one process dies while certificates are issued"
issuer &
worker=$!
i=0
while [ $i -lt $ROUNDS ]; do
	p=$(echo registrar signer courier gate publisher |
		cut -d' ' -f$((i % 5 + 1)))
	# the moment is any moment; nothing is waited for here
	sleep "0.$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')"
	old=$(child $p)
	if [ -n "$old" ]; then
		ctl dump >"$T/dump.$i" 2>/dev/null || rm -f "$T/dump.$i"
		kill -9 "$old"
		wait_for "a new $p" restarted $p "$old"
	fi
	i=$((i + 1))
done
wait_for "ssh" as staff whoami
BEFORE=$(wc -l <"$T/approved")
more() {
	[ "$(wc -l <"$T/approved")" -gt "$BEFORE" ]
}
wait_for "an approval after the last fault" more
: >"$T/enough"
wait $worker
echo "   $(wc -l <"$T/asked") requests, $(wc -l <"$T/approved") approvals," \
	"$(wc -l <"$T/revoked") revocations acknowledged"
[ "$(wc -l <"$T/approved")" -ge 3 ] || fail "too few to prove anything"

step "everything approved is issued, by itself"
wait_for "the last certificates" none_is approved
# kept WHAT SQL: each acknowledged number of $T/WHAT is among the rows
kept() {
	q "$2" | sort >"$T/rows"
	sort "$T/$1" | comm -23 - "$T/rows" >"$T/out"
	[ ! -s "$T/out" ] || fail "acknowledged as $1 and lost: $(cat "$T/out")"
}
kept asked "SELECT number FROM request"
kept approved "SELECT number FROM request WHERE state = 'issued'"
kept revoked "SELECT request FROM certificate WHERE state = 'revoked'"

step "what a dump had before a fault is there still"
ctl dump | sort >"$T/now" || fail "dump"
for f in "$T"/dump.*; do
	[ -s "$f" ] || continue
	sort "$f" | comm -23 - "$T/now" >"$T/out"
	[ ! -s "$T/out" ] || fail "lost since $f: $(head -n 3 "$T/out")"
done
[ -s "$f" ] || fail "no dump was taken"

step "no certificate without an approval, none twice; the books agree"
[ "$(q "SELECT count(*) FROM certificate c WHERE request IS NOT NULL AND
	NOT EXISTS (SELECT 1 FROM approval a WHERE a.request = c.request)")" \
	-eq 0 ] || fail "a certificate that nobody approved"
ctl verify >"$T/out" 2>&1 || fail "verify: $(cat "$T/out")"
wait_for "everything in order" ctl check

step "every serial has a status: good by OCSP, or on the CRL"
q "SELECT lower(serial) FROM certificate WHERE state <> 'good'" |
	sort >"$T/bad"
crl_has_all() {
	curl -sf "$URL/crl/ica-server-1.crl" |
		openssl crl -inform DER -noout -text |
		sed -n 's/^ *Serial Number: //p' | tr A-F a-f |
		sort >"$T/listed"
	[ -z "$(comm -23 "$T/bad" "$T/listed")" ]
}
wait_for "the CRL to list $(wc -l <"$T/bad") serials" crl_has_all
q "SELECT serial FROM certificate WHERE state = 'good'" >"$T/good"
# the published answers hold every serial: the oldest and the newest five are asked
ocsp_has_all() {
	head -n 5 "$T/good" | while read -r s; do
		openssl ocsp -no_nonce -issuer "$T/ica.pem" -serial "0x$s" \
			-CAfile "$T/root.pem" -url "$URL/ocsp" 2>&1 |
			grep -q ': good' || exit 1
	done || return 1
	tail -n 5 "$T/good" | while read -r s; do
		openssl ocsp -no_nonce -issuer "$T/ica.pem" -serial "0x$s" \
			-CAfile "$T/root.pem" -url "$URL/ocsp" 2>&1 |
			grep -q ': good' || exit 1
	done
}
wait_for "OCSP to know the good ones" ocsp_has_all
while read -r s; do
	openssl ocsp -no_nonce -issuer "$T/ica.pem" -serial "0x$s" \
		-CAfile "$T/root.pem" -url "$URL/ocsp" 2>&1 |
		grep -q ': good' && fail "$s is good by OCSP and not by us"
done <<-END
	$(tail -n 5 "$T/bad")
	END

step "each letter left once"
wait_for "the letters" no_letter_waits
[ "$(q "SELECT count(*) FROM notice WHERE state = 'failed'")" -eq 0 ] ||
	fail "a letter failed"
[ "$(q "SELECT count(*) FROM notice")" -eq \
	"$(find "$T/mail/new" -type f | wc -l)" ] ||
	fail "$(q "SELECT count(*) FROM notice") letters were written," \
		"$(find "$T/mail/new" -type f | wc -l) arrived"
[ "$(q "SELECT count(*) FROM certificate WHERE request IS NOT NULL")" -eq \
	"$(q "SELECT count(*) FROM notice WHERE kind = 'issued' AND
	recipient = 'alice@mail.example'")" ] || fail "letters of issuance"

step "a signer that does not answer: the approval is kept, exit status 4"
make_csr "$T/late" late.alpha.example
N=$(as alice request <"$T/late.csr" 2>"$T/err") || fail "$(cat "$T/err")"
G=$(issue alice alpha.example)
as alice cert "$G" --leaf >"$T/g.pem" 2>"$T/err" || fail "cert $G"
ocsp_is() {
	ocsp_of "$T/g.pem" >"$T/ocsp.out"
	grep -qi "$1" "$T/ocsp.out" "$T/ocsp.err"
}
ocsp_error() {
	openssl ocsp -no_nonce -issuer "$T/ica.pem" -cert "$T/g.pem" \
		-CAfile "$T/root.pem" -url "$URL/ocsp" 2>&1 |
		grep -qi "trylater"
}
wait_for "good" ocsp_is good
signer=$(child signer)
kill -STOP "$signer"
expect 4 as staff approve "$N" >"$T/out" 2>"$T/err"
has "Request $N" "$T/err"
expect 4 as alice status "$N" >"$T/out" 2>"$T/err"
# nobody waits again for what it still owes: five questions, also of issuing
began=$(date +%s%N)
make_csr "$T/late2" late2.alpha.example
M=$(as alice request <"$T/late2.csr" 2>"$T/err") || fail "$(cat "$T/err")"
expect 4 as staff approve "$M" >"$T/out" 2>"$T/err"
for _ in 1 2 3; do
	as alice whoami >"$T/out" 2>"$T/err" || fail "$(cat "$T/err")"
done
took=$((($(date +%s%N) - began) / 1000000))
[ "$took" -lt 4000 ] || fail "sessions waited for a frozen signer: $took ms"
# what nobody can sign as revoked is at least not "good" any more (S9.4)
as alice revoke "$G" superseded >"$T/out" 2>"$T/err"
wait_for "no answer rather than a wrong one" ocsp_error
kill -CONT "$signer"
wait_for "revoked" ocsp_is revoked
wait_for "the second certificate, by itself" as alice cert "$M"
wait_for "the certificate, by itself" as alice cert "$N"
expect 0 as alice status "$N" >"$T/out" 2>"$T/err"

step "SIGTERM ends it within 10 seconds, with somebody inside"
(as staff watch >"$T/watch" 2>&1; echo $? >"$T/watch.status") &
watcher=$!
began=$(date +%s)
daemon_stop || fail "it did not stop"
[ $(($(date +%s) - began)) -lt 10 ] || fail "it took 10 s"
wait $watcher
grep -q 'did not end within' "$T/log/xmpp-icad.log" && fail "somebody had to be killed"
echo "all is well"
