#!/bin/sh
# 23-policy.sh - the policy of the files comes into force without a restart, as
# a whole or not at all; each issuance names its version and hash; well-known
# names need two approvals; a stricter upstream wins or nothing is issued; keys
# that others know are refused.  J6.1 J6.2 G2 G6 S4.1 S5.5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# The policy's hash, as the authority says it (its beginning).
hash_now() {
	ctl state | sed -n 's/.*policy .*sha256 \([0-9a-f]*\).*/\1/p'
}

# policy KEY VALUE: the [policy] key in the configuration from now on.
policy() {
	awk -v k="$1" -v v="$2" '
		index($0, k " =") == 1 { next }
		{ print }
		$0 == "[policy]" && !done { print k " = " v; done = 1 }' \
		"$T/xmpp-ica.conf" >"$T/conf.new"
	mv "$T/conf.new" "$T/xmpp-ica.conf"
}

entries() {
	as auditor audit --export jsonl | grep -c '"policy.change"'
}

T_LISTS=$(mktemp -d)
printf '# known to many\nbig.example\n' >"$T_LISTS/names"
openssl genrsa -out "$T_LISTS/weak.key" 2048 2>/dev/null
# what openssl-vulnkey made of a key, here of one that was made just now
printf '# Debian, as in openssl-blacklist\n%s\n' "$(openssl rsa -noout -modulus \
	-in "$T_LISTS/weak.key" | openssl sha1 | sed 's/.*= //' | cut -c 21-40)" \
	>"$T_LISTS/weak"
trial_start "policy.high_value=$T_LISTS/names" "policy.weak_keys=$T_LISTS/weak"
member alice
prove alice alpha.example
prove alice big.example

step "check explains each difference from the defaults"
ctl check >"$T/out" 2>&1
has '"yes" instead of "no": accept special-use names' "$T/out"
has "\"$T_LISTS/names\" instead of" "$T/out"
has "published, 0 listed, 1 of Debian's" "$T/out"
if grep -q '^note  days ' "$T/out"; then
	fail "a default is told as a difference"
fi

step "an issuance names version and hash of the policy"
issue alice alpha.example >"$T/number" || fail "issue"
as auditor audit --export jsonl >"$T/audit"
grep '"certificate.issue"' "$T/audit" >"$T/issued"
has "policy 1 $(hash_now)" "$T/issued"

step "SIGHUP puts a changed policy in force, with one entry"
before=$(hash_now)
n=$(entries)
policy approvals 2
kill -HUP "$PID"
changed() { [ "$(hash_now)" != "$before" ]; }
wait_for "the new policy" changed
[ "$(entries)" -eq $((n + 1)) ] || fail "$(entries) entries after $n"
make_csr "$T/second" alpha.example
as alice request --domain alpha.example <"$T/second.csr" >"$T/number" \
	2>"$T/err" || fail "request: $(cat "$T/err")"
as staff approve "$(cat "$T/number")" >"$T/out" 2>&1 || fail "first approval"
expect 4 as alice status "$(cat "$T/number")" >"$T/out" 2>&1

step "a faulty one changes nothing, and is told"
before=$(hash_now)
policy approvals 17
kill -HUP "$PID"
told() { grep -q 'approvals = 17' "$T/log/xmpp-icad.log"; }
wait_for "the word in the log" told
expect 1 ctl reload 2>"$T/err"
has approvals "$T/err"
policy approvals 1
policy oid 1.2.3.4
expect 1 ctl reload 2>"$T/err"
has policy-restart "$T/err"
[ "$(hash_now)" = "$before" ] || fail "the policy changed"
policy oid 1.3.6.1.4.1.99999.1.1.1
ctl reload >"$T/out" || fail reload
has "in force now" "$T/out"
ctl reload >"$T/out" || fail reload
has "in force already" "$T/out"

step "a well-known name needs two people"
make_csr "$T/big" big.example
as alice request --domain big.example <"$T/big.csr" >"$T/number" \
	2>"$T/err" || fail "request: $(cat "$T/err")"
as staff show "$(cat "$T/number")" >"$T/out"
has name-high-value "$T/out"
as staff approve "$(cat "$T/number")" >"$T/out" 2>&1 || fail "first approval"
expect 4 as alice status "$(cat "$T/number")" >"$T/out" 2>&1
as staff2 approve "$(cat "$T/number")" >"$T/out" 2>&1 || fail "the second"
wait_for "the certificate" as alice cert "$(cat "$T/number")"

step "a key of Debian's list is refused"
openssl req -new -key "$T_LISTS/weak.key" -subj /CN=alpha.example \
	-out "$T/weak.csr" 2>/dev/null
expect 1 as alice check --domain alpha.example <"$T/weak.csr" >"$T/out" \
	2>"$T/err"
has key-debian "$T/err"

step "changed in the midst of issuing: each certificate is of one policy, whole"
hash_90=$(hash_now)
: >"$T/numbers"
for i in 1 2 3 4 5 6 7 8; do
	make_csr "$T/load" "load$i.alpha.example"
	as alice request --domain "load$i.alpha.example" <"$T/load.csr" \
		>>"$T/numbers" 2>"$T/err" || fail "request: $(cat "$T/err")"
done
{
	while read -r n; do
		as staff approve "$n" </dev/null || echo "$n: $?" >&2
	done <"$T/numbers" >"$T/approved" 2>&1
	: >"$T/all-approved"
} &
APPROVER=$!
turns=0
until [ -f "$T/all-approved" ] && [ $turns -ge 2 ]; do
	for days in 60 90; do
		policy days $days
		before=$(hash_now)
		kill -HUP "$PID"
		wait_for "the policy of $days days" changed
		[ $days -eq 90 ] || hash_60=$(hash_now)
	done
	turns=$((turns + 1))
done
wait "$APPROVER"
seconds() {
	date -d "$(openssl x509 -in "$T/one.pem" -noout "-${1}date" |
		cut -d= -f2)" +%s
}
while read -r n <&3; do
	wait_for "certificate $n" as alice cert "$n"
	as alice cert "$n" --leaf </dev/null >"$T/one.pem" 2>"$T/err" ||
		fail "cert $n"
	days=$((($(seconds end) + 1 - $(seconds start)) / 86400))
	as auditor audit --noun certificate --export jsonl </dev/null \
		>"$T/audit" 2>"$T/err" || fail "audit"
	grep '"certificate.issue"' "$T/audit" | grep "request $n," \
		>"$T/entry" || fail "no entry of request $n"
	case $days in
	60) has "policy 1 $hash_60" "$T/entry" ;;
	90) has "policy 1 $hash_90" "$T/entry" ;;
	*) fail "$days days" ;;
	esac
	echo "request $n: $days days"
done 3<"$T/numbers"
echo "the policy changed $turns times there and back"

step "the stricter limit of an upstream holds; a contradiction stops issuing"
printf 'days = 30\n' >"$T_LISTS/limits"
policy limits "$T_LISTS/limits"
ctl reload >"$T/out" || fail reload
ctl state >"$T/out"
has "days: 90 here, 30 upstream, which holds" "$T/out"
issue alice alpha.example >"$T/number" || fail "issue"
as alice cert "$(cat "$T/number")" >"$T/limited.pem"
openssl x509 -in "$T/limited.pem" -noout -checkend $((28 * 86400)) >/dev/null ||
	fail "shorter than 30 days"
if openssl x509 -in "$T/limited.pem" -noout -checkend $((31 * 86400)) \
	>/dev/null; then
	fail "longer than the upstream allows"
fi
printf 'oid = 1.2.3.4\n' >"$T_LISTS/limits"
ctl reload >"$T/out" || fail reload
expect 5 as alice check --domain alpha.example <"$T/second.csr" >"$T/out" \
	2>"$T/err"
has policy-limits "$T/err"
rm -rf "$T_LISTS"
echo "all is well"
