#!/bin/sh
# 41-rollover.sh - a second ICA generation is made on a running authority and
# takes over; certificates of both stand beside each other before openssl
# verify, ocsp and crl; the old one is revoked by its root, and what is retired
# is closed when its last certificate has ended.  S1.3 S1.4 S8.3 S12.6
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# judged LEAF ICA: chain, OCSP answer and CRL, as openssl sees them.
judged() {
	openssl verify -x509_strict -CAfile "$T/root.pem" -untrusted "$2" \
		"$1" >"$T/out" 2>&1 || fail "openssl verify $1"
	wait_for "the answer for $1" ocsp_says good "$1" "$2"
	_url=$(openssl x509 -in "$1" -noout -ext crlDistributionPoints |
		sed -n 's/.*URI://p')
	curl -sf "$_url" | openssl crl -inform DER >"$T/judged.crl" \
		2>"$T/err" || fail "no CRL at $_url"
	openssl crl -in "$T/judged.crl" -CAfile "$2" -noout 2>&1 |
		grep -q "verify OK" || fail "the CRL at $_url is not of $2"
	cat "$T/root.pem" "$T/judged.crl" >"$T/anchor"
	openssl verify -crl_check -CAfile "$T/anchor" -untrusted "$2" \
		"$1" >"$T/out" 2>&1 || fail "openssl verify -crl_check $1"
	_url=$(openssl x509 -in "$1" -noout -ext authorityInfoAccess |
		sed -n 's/.*CA Issuers - URI://p')
	curl -sf "$_url" | openssl x509 -inform DER | cmp -s - "$2" ||
		fail "$_url is not $2"
}

# ocsp_says WORD LEAF ICA
ocsp_says() {
	openssl ocsp -no_nonce -issuer "$3" -cert "$2" -CAfile "$T/root.pem" \
		-url "$URL/ocsp" >"$T/ocsp" 2>&1
	grep -q "^$2: $1" "$T/ocsp" && grep -q "verify OK" "$T/ocsp"
}

state_is() {
	ctl issuer list >"$T/list" 2>"$T/err" &&
		grep -q "^$1 *$2 " "$T/list"
}

# confirmed TEXT: the operator's last command waits; the director says yes.
confirmed() {
	has "$1" "$T/out"
	_op=$(sed -n 's/.*issuer confirm \([0-9]*\).*/\1/p' "$T/out")
	[ -n "$_op" ] || fail "no number in: $(cat "$T/out")"
	as director issuer confirm "$_op" >"$T/out" 2>"$T/err" ||
		fail "issuer confirm $_op: $(cat "$T/err")"
}

trial_start policy.issuer_second=yes
member alice
prove alice alpha.example
prove alice beta.example
N1=$(issue alice alpha.example)
as alice cert "$N1" --leaf >"$T/one.pem" 2>"$T/err" || fail "cert"

step "a new issuer on a running authority: ready, and nothing changes yet"
ctl issuer list >"$T/out" 2>&1 || fail "issuer list"
has "ica-server-1" "$T/out"
expect 4 ctl issuer new >"$T/out" 2>"$T/err"
has "director@localhost issuer confirm 1" "$T/out"
expect 4 ctl issuer new >"$T/out" 2>"$T/err"
expect 1 as staff issuer confirm 1 >"$T/out" 2>"$T/err"
expect 1 as auditor issuer confirm 1 >"$T/out" 2>"$T/err"
[ ! -e "$T/ica-server-2.pem" ] || fail "made without the director"
as staff issuer list >"$T/out" 2>"$T/err" || fail "issuer list"
has "waiting" "$T/out"
as director alarms >"$T/out" 2>"$T/err" || fail "alarms"
has "wish 1" "$T/out"
as director issuer confirm 1 >"$T/out" 2>"$T/err" ||
	fail "issuer confirm: $(cat "$T/err")"
has "confirmed" "$T/out"
ctl issuer new >"$T/out" 2>"$T/err" || fail "issuer new: $(cat "$T/err")"
has "ica-server-2 is ready" "$T/out"
as director issuer list >"$T/out" 2>"$T/err" || fail "issuer list"
has "done" "$T/out"
openssl verify -CAfile "$T/root.pem" "$T/ica-server-2.pem" >"$T/out" 2>&1 ||
	fail "the new issuer is not the root's"
state_is ica-server-1 active || fail "the old one is not active"
N2=$(issue alice beta.example)
as alice cert "$N2" >"$T/chain" 2>"$T/err" || fail "cert"
openssl verify -CAfile "$T/root.pem" -untrusted "$T/ica.pem" "$T/chain" \
	>"$T/out" 2>&1 || fail "a ready issuer issued"

step "the operator's word is asked for twice; wrong ones are refused"
expect 1 ctl issuer activate ica-server-2 >"$T/out" 2>"$T/err" </dev/null
has "--yes" "$T/err"
expect 3 ctl issuer activate ica-server-7 --yes >"$T/out" 2>"$T/err"
expect 2 ctl issuer activate >"$T/out" 2>"$T/err"
expect 2 ctl issuer revoke ica-server-1 --yes >"$T/out" 2>"$T/err"
state_is ica-server-1 active || fail "the old one is not active"

step "activate: new certificates come from the new one"
expect 4 ctl issuer activate ica-server-2 --yes \
	--note "ann and bob, on the host" >"$T/out" 2>"$T/err"
state_is ica-server-1 active || fail "activated without the director"
has "waits for the director" "$T/list"
as director issuer drop 2 >"$T/out" 2>"$T/err" || fail "drop"
expect 1 as director issuer confirm 2 >"$T/out" 2>"$T/err"
expect 3 as director issuer confirm 99 >"$T/out" 2>"$T/err"
expect 4 ctl issuer activate ica-server-2 --yes \
	--note "ann and bob, on the host" >"$T/out" 2>"$T/err"
confirmed "waits for the director"
expect 1 as director issuer confirm 3 >"$T/out" 2>"$T/err"
state_is ica-server-2 active || fail "not activated"
state_is ica-server-1 superseded || fail "the old one is not superseded"
prove alice gamma.example
N3=$(issue alice gamma.example)
as alice cert "$N3" --leaf >"$T/two.pem" 2>"$T/err" || fail "cert"
as alice cert "$N3" >"$T/chain2.pem" 2>"$T/err" || fail "cert"
as alice cert "$N1" >"$T/chain1.pem" 2>"$T/err" || fail "cert"

step "each certificate with its own chain, answer and CRL"
tail -n +"$(grep -n BEGIN "$T/chain2.pem" | tail -n 1 | cut -d: -f1)" \
	"$T/chain2.pem" | cmp -s - "$T/ica-server-2.pem" ||
	fail "the chain of $N3 is not that of ica-server-2"
tail -n +"$(grep -n BEGIN "$T/chain1.pem" | tail -n 1 | cut -d: -f1)" \
	"$T/chain1.pem" | cmp -s - "$T/ica.pem" ||
	fail "the chain of $N1 is not that of ica-server-1"
wait_for "the CRL of the new one" curl -sf "$URL/crl/ica-server-2.crl"
judged "$T/one.pem" "$T/ica.pem"
judged "$T/two.pem" "$T/ica-server-2.pem"

step "revocations of both, each on its own list"
as alice revoke "$N1" superseded >"$T/out" 2>"$T/err" || fail "revoke"
as alice revoke "$N3" superseded >"$T/out" 2>"$T/err" || fail "revoke"
wait_for "revoked" ocsp_says revoked "$T/one.pem" "$T/ica.pem"
wait_for "revoked" ocsp_says revoked "$T/two.pem" "$T/ica-server-2.pem"
listed() {
	_serial=$(openssl x509 -in "$2" -noout -serial | cut -d= -f2)
	curl -sf "$URL/crl/$1.crl" | openssl crl -inform DER -noout -text |
		grep -q "Serial Number: $_serial"
}
wait_for "the old list" listed ica-server-1 "$T/one.pem"
wait_for "the new list" listed ica-server-2 "$T/two.pem"
! listed ica-server-1 "$T/two.pem" || fail "listed by the wrong issuer"

step "a restart keeps all of it"
daemon_stop || fail "stop"
daemon_start
wait_for "ssh" as alice whoami
state_is ica-server-2 active || fail "the new one is not active"
prove alice delta.example
N4=$(issue alice delta.example)
as alice cert "$N4" --leaf >"$T/four.pem" 2>"$T/err" || fail "cert"
judged "$T/four.pem" "$T/ica-server-2.pem"

step "an issuer revoked by its root: on the root's list, and nothing is issued"
ctl issuer revoke ica-server-2 keyCompromise --yes >"$T/out" 2>"$T/err" ||
	fail "issuer revoke: $(cat "$T/err")"
has "ica-server-2 is revoked" "$T/out"
as staff alarms >"$T/out" 2>"$T/err" || fail "alarms"
has "has revoked ica-server-2" "$T/out"
on_root() {
	curl -sf "$URL/crl/root.crl" | openssl crl -inform DER \
		-out "$T/root.crl" 2>/dev/null &&
		openssl crl -in "$T/root.crl" -noout -text |
		grep -q "Key Compromise"
}
wait_for "the root's CRL" on_root
cat "$T/root.pem" "$T/root.crl" >"$T/anchor"
openssl verify -crl_check -CAfile "$T/anchor" "$T/ica-server-2.pem" \
	>"$T/out" 2>&1 && fail "openssl takes a revoked issuer"
has "certificate revoked" "$T/out"
openssl verify -crl_check -CAfile "$T/anchor" "$T/ica.pem" >"$T/out" 2>&1 ||
	fail "the other issuer is not revoked"
prove alice epsilon.example
make_csr "$T/epsilon" epsilon.example
N5=$(as alice request --domain epsilon.example <"$T/epsilon.csr" 2>"$T/err")
if [ -n "$N5" ]; then
	as staff approve "$N5" >"$T/out" 2>"$T/err"
fi
as alice cert "${N5:-5}" >"$T/out" 2>"$T/err" &&
	fail "a revoked issuer issued"
expect 1 ctl issuer activate ica-server-2 --yes >"$T/out" 2>"$T/err"

step "what was retired is closed when its last certificate has ended"
expect 4 ctl issuer new >"$T/out" 2>"$T/err"
confirmed "waits for the director"
ctl issuer new >"$T/out" 2>"$T/err" || fail "issuer new"
expect 4 ctl issuer activate ica-server-3 --yes >"$T/out" 2>"$T/err"
confirmed "waits for the director"
as staff whoami >"$T/out" 2>&1 || fail "whoami"
wait_for "issuing again" sh -c ": "
N6=$(as alice request --domain epsilon.example <"$T/epsilon.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
as staff approve "$N6" >"$T/out" 2>"$T/err"
wait_for "certificate $N6" as alice cert "$N6"
expect 4 ctl issuer retire ica-server-3 --yes >"$T/out" 2>"$T/err"
confirmed "waits for the director"
state_is ica-server-3 superseded || fail "not retired"
daemon_stop || fail "stop"
sqlite3 "$T/db/ica.db" "UPDATE certificate SET not_after = 1000000000,
	not_before = 900000000 WHERE issuer = 'ica-server-3'" ||
	fail "sqlite3"
daemon_start
PATIENCE=75		# a signer slow to begin is asked again in 30 s
wait_for "closed" state_is ica-server-3 closed
ends() {
	curl -sf "$URL/crl/ica-server-3.crl" |
		openssl crl -inform DER -noout -nextupdate | cut -d= -f2
}
until_end() {
	[ "$(date -d "$(ends)" +%s)" = "$(date -d "$(openssl x509 \
		-in "$T/ica-server-3.pem" -noout -enddate |
		cut -d= -f2)" +%s)" ]
}
wait_for "the last CRL, that counts to the end" until_end

step "every deed is in the log, with the words that came with it"
as auditor audit --noun issuer --limit 100 >"$T/out" 2>"$T/err" || fail audit
for a in issuer.activate issuer.revoke issuer.retire issuer.close \
	issuer.reload issuer.ask issuer.confirm issuer.drop; do
	has $a "$T/out"
done
as auditor audit verify >"$T/out" 2>"$T/err" || fail "audit verify"
echo "all is well"
