#!/bin/sh
# 42-person.sh - personal certificates: off by default, then under a root and
# an ICA of their own, for an address of the asker's domain, or of another's by
# the code of its holder; the same lifecycle as the others.  G5 S1.4 S8.3 S9.1
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# person_csr FILE [JID]: FILE.key and FILE.csr.
person_csr() {
	set -- "$T/$1" "${2:-}"
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$1.key" -out "$1.csr" -subj "/CN=somebody" \
		${2:+-addext "subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:$2"} \
		2>"$T/err" || fail "openssl req: $(cat "$T/err")"
}

# refused RULE NAME CSR ARGUMENT...
refused() {
	_rule=$1 _who=$2 _csr=$3
	shift 3
	expect 1 as "$_who" request --profile xmpp-person "$@" \
		<"$T/$_csr.csr" >"$T/out" 2>"$T/err"
	has "$_rule" "$T/err"
}

answered() {
	openssl ocsp -no_nonce -issuer "$T/ica-person.pem" -cert "$2" \
		-CAfile "$T/root-person.pem" -url "$URL/ocsp" 2>/dev/null |
		grep -q "^$2: $1"
}

step "off by default"
# shellcheck disable=SC2119
trial_start
member alice
prove alice alpha.example
person_csr romeo
refused profile-unknown alice romeo --jid romeo@alpha.example
expect 1 as alice person invite romeo@alpha.example >"$T/out" 2>"$T/err"
as alice help request >"$T/out" 2>/dev/null || fail "help"
! grep -q "xmpp-person" "$T/out" || fail "offered, and not allowed"

step "on: still nothing without an issuer for people"
daemon_stop || fail "stop"
conf_write "policy.profiles=xmpp-server xmpp-person"
daemon_start
wait_for "ssh" as alice whoami
as alice help request >"$T/out" 2>/dev/null || fail "help"
has "xmpp-person" "$T/out"
! grep -q "xmpp-rfc3920" "$T/out" || fail "offered, and not allowed"
N=$(as alice request --profile xmpp-person --jid romeo@alpha.example \
	<"$T/romeo.csr" 2>"$T/err") || fail "request: $(cat "$T/err")"
expect 5 as staff approve "$N" >"$T/out" 2>"$T/err"
has "issuer new --person" "$T/err"

step "a root and an issuer of their own"
ctl init --person >"$T/out" 2>"$T/err" || fail "init --person: $(cat "$T/err")"
has "ica-person-1 is active" "$T/out"
openssl verify -CAfile "$T/root-person.pem" "$T/ica-person.pem" \
	>"$T/out" 2>&1 || fail "the issuer is not its root's"
wait_for "its CRL" curl -sf "$URL/crl/ica-person-1.crl"
wait_for "its root's CRL" curl -sf "$URL/crl/root-person.crl"

step "an address of the own domain"
as staff approve "$N" >"$T/out" 2>"$T/err" || [ $? -eq 4 ] ||
	fail "approve: $(cat "$T/err")"
wait_for "certificate $N" as alice cert "$N"
as alice cert "$N" >"$T/romeo.pem" 2>"$T/err" || fail "cert"
[ "$(grep -c BEGIN "$T/romeo.pem")" -eq 2 ] || fail "not leaf and issuer"
openssl verify -x509_strict -purpose sslclient -CAfile "$T/root-person.pem" \
	-untrusted "$T/romeo.pem" "$T/romeo.pem" >"$T/out" 2>&1 ||
	fail "openssl verify"
openssl x509 -in "$T/romeo.pem" -noout -text >"$T/text" ||
	fail "openssl x509"
has "CN = romeo@alpha.example" "$T/text"
grep -q "othername: .*romeo@alpha.example" "$T/text" || fail "no XmppAddr"
has "TLS Web Client Authentication" "$T/text"
! grep -q "Server Authentication\|DNS:" "$T/text" || fail "of use to servers"

step "never under the servers' root, and no server under theirs"
openssl verify -CAfile "$T/root.pem" -untrusted "$T/romeo.pem" \
	"$T/romeo.pem" >"$T/out" 2>&1 && fail "a person under the servers' root"
openssl verify -purpose sslserver -CAfile "$T/root-person.pem" \
	-untrusted "$T/romeo.pem" "$T/romeo.pem" >"$T/out" 2>&1 &&
	fail "a person as a server"
S=$(issue alice alpha.example)
as alice cert "$S" >"$T/server.pem" 2>"$T/err" || fail "cert"
openssl verify -CAfile "$T/root-person.pem" -untrusted "$T/server.pem" \
	"$T/server.pem" >"$T/out" 2>&1 && fail "a server under the people's root"
openssl verify -CAfile "$T/root.pem" -untrusted "$T/server.pem" \
	"$T/server.pem" >"$T/out" 2>&1 || fail "the server's own root"

step "what is not one address is refused"
refused person-none alice romeo
refused jid-form alice romeo --jid alpha.example
refused jid-localpart alice romeo --jid 'ro:meo@alpha.example'
refused name-unproven alice romeo --jid romeo@other.example
refused person-domain alice romeo --jid romeo@alpha.example \
	--domain other.example
person_csr juliet juliet@alpha.example
refused person-other alice juliet --jid nurse@alpha.example
make_csr "$T/host" alpha.example
refused person-names alice host --jid romeo@alpha.example
expect 1 as alice request --jid romeo@alpha.example <"$T/romeo.csr" \
	>"$T/out" 2>"$T/err"
has person-profile "$T/err"
N=$(as alice request --profile xmpp-person <"$T/juliet.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
as alice withdraw "$N" >"$T/out" 2>"$T/err" || fail withdraw

step "somebody else's domain: by its holder's code, which counts once"
member bob
person_csr bob
refused name-unproven bob bob --jid bob@alpha.example
expect 1 as bob person invite bob@alpha.example >"$T/out" 2>"$T/err"
has name-unproven "$T/err"
CODE=$(as alice person invite Bob@alpha.example 2>"$T/err") ||
	fail "invite: $(cat "$T/err")"
has "bob@alpha.example" "$T/err"
refused person-code bob bob --jid bob@alpha.example --code AAAA-BBBB
refused name-unproven bob bob --jid bob@alpha.example
refused person-code bob bob --jid nurse@alpha.example --code "$CODE"
N=$(as bob request --profile xmpp-person --code "$CODE" <"$T/bob.csr" \
	2>"$T/err") || fail "request: $(cat "$T/err")"
as alice person list >"$T/out" 2>"$T/err" || fail "person list"
has used "$T/out"
person_csr bob2
refused person-code bob bob2 --jid bob@alpha.example --code "$CODE"
as staff show "$N" >"$T/out" 2>"$T/err" || fail "show"
has "bob@alpha.example" "$T/out"
as staff approve "$N" >"$T/out" 2>"$T/err" || [ $? -eq 4 ] ||
	fail "approve: $(cat "$T/err")"
wait_for "certificate $N" as bob cert "$N"
as bob cert "$N" --leaf >"$T/bob.pem" 2>"$T/err" || fail "cert"
openssl verify -CAfile "$T/root-person.pem" -untrusted "$T/ica-person.pem" \
	"$T/bob.pem" >"$T/out" 2>&1 || fail "openssl verify"

step "a code by mail; one taken back; a holder who lost the domain"
as alice person invite nurse@alpha.example --mail >"$T/out" 2>"$T/err" ||
	fail "invite --mail: $(cat "$T/err")"
[ ! -s "$T/out" ] || fail "the code was mailed and shown"
wait_for "the letter" letters_beyond nurse@alpha.example 0
CODE=$(mail_code nurse@alpha.example)
as alice person drop nurse@alpha.example >"$T/out" 2>"$T/err" || fail drop
refused person-code bob bob2 --jid nurse@alpha.example --code "$CODE"
CODE=$(as alice person invite bob@alpha.example 2>"$T/err") || fail invite
N2=$(as bob request --profile xmpp-person --jid bob@alpha.example \
	--code "$CODE" <"$T/bob2.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
as alice domain drop alpha.example >"$T/out" 2>"$T/err" || fail "domain drop"
expect 1 as staff approve "$N2" >"$T/out" 2>"$T/err"
has name-unproven "$T/err"

step "revocation: CRL and OCSP of the people's issuer"
wait_for "the answer" answered good "$T/bob.pem"
as bob revoke "$N" keyCompromise >"$T/out" 2>"$T/err" || fail "revoke"
wait_for "revoked" answered revoked "$T/bob.pem"
listed() {
	curl -sf "$URL/crl/ica-person-1.crl" | openssl crl -inform DER \
		-noout -text | grep -q "$(openssl x509 -in "$T/bob.pem" \
		-noout -serial | cut -d= -f2)"
}
wait_for "the CRL" listed
echo "all is well"
