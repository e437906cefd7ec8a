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
{
	echo '# Debian, as in openssl-blacklist'
	echo 8df20e6961a16398b85a	# a real line of it
	# as xmpp-ica.conf(5) says it
	openssl rsa -noout -modulus -in "$T_LISTS/weak.key" | sha1sum |
		cut -c 21-40
} >"$T_LISTS/weak"
trial_start "policy.high_value=$T_LISTS/names" "policy.weak_keys=$T_LISTS/weak"
member alice
prove alice alpha.example
prove alice big.example

step "check explains each difference from the defaults"
ctl check >"$T/out" 2>&1
has '"yes" instead of "no": accept special-use names' "$T/out"
has "\"$T_LISTS/names\" instead of" "$T/out"
has "published, 0 listed, 2 of Debian's" "$T/out"
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

step "a key that Debian really made in 2008 is refused, before its signature"
python3 - "$T/real.csr" <<'END'
import base64, sys
def der(tag, *parts):
    body = b"".join(parts)
    n = len(body)
    size = bytes([n]) if n < 128 else b"\x82" + n.to_bytes(2, "big")
    return bytes([tag]) + size + body
modulus = bytes.fromhex(
    "00D673252AF6723C3F72529403EAB7C30DEF3C52F97E799825F4A70191C616ADCF1ECE1113"
    "F1625971074C492C592025FDEADBDB146A081826BDF0D77C3C913DCF1B6F0B3B78F5108D2E"
    "493AD0EEE8CA5C021711ADC13D358E61133870FCD19C8E5C22403959782AA82E72AEE53A3D"
    "491E3912CE27B27E1A85EA69C19A527D28F7934C9823B7E56FDD657DAC83FDC65BB22A98D8"
    "43DF73238919781B714C81A5E2AFEC71F5C54AA2A27C590AD94C03C1062D50EFCFFAC743E3"
    "C8A3AE056846A1D756EB862BF4224169D467C35215ADE0AFCC11E85FE629AFB802C4786FF2"
    "E9C929BCCF502B3D3B8876C6A11785CC398B389F1D86BDD9CB0BD4EC13956EC3FA270D")
rsa = bytes.fromhex("06092a864886f70d010101")
sha256_rsa = bytes.fromhex("06092a864886f70d01010b")
key = der(0x30, der(2, modulus), der(2, b"\1\0\1"))
spki = der(0x30, der(0x30, rsa, b"\5\0"), der(3, b"\0", key))
csr = der(0x30, der(0x30, der(2, b"\0"), der(0x30), spki, der(0xa0)),
          der(0x30, sha256_rsa, b"\5\0"), der(3, b"\0", bytes(256)))
open(sys.argv[1], "wb").write(b"-----BEGIN CERTIFICATE REQUEST-----\n" +
    base64.encodebytes(csr) + b"-----END CERTIFICATE REQUEST-----\n")
END
expect 1 as alice check --domain alpha.example <"$T/real.csr" >"$T/out" \
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

step "a list of weak keys that was cut short refuses reload and start, loudly"
rm -f "$T_LISTS/limits"
policy limits ""
ctl reload >"$T/out" || fail reload
cp "$T_LISTS/weak" "$T_LISTS/whole"
printf '0123456789abcde' >>"$T_LISTS/weak"
expect 1 ctl reload >"$T/out" 2>"$T/err"
has weak-list "$T/err"
has "line 4" "$T/err"
ctl check >"$T/out" 2>&1 && fail "check saw nothing"
has "BAD   lists of weak keys" "$T/out"
kill -HUP "$PID"
told() { grep -q 'the old one stays: weak-list' "$T/log/xmpp-icad.log"; }
wait_for "a word in the operator's log" told
daemon_stop || fail "it did not stop"
expect 1 "$BIN/xmpp-icad" -c "$T/xmpp-ica.conf" --detach >"$T/out" 2>"$T/err"
has weak-list "$T/err"
: >"$T_LISTS/weak"
expect 1 "$BIN/xmpp-icad" -c "$T/xmpp-ica.conf" --detach >"$T/out" 2>"$T/err"
has "no hash" "$T/err"
rm "$T_LISTS/weak"
expect 1 "$BIN/xmpp-icad" -c "$T/xmpp-ica.conf" --detach >"$T/out" 2>"$T/err"
has "cannot be read" "$T/err"
cp "$T_LISTS/whole" "$T_LISTS/weak"
daemon_start
wait_for "ssh" as alice whoami
rm -rf "$T_LISTS"
echo "all is well"
