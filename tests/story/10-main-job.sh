#!/bin/sh
# 10-main-job.sh - the main job by commands: guest to member, a domain
# proven, a CSR checked and submitted, approved by staff, a certificate
# fetched, verified, its status asked, revoked.  J1.1 J1.2 J1.3 J1.4 J1.5
# J7.1 R3.1 R3.2 R3.3 S5.1 S5.2 S5.3 S5.4 S2.3 J3.1 S6.1 S6.3 S9.1 S11.1
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# shellcheck disable=SC2119
trial_start

step "a guest sees no data, and must accept the agreement"
key_make alice
expect 2 guest alice register alice alice@mail.example 2>"$T/err"
guest alice list >"$T/out" 2>"$T/err" && fail "a guest may list"
[ ! -s "$T/out" ] || fail "a guest sees data"

step "guest to member by two commands"
member alice
as alice whoami >"$T/out" 2>&1 || fail "whoami"
has alice "$T/out"
as alice agreement >"$T/out" 2>"$T/err" || fail "agreement"

step "a wrong code and a taken name are refused, in one sentence"
key_make mallory
expect 1 guest mallory register alice m@mail.example --accept 2>"$T/err"
has alice "$T/err"
member bob
as bob domain add beta.example >/dev/null 2>&1 || fail "domain add"
wait_for "the code" letters_beyond hostmaster@beta.example 0
expect 1 as bob domain confirm beta.example \
	AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG 2>"$T/err"
[ -s "$T/err" ] || fail "no word about the wrong code"

step "a name and key that do not belong together open nothing"
expect 255 ssh_to bob alice whoami 2>/dev/null
expect 255 ssh_to mallory nobody whoami 2>/dev/null

step "no request without a proof"
make_csr "$T/early" alpha.example
expect 1 as alice request --domain alpha.example <"$T/early.csr" \
	>"$T/out" 2>"$T/err"
[ ! -s "$T/out" ] || fail "a number came for an unproven domain"

step "prove a domain; only the three mailboxes may"
expect 1 as alice domain add alpha.example --to root 2>"$T/err"
expect 1 as alice domain add alpha.example --to admin 2>"$T/err"
prove alice alpha.example
prove alice xn--strae-oqa.example postmaster
as alice domain list >"$T/out" 2>&1 || fail "domain list"
has alpha.example "$T/out"
has proven "$T/out"

step "a code works once"
expect 1 as alice domain confirm alpha.example \
	"$(mail_code hostmaster@alpha.example)" 2>"$T/err"

step "check shows what the certificate will contain"
make_csr "$T/alpha" alpha.example
as alice check --domain alpha.example <"$T/alpha.csr" >"$T/out" \
	2>"$T/err" || fail "check: $(cat "$T/err")"
has _xmpp-server "$T/out"
as alice check --domain alpha.example --json <"$T/alpha.csr" \
	>"$T/out" 2>"$T/err" || fail "check --json"
has '"v":1' "$T/out"
has '"accepted":true' "$T/out"

step "submit: standard output is the number alone; twice is the same number"
N=$(as alice request --domain alpha.example <"$T/alpha.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
case $N in *[!0-9]* | '') fail "not a number: $N" ;; esac
AGAIN=$(as alice request --domain alpha.example <"$T/alpha.csr" \
	2>"$T/err") || fail "request again: $(cat "$T/err")"
[ "$N" = "$AGAIN" ] || fail "the same CSR became $N and $AGAIN"
expect 4 as alice status "$N" >"$T/out" 2>&1
expect 3 as bob status "$N" >"$T/out" 2>&1
expect 4 as alice cert "$N" >"$T/out" 2>"$T/err"
[ ! -s "$T/out" ] || fail "something came on standard output"

step "staff see the evidence and approve; a member may not"
as staff queue >"$T/out" 2>&1 || fail "queue"
has alpha.example "$T/out"
as staff show "$N" >"$T/out" 2>&1 || fail "show"
has hostmaster@alpha.example "$T/out"
as alice approve "$N" >"$T/out" 2>&1 && fail "a member approved"
as auditor approve "$N" >"$T/out" 2>&1 && fail "an auditor approved"
as staff approve "$N" --note "story" >"$T/out" 2>"$T/err" ||
	fail "approve: $(cat "$T/err")"
wait_for "the certificate" as alice cert "$N"
expect 0 as alice status "$N" >"$T/out" 2>&1

step "the chain: leaf first, then the ICA; openssl is the judge"
as alice cert "$N" >"$T/chain.pem" 2>"$T/err" || fail "cert"
[ "$(grep -c BEGIN "$T/chain.pem")" -eq 2 ] || fail "not two certificates"
openssl verify -CAfile "$T/root.pem" -untrusted "$T/ica.pem" \
	"$T/chain.pem" >"$T/out" 2>&1 || fail "$(cat "$T/out")"
as alice cert "$N" --leaf >"$T/leaf.pem" || fail "cert --leaf"
as alice cert "$N" --root >"$T/above.pem" || fail "cert --root"
openssl x509 -in "$T/root.pem" | cmp -s - "$T/above.pem" ||
	fail "--root is not the root"
as alice cert "$N" --der >"$T/leaf.der" || fail "cert --der"
openssl x509 -inform DER -in "$T/leaf.der" -noout -text >"$T/text" ||
	fail "the DER is no certificate"
has "CN = alpha.example" "$T/text"
has "DNS:alpha.example" "$T/text"
has "TLS Web Server Authentication, TLS Web Client Authentication" "$T/text"
has "CA:FALSE" "$T/text"
has "URI:$URL/ocsp" "$T/text"
has "URI:$URL/crl/ica-server-1.crl" "$T/text"
grep -qF 'XmppAddr' "$T/text" && fail "an XmppAddr in xmpp-server"
openssl asn1parse -inform DER -in "$T/leaf.der" >"$T/asn1" 2>&1
openssl x509 -in "$T/leaf.pem" -noout -pubkey >"$T/a"
openssl pkey -in "$T/alpha.key" -pubout >"$T/b" 2>/dev/null
cmp -s "$T/a" "$T/b" || fail "another key in the certificate"

step "the profiles: xmpp-rfc3920 has an XmppAddr in U-labels, xmpp-s2s no dNSName"
make_csr "$T/rfc" xn--strae-oqa.example
M=$(as alice request --profile xmpp-rfc3920 --domain 'straße.example' \
	<"$T/rfc.csr" 2>"$T/err") || fail "rfc3920: $(cat "$T/err")"
as staff approve "$M" >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"
wait_for "certificate $M" as alice cert "$M"
as alice cert "$M" --leaf | openssl x509 -outform DER >"$T/rfc.der"
openssl asn1parse -inform DER -in "$T/rfc.der" \
	-strparse "$(openssl asn1parse -inform DER -in "$T/rfc.der" |
		grep -A1 'Subject Alternative' | grep 'OCTET STRING' |
		sed 's/^ *\([0-9]*\):.*/\1/')" >"$T/san" 2>&1
has 'straße.example' "$T/san"
has 'xn--strae-oqa.example' "$T/san"
make_csr "$T/s2s" alpha.example
M=$(as alice request --profile xmpp-s2s --domain alpha.example \
	<"$T/s2s.csr" 2>"$T/err") || fail "s2s: $(cat "$T/err")"
as staff approve "$M" >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"
wait_for "certificate $M" as alice cert "$M"
as alice cert "$M" --leaf | openssl x509 -noout -ext subjectAltName >"$T/out"
grep -q 'DNS:' "$T/out" && fail "a dNSName in xmpp-s2s"
has 'othername' "$T/out"

step "letters about the issuance to the contact and to the proof mailbox"
wait_for "the letter to alice" letters_beyond alice@mail.example 1
wait_for "the letter to hostmaster" letters_beyond hostmaster@alpha.example 1
SERIAL=$(openssl x509 -in "$T/leaf.pem" -noout -serial | cut -d= -f2 |
	tr A-F a-f)
letters_to alice@mail.example | while read -r letter; do
	letter_body "$letter" | tr A-F a-f
done >"$T/letters"
has "$SERIAL" "$T/letters"

step "OCSP says good, an unknown serial is never good"
wait_for "a good answer" sh -c "openssl ocsp -no_nonce \
	-issuer '$T/ica.pem' -cert '$T/leaf.pem' -CAfile '$T/root.pem' \
	-url '$URL/ocsp' 2>&1 | grep -q ': good'"
openssl ocsp -no_nonce -issuer "$T/ica.pem" -serial 0x1234567890abcdef \
	-CAfile "$T/root.pem" -url "$URL/ocsp" >"$T/out" 2>&1
grep -q ': good' "$T/out" && fail "an unknown serial is good"

step "status, list, search and --json"
as alice list >"$T/out" 2>&1 || fail "list"
has alpha.example "$T/out"
as alice list --json >"$T/out" 2>"$T/err" || fail "list --json"
has '"v":1' "$T/out"
as bob list --json >"$T/out" 2>"$T/err" || fail "bob's list"
grep -q alpha.example "$T/out" && fail "bob sees what is alice's"
as staff search alpha >"$T/out" 2>&1 || fail "search"
has alpha.example "$T/out"
expect 2 as alice frobnicate >"$T/out" 2>"$T/err"
[ ! -s "$T/out" ] || fail "an unknown command writes to stdout"

step "revoke: CRL and OCSP show it, status says 6"
expect 3 as bob revoke "$N" superseded >"$T/out" 2>&1
as alice revoke "$N" superseded >"$T/out" 2>"$T/err" ||
	fail "revoke: $(cat "$T/err")"
wait_for "OCSP to say revoked" sh -c "openssl ocsp -no_nonce \
	-issuer '$T/ica.pem' -cert '$T/leaf.pem' -CAfile '$T/root.pem' \
	-url '$URL/ocsp' 2>&1 | grep -q ': revoked'"
in_crl() {
	curl -sf "$URL/crl/ica-server-1.crl" >"$T/crl.der" &&
		openssl crl -inform DER -in "$T/crl.der" -noout -text |
		tr A-F a-f | grep -q "$SERIAL"
}
wait_for "the CRL to list it" in_crl
openssl crl -inform DER -in "$T/crl.der" -noout -CAfile "$T/ica.pem" \
	>"$T/out" 2>&1
has "verify OK" "$T/out"
expect 6 as alice status "$N" >"$T/out" 2>&1

step "staff refuse with a reason; never one's own request"
make_csr "$T/two" alpha.example
M=$(as alice request --domain alpha.example <"$T/two.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
as staff refuse "$M" --reason "'not today'" >/dev/null 2>"$T/err" ||
	fail "refuse: $(cat "$T/err")"
as alice status "$M" >"$T/out" 2>&1
has "not today" "$T/out"
as staff agreement --accept >"$T/out" 2>"$T/err" || fail "agreement"
prove staff gamma.example
make_csr "$T/gamma" gamma.example
M=$(as staff request --domain gamma.example <"$T/gamma.csr" 2>"$T/err") ||
	fail "staff's request: $(cat "$T/err")"
expect 1 as staff approve "$M" >"$T/out" 2>"$T/err"
as staff2 approve "$M" >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"

step "a suspended member reaches nothing but may revoke"
as staff member suspend bob >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"
expect 1 as bob domain add delta.example >"$T/out" 2>&1
as staff member reinstate bob >/dev/null 2>"$T/err" || fail "reinstate"

step "hostile CSRs are refused with a rule, and nothing is lost"
{ cat "$T/alpha.csr"; cat "$T/alpha.key"; } >"$T/bad"
expect 1 as alice check --domain alpha.example <"$T/bad" >"$T/out" 2>&1
cat "$T/alpha.csr" "$T/two.csr" >"$T/bad"
expect 1 as alice check --domain alpha.example <"$T/bad" >"$T/out" 2>&1
head -c 1048576 /dev/zero | tr '\0' A >"$T/bad"
as alice check --domain alpha.example <"$T/bad" >"$T/out" 2>&1 &&
	fail "a megabyte of A is a CSR"

step "the audit log has it all, and its chain holds"
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
for what in account.register account.confirm domain.confirm request.submit \
	request.approve revocation; do
	has "$what" "$T/audit"
done
as auditor audit verify >"$T/out" 2>&1 || fail "audit verify"
ctl verify >"$T/out" 2>&1 || fail "xmpp-icactl verify: $(cat "$T/out")"
ctl check >"$T/out" 2>&1 || fail "xmpp-icactl check: $(cat "$T/out")"
ctl dump >"$T/out" 2>&1 || fail "dump"
grep -q '^HAVE certificate ' "$T/out" || fail "no certificate in the dump"
echo "all is well"
