#!/bin/sh
# 15-status.sh - how a request and its certificate stand, in words, exit
# statuses and JSON: status, list, cert in each form and by serial, ocsp, renew
# with a new key and with the stored CSR, every data command with --json.
# S3.1 S5.8 S9.1 S10.3   (status 7 is proved in tests/view/commands_test.c)
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# says STATUS NAME COMMAND...
says() {
	_status=$1
	shift
	expect "$_status" as "$@" </dev/null >"$T/out" 2>"$T/err"
}

# json STATUS FILTER NAME COMMAND...: one JSON value, nothing else, that the
# filter finds good.
json() {
	_status=$1 _filter=$2
	shift 2
	expect "$_status" as "$@" --json </dev/null >"$T/out" 2>"$T/err"
	jq -es 'length == 1 and .[0].v == 1' "$T/out" >/dev/null 2>&1 ||
		fail "$*: not one JSON object with v = 1"
	jq -e "$_filter" "$T/out" >/dev/null || fail "$*: $_filter"
}

# shellcheck disable=SC2119
trial_start
member alice
member bob
prove alice alpha.example

step "4 while it waits, 1 refused, 3 not yours or none, 2 nonsense"
make_csr "$T/one" alpha.example
N=$(as alice request --domain alpha.example --note "'first one'" \
	<"$T/one.csr" 2>"$T/err") || fail "request"
says 4 alice status "$N"
says 3 bob status "$N"
says 3 alice status 4711
says 3 alice status 00ff00ff00ff00ff
says 2 alice status "$N" "$N"
says 0 alice status
has alpha.example "$T/out"
expect 4 as alice cert "$N" >"$T/out" 2>"$T/err"
[ ! -s "$T/out" ] || fail "something on standard output"
has "status $N" "$T/err"
waits as alice ocsp "$N"

step "0 when issued; the forms of the certificate"
as staff approve "$N" >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"
wait_for "certificate $N" as alice cert "$N"
says 0 alice status "$N"
as alice cert "$N" >"$T/chain.pem" || fail "cert"
as alice cert "$N" --leaf >"$T/leaf.pem" || fail "--leaf"
as alice cert "$N" --der >"$T/leaf.der" || fail "--der"
as alice cert "$N" --text >"$T/leaf.txt" || fail "--text"
grep -q "$(printf '\r')" "$T/chain.pem" && fail "CR in the chain"
openssl x509 -in "$T/leaf.pem" -outform DER | cmp -s - "$T/leaf.der" ||
	fail "--leaf and --der differ"
awk '/BEGIN/ { n++ } n == 1' "$T/chain.pem" | cmp -s - "$T/leaf.pem" ||
	fail "the chain does not begin with the leaf"
awk '/BEGIN/ { n++ } n == 2' "$T/chain.pem" |
	openssl x509 -outform DER | sha256sum >"$T/a"
openssl x509 -in "$T/ica.pem" -outform DER | sha256sum >"$T/b"
cmp -s "$T/a" "$T/b" || fail "the chain does not end with the ICA"
SERIAL=$(openssl x509 -in "$T/leaf.pem" -noout -serial | cut -d= -f2 |
	tr A-F a-f)
tr -d ': \n' <"$T/leaf.txt" >"$T/a"
has "$SERIAL" "$T/a"
has alpha.example "$T/leaf.txt"
says 2 alice cert "$N" --leaf --der
as alice cert "$N" --der --json >"$T/out" || fail "cert --der --json"
jq -e . "$T/out" >/dev/null || fail "cert --der --json"

step "by serial, in any case, and not of another"
for serial in "$SERIAL" "$(echo "$SERIAL" | tr a-f A-F)"; do
	as alice cert "$serial" --leaf >"$T/out" 2>"$T/err" ||
		fail "cert by serial: $(cat "$T/err")"
	cmp -s "$T/out" "$T/leaf.pem" || fail "another certificate"
	says 0 alice status "$serial"
done
says 3 bob cert "$SERIAL"
says 3 bob status "$SERIAL"
says 0 auditor cert "$SERIAL"

step "ocsp: good, and its bytes are what the publisher serves"
wait_for "the answer" as alice ocsp "$N"
as alice ocsp "$N" >"$T/out" 2>&1 || fail "ocsp"
has "Status: good" "$T/out"
has "$SERIAL" "$T/out"
as alice ocsp "$N" --der >"$T/answer.der" || fail "ocsp --der"
openssl ocsp -respin "$T/answer.der" -issuer "$T/ica.pem" \
	-cert "$T/leaf.pem" -CAfile "$T/root.pem" >"$T/out" 2>&1 ||
	fail "$(cat "$T/out")"
has "leaf.pem: good" "$T/out"

step "list --expiring"
says 0 alice list --expiring 80
grep -q alpha.example "$T/out" && fail "it expires in 90 days, not 80"
says 0 alice list --expiring 91
has alpha.example "$T/out"
says 2 alice list --expiring 0
says 2 alice list --expiring soon
says 2 alice list --limit -1

step "filter, state and paging"
for d in a b c d e; do
	make_csr "$T/$d" $d.alpha.example
	as alice request <"$T/$d.csr" >/dev/null 2>"$T/err" ||
		fail "request: $(cat "$T/err")"
done
json 0 '.rows | length == 1 and .[0].first == "c.alpha.example"' \
	alice status --filter c.alpha
json 0 '.rows | length == 5' alice status --state awaiting
# a state that there is not is told, with those that there are
expect 1 as alice status --state waiting >"$T/out" 2>"$T/err"
has "awaiting, approved" "$T/err"
expect 1 as staff mail --state lost >"$T/out" 2>"$T/err"
has "waiting, leased, sent, failed" "$T/err"
json 0 '(.rows | length == 2) and .more' alice status --limit 2
LAST=$(jq '.rows[-1].number' "$T/out")
json 0 ".rows | length == 2 and all(.number < $LAST)" \
	alice status --limit 2 --before "$LAST"
json 0 '.rows | length == 2 and .[0].number < .[1].number' \
	staff queue --limit 2
FIRST=$(jq '.rows[-1].number' "$T/out")
json 0 ".rows | length == 3 and all(.number > $FIRST)" \
	staff queue --after "$FIRST"
json 0 '.rows == []' bob status --filter alpha
json 0 '.rows == []' alice status --filter '"%"'

step "renew with a new CSR: no staff, another number, another serial"
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes \
	-keyout "$T/new.key" -out "$T/new.csr" -subj / 2>/dev/null
R=$(as alice renew "$N" <"$T/new.csr" 2>"$T/err") ||
	fail "renew: $(cat "$T/err")"
case $R in "$N" | '' | *[!0-9]*) fail "renew gave '$R'" ;; esac
wait_for "the renewed certificate" as alice cert "$R"
as alice cert "$R" --leaf >"$T/new.pem" || fail "cert"
openssl x509 -in "$T/new.pem" -noout -ext subjectAltName >"$T/a"
openssl x509 -in "$T/leaf.pem" -noout -ext subjectAltName >"$T/b"
cmp -s "$T/a" "$T/b" || fail "other names after renewal"
openssl x509 -in "$T/new.pem" -noout -pubkey >"$T/a"
openssl pkey -in "$T/new.key" -pubout >"$T/b"
cmp -s "$T/a" "$T/b" || fail "not the new key"
says 0 auditor show "$R"
has "$SERIAL" "$T/out"

step "renew without a CSR: the stored one, with a warning; by serial too"
R=$(as alice renew "$SERIAL" </dev/null 2>"$T/err") ||
	fail "renew: $(cat "$T/err")"
has key-reused "$T/err"
wait_for "the renewed certificate" as alice cert "$R"
says 3 bob renew "$N"
says 3 alice renew 4711

step "a lost proof: no renewal any more"
make_csr "$T/three" alpha.example
says 0 alice domain drop alpha.example
expect 1 as alice renew "$N" <"$T/three.csr" >"$T/out" 2>"$T/err"
has name-unproven "$T/err"
[ ! -s "$T/out" ] || fail "a number all the same"

step "6 when revoked; a second time changes nothing"
says 0 alice revoke "$N" superseded
says 6 alice status "$N"
says 0 alice cert "$N"
has revoked "$T/err"
wait_for "the answer" sh -c "curl -sf '$URL/crl/ica-server-1.crl' |
	openssl crl -inform DER -noout -text | grep -qi '$SERIAL'"
ocsp_revoked() {
	as alice ocsp "$N" 2>/dev/null | grep -q "Status: revoked"
}
wait_for "ocsp N says so" ocsp_revoked
expect 0 as alice revoke "$N" keyCompromise >"$T/out" 2>"$T/err"
json 0 '.rows | map(select(.state == "effective")) | length <= 2' \
	staff revocations
says 6 alice status "$N"

step "a compromised key is blocked, once its certificate is revoked for it"
prove alice alpha.example postmaster
K=$(as alice request --domain alpha.example <"$T/three.csr" 2>"$T/err") ||
	fail "request: $(cat "$T/err")"
as staff approve "$K" >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"
wait_for "certificate $K" as alice cert "$K"
says 0 alice revoke "$K" keyCompromise
for d in alpha.example sub.alpha.example; do
	expect 1 as alice request --domain $d <"$T/three.csr" >"$T/out" \
		2>"$T/err"
	has key-blocked "$T/err"
done

step "--json: one object with v = 1 for every command that prints data"
json 0 '.account.name == "alice"' alice whoami
json 0 '.version' alice agreement
json 0 '.rows | length == 1' alice key list
json 0 '.rows | length > 0' alice domain list
json 0 '.name == "alpha.example"' alice domain show alpha.example
json 6 ".number == $N or .row.number == $N or .request.number == $N" \
	alice status "$N"
json 0 '.rows | length > 0' alice list
json 0 ".serial == \"$SERIAL\" and .state == \"revoked\"" alice cert "$N"
json 0 '.state == "revoked"' alice ocsp "$N"
json 0 '.rows | length > 0' staff queue
json 0 '.request' staff show "$N"
json 0 '.rows | length > 0' staff member list
json 0 '.name == "alice" or .account.name == "alice"' staff member show alice
json 0 '.rows | length > 0' staff search alpha
json 0 '.rows | length > 0' staff revocations
json 0 '.rows | length > 0' staff mail
json 0 '.rows | length > 0' staff system
json 0 '.rows | length > 0' auditor audit
json 0 '.v == 1' auditor audit verify
json 0 '.v == 1' alice help
json 0 '.v == 1' alice version

step "--json of what goes wrong is JSON too, with the same status"
json 3 '.error' alice status 4711
json 3 '.error' bob cert "$N"
json 1 '.error' alice queue
json 2 '.error' alice cert
json 1 '.error' staff approve "$N"

step "exports of the audit log: JSON lines and CSV, whole"
as auditor audit --export jsonl >"$T/audit.jsonl" 2>"$T/err" || fail "jsonl"
jq -es 'length > 20 and (map(.number) | . == sort)' "$T/audit.jsonl" \
	>/dev/null || fail "not JSON lines in order"
as auditor audit --export csv >"$T/audit.csv" 2>"$T/err" || fail "csv"
python3 - "$T/audit.csv" "$(wc -l <"$T/audit.jsonl")" <<-'END' || fail "CSV"
	import csv, sys
	rows = list(csv.reader(open(sys.argv[1], newline="")))
	assert len({len(r) for r in rows}) == 1, "rows of different lengths"
	assert len(rows) - 1 >= int(sys.argv[2]), (len(rows), sys.argv[2])
END
echo "all is well"
