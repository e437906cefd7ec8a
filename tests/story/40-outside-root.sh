#!/bin/sh
# 40-outside-root.sh - an ICA under a root that is not ours: a PKCS#10 goes
# out, the signed certificate is imported, wrong ones are refused, and nothing
# is issued before; that of the next issuer waits for the director.  S1.1 S1.2
# S1.3 S12.6
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

trial_folder policy.days=30 policy.issuer_second=yes

step "init --outside: a PKCS#10 for a CA, no root, no certificate"
expect 2 ctl init >"$T/out" 2>"$T/err"
ctl init --outside >"$T/out" 2>&1 || fail "init --outside"
[ ! -e "$T/root.pem" ] || fail "a root was made"
CSR=$T/ica-server-1.csr.pem
openssl req -in "$CSR" -noout -verify -text >"$T/text" 2>&1 ||
	fail "the PKCS#10 is not good"
has "CA:TRUE, pathlen:0" "$T/text"
has "Certificate Sign, CRL Sign" "$T/text"
expect 1 ctl init --outside >"$T/out" 2>"$T/err"
grep -q 'PRIVATE KEY' "$T"/ca/ica-server-1.key ||
	fail "no key file"
head -n 1 "$T/ca/ica-server-1.key" >"$T/out"
has ENCRYPTED "$T/out"
staff_make
daemon_start
wait_for "ssh" as staff whoami

step "nothing is issued before the import (S1.3)"
member alice
prove alice alpha.example
make_csr "$T/alpha" alpha.example
N=$(as alice request --domain alpha.example <"$T/alpha.csr" 2>"$T/err")
if [ -n "$N" ]; then
	as staff approve "$N" >"$T/out" 2>"$T/err"
fi
as alice cert "${N:-1}" >"$T/out" 2>"$T/err" &&
	fail "a certificate without an ICA certificate"
[ ! -s "$T/out" ] || fail "something came on standard output"

step "an outside root"
root_make() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes \
		-keyout "$T/$1.key" -out "$T/$1.pem" -days 3650 \
		-subj "/O=Somebody/CN=$1" -sha384 \
		-addext basicConstraints=critical,CA:TRUE \
		-addext keyUsage=critical,keyCertSign,cRLSign 2>"$T/err" ||
		fail "root: $(cat "$T/err")"
}
root_make outer
root_make other

# sign FILE ROOT CSR EXTENSION...: with these lines as the extensions.
sign() {
	_file=$1 _root=$2 _csr=$3
	shift 3
	printf '%s\n' "$@" subjectKeyIdentifier=hash \
		authorityKeyIdentifier=keyid >"$T/ext"
	openssl x509 -req -in "$_csr" -CA "$T/$_root.pem" \
		-CAkey "$T/$_root.key" -days 1000 -sha384 -extfile "$T/ext" \
		-out "$T/$_file" 2>"$T/err" || fail "sign: $(cat "$T/err")"
}
BC=basicConstraints=critical,CA:TRUE,pathlen:0
KU=keyUsage=critical,keyCertSign,cRLSign,digitalSignature
EKU=extendedKeyUsage=serverAuth,clientAuth

# refused WORDS FILE [ROOTS]
refused() {
	_words=$1
	_r=0
	ctl import "$T/$2" --roots "$T/${3:-outer.pem}" >"$T/out" 2>"$T/err" ||
		_r=$?
	[ $_r -eq 1 ] || fail "$_words: import ended with $_r"
	[ -s "$T/err" ] || fail "$_words: not a word about it"
	echo "   $_words: $(cat "$T/err")"
}

step "S1.2: what is not right is refused"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes \
	-keyout "$T/foreign.key" -out "$T/foreign.csr" -subj /CN=x 2>/dev/null
sign foreign.pem outer "$T/foreign.csr" "$BC" "$KU" "$EKU"
refused "another key" foreign.pem
sign leaf.pem outer "$CSR" basicConstraints=critical,CA:FALSE "$KU" "$EKU"
refused "CA:FALSE" leaf.pem
sign path.pem outer "$CSR" basicConstraints=critical,CA:TRUE,pathlen:1 \
	"$KU" "$EKU"
refused "pathLen 1" path.pem
sign nopath.pem outer "$CSR" basicConstraints=critical,CA:TRUE "$KU" "$EKU"
refused "no pathLen" nopath.pem
sign nocrl.pem outer "$CSR" "$BC" keyUsage=critical,keyCertSign,digitalSignature \
	"$EKU"
refused "no cRLSign" nocrl.pem
sign nosign.pem outer "$CSR" "$BC" keyUsage=critical,cRLSign "$EKU"
refused "no keyCertSign" nosign.pem
sign other-ica.pem other "$CSR" "$BC" "$KU" "$EKU"
refused "signed by another root" other-ica.pem
sign good.pem outer "$CSR" "$BC" "$KU" "$EKU"
refused "not under the roots given" good.pem other.pem
: >"$T/empty.pem"
refused "an empty file" empty.pem

step "the right one is taken"
ctl import "$T/good.pem" --roots "$T/outer.pem" >"$T/out" 2>"$T/err" ||
	fail "import"
has active "$T/out"

step "and now certificates are issued, under the outside root"
if [ -z "$N" ]; then
	N=$(as alice request --domain alpha.example <"$T/alpha.csr" \
		2>"$T/err") || fail "request"
	as staff approve "$N" >"$T/out" 2>"$T/err" || fail "approve"
fi
as alice status "$N" >"$T/out" 2>"$T/err"
grep -qi awaiting "$T/out" && as staff approve "$N" >"$T/out" 2>"$T/err"
as alice status "$N" >"$T/out" 2>"$T/err"
grep -q 'State: refused' "$T/out" && fail "it was refused"
wait_for "the certificate" as alice cert "$N"
as alice cert "$N" >"$T/chain.pem" 2>"$T/err" || fail "cert"
openssl verify -CAfile "$T/outer.pem" -untrusted "$T/good.pem" \
	"$T/chain.pem" >"$T/out" 2>&1 || fail "openssl verify"
[ "$(grep -c BEGIN "$T/chain.pem")" -eq 2 ] || fail "not leaf and ICA"

step "the next issuer's certificate waits for the director (S12.6)"
# waits NUMBER COMMAND...: it is kept, and the director is told how to say yes.
waits() {
	_op=$1
	shift
	expect 4 ctl "$@" >"$T/out" 2>"$T/err"
	has "issuer confirm $_op" "$T/out"
}
state_is() {
	ctl issuer list >"$T/list" 2>"$T/err" &&
		grep -q "^$1 *$2 " "$T/list"
}
waits 1 issuer new --outside
as director issuer confirm 1 >"$T/out" 2>"$T/err" || fail "confirm 1"
ctl issuer new --outside >"$T/out" 2>"$T/err" ||
	fail "issuer new: $(cat "$T/err")"
CSR2=$T/ica-server-2.csr.pem
sign two.pem outer "$CSR2" "$BC" "$KU" "$EKU"
sign two-leaf.pem outer "$CSR2" basicConstraints=critical,CA:FALSE "$KU" \
	"$EKU"
: >"$T/two-empty.pem"
waits 2 import "$T/two-leaf.pem" --roots "$T/outer.pem"
waits 3 import "$T/two.pem" --roots "$T/outer.pem"
openssl x509 -in "$T/two.pem" -outform DER -out "$T/two.der"
waits 3 import "$T/two.der" --roots "$T/outer.pem"
refused "no certificate, and so nothing to wait for" two-empty.pem
state_is ica-server-2 pending || fail "imported without the director"
[ ! -e "$T/ca/ica-server-2.crt" ] || fail "the signer has it already"
for _who in staff auditor finance; do
	expect 1 as $_who issuer confirm 3 >"$T/out" 2>"$T/err"
done
as director issuer list >"$T/out" 2>"$T/err" || fail "issuer list"
has "$(sha256sum <"$T/two.der" | cut -c1-64)" "$T/out"

step "what waits is judged when it is confirmed, and once"
expect 1 as director issuer confirm 2 >"$T/out" 2>"$T/err"
has "CA:TRUE" "$T/err"
state_is ica-server-2 pending || fail "a leaf was imported"
as director issuer drop 2 >"$T/out" 2>"$T/err" || fail "drop"
daemon_stop || fail "stop"
daemon_start
wait_for "ssh" as director whoami
wait_for "the signer to take it" as director issuer confirm 3
state_is ica-server-2 ready || fail "not imported: $(cat "$T/list")"
expect 1 as director issuer confirm 3 >"$T/out" 2>"$T/err"
waits 4 issuer activate ica-server-2 --yes
as director issuer confirm 4 >"$T/out" 2>"$T/err" || fail "confirm 4"
prove alice gamma.example
_n=$(issue alice gamma.example)
as alice cert "$_n" >"$T/chain.pem" 2>"$T/err" || fail "cert"
openssl verify -CAfile "$T/outer.pem" -untrusted "$T/two.pem" \
	"$T/chain.pem" >"$T/out" 2>&1 || fail "openssl verify of the second"
[ "$(sqlite3 -readonly "$T/db/ica.db" "SELECT group_concat(outcome) FROM
	audit WHERE action = 'issuer.import'")" = "$(printf '%s,' \
	refused refused refused refused refused refused refused refused \
	refused "done" refused)done" ] || fail "the log of the imports"

step "a restart keeps it"
daemon_stop || fail "stop"
daemon_start
wait_for "ssh" as alice whoami
prove alice beta.example
issue alice beta.example >/dev/null
wait_for "everything in order" ctl check
echo "all is well"
