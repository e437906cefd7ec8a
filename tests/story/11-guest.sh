#!/bin/sh
# 11-guest.sh - registering and confirming in every wrong way; keys: added,
# listed, removed, never the last, never a weak one, a certificate or another
# account's.  J1.1 J1.2 J1.5 J7.1 S12.1 S12.4 S12.5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

WRONG=AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG

# says STATUS CLAUSE NAME COMMAND...: a member; door: a guest with a key.
says() {
	_status=$1 _clause=$2
	shift 2
	expect "$_status" as "$@" </dev/null >"$T/out" 2>"$T/err"
	[ -z "$_clause" ] || has "($_clause)" "$T/err"
}
door() {
	_status=$1 _clause=$2
	shift 2
	expect "$_status" guest "$@" </dev/null >"$T/out" 2>"$T/err"
	[ -z "$_clause" ] || has "($_clause)" "$T/err"
}

q() {
	sqlite3 "$T/db/ica.db" "$1"
}

trial_start policy.registrations_per_source_day=1000
for k in alice bob carol dave eve; do
	key_make $k
done

step "help and the agreement are there to read before one says yes"
door 0 "" alice help
has register "$T/out"
door 0 "" alice agreement
has "MEMBER AGREEMENT" "$T/out"
door 2 "" alice register alice alice@mail.example
door 2 "" alice register alice
door 2 "" alice register
door 2 "" alice register alice alice@mail.example extra --accept
door 2 "" alice regist alice alice@mail.example --accept
has register "$T/err"

step "names that cannot be"
long=$(printf 'a%.0s' $(seq 33))
door 2 "" alice register "$long" a@mail.example --accept
has "32 bytes" "$T/err"
for name in Alice -alice .alice _a al/ice "'al ice'" "al@ice" "é" \
	"'a;b'" "\"a'b\"" "$(printf "'a\033[31mb'")"; do
	door 1 account-name alice register "$name" a@mail.example --accept
	LC_ALL=C grep -q "$(printf '\033')" "$T/err" && fail "ESC came back"
done
for name in register root admin administrator staff auditor finance director \
	member guest gate courier operator registrar system nobody recover; do
	door 1 account-name alice register $name a@mail.example --accept
done

step "addresses that cannot be"
CR=$(printf '\r')
NL='
'
for address in alice "a@" "@mail.example" "a@b@mail.example" "a@mail" \
	"'\"a b\"@mail.example'" "'a b@mail.example'" ".a@mail.example" \
	"a..b@mail.example" "a@-mail.example" "a@mail..example" "a@Mail.Example" \
	"é@mail.example" "a@straße.example" "a@[192.0.2.1]" "a@192.0.2.1" \
	"'a@mail.example,b@mail.example'" "'<a@mail.example>'" \
	"'a@mail.example${CR}'" "'a@mail.example${NL}Bcc: b@mail.example'" \
	"'a@mail.example ORCPT=x'" "$(printf 'a%.0s' $(seq 65))@mail.example"; do
	door 1 address alice register alice "$address" --accept
done
[ "$(q "SELECT count(*) FROM account WHERE role = 'member'")" -eq 0 ] ||
	fail "an account was made"
[ -z "$(ls "$T/mail/new" 2>/dev/null)" ] || fail "a letter left"

step "a registration waits for its code; nothing opens before"
door 0 "" alice register alice alice@mail.example --accept
[ ! -s "$T/out" ] || fail "words for people belong on stderr"
wait_for "the code" letters_beyond alice@mail.example 0
CODE=$(mail_code alice@mail.example)
grep -qF "$CODE" "$T/log/xmpp-icad.log" && fail "the code is in the log"
expect 255 as alice whoami >"$T/out" 2>&1
door 1 role alice list
door 1 code bob confirm alice "$CODE"
door 1 code alice confirm nobody "$CODE"
door 1 code-form alice confirm alice 1234
door 2 "" alice confirm alice

step "the name is taken from then on; the key is too, once it opens something"
door 1 account-name bob register alice bob@mail.example --accept
has taken "$T/err"

step "five wrong codes, and the right one is worth nothing"
for left in 4 3 2 1; do
	door 1 code alice confirm alice $WRONG
	has "$left more tries" "$T/err"
done
door 1 code alice confirm alice $WRONG
door 1 code-locked alice confirm alice "$CODE"
expect 255 as alice whoami >"$T/out" 2>&1

step "registered anew, with a new code; the old one is worth nothing"
door 0 "" alice register alice alice@mail.example --accept
wait_for "the new code" letters_beyond alice@mail.example 1
door 1 code alice confirm alice "$CODE"
CODE=$(mail_code alice@mail.example)
door 0 "" alice confirm alice "$(echo "$CODE" | tr A-Z a-z | tr -d -)"
says 0 "" alice whoami
has alice@mail.example "$T/out"
door 1 code alice confirm alice "$CODE"
door 1 key-in-use alice register second second@mail.example --accept
has alice "$T/err"

step "what was accepted: version, hash, time, key"
sha=$(sha256sum "$SRC/share/policy/member-agreement.txt" | cut -d' ' -f1)
fp=$(ssh-keygen -lf "$T/keys/alice.pub" | cut -d' ' -f2)
[ "$(q "SELECT count(*) FROM acceptance c JOIN account a
	ON a.number = c.account WHERE a.name = 'alice' AND c.version = '1'
	AND lower(hex(c.sha256)) = '$sha' AND c.fingerprint = '$fp'
	AND abs(c.at - unixepoch()) < 600")" -ge 1 ] ||
	fail "the acceptance is not kept: $(q "SELECT * FROM acceptance")"

step "an expired code"
door 0 "" bob register bob bob@mail.example --accept
wait_for "the code" letters_beyond bob@mail.example 0
CODE=$(mail_code bob@mail.example)
daemon_stop
q "UPDATE account SET code_expires = unixepoch() - 1 WHERE name = 'bob'"
daemon_start
wait_for "ssh" as staff whoami
door 1 code-expired bob confirm bob "$CODE"
door 0 "" bob register bob bob@mail.example --accept
wait_for "the code" letters_beyond bob@mail.example 1
door 0 "" bob confirm bob "$(mail_code bob@mail.example)"

step "three codes a day for one address"
for n in 1 2 3; do
	door 0 "" carol register carol$n victim@mail.example --accept
done
door 1 limit-register-address carol register carol4 victim@mail.example \
	--accept
wait_for "the letters" letters_beyond victim@mail.example 2
[ "$(letters_count victim@mail.example)" -eq 3 ] || fail "more letters"

step "keys: added from the line and from standard input, listed, used"
key_make alice2
ssh-keygen -q -t ecdsa -b 384 -N '' -C "it's mine" -f "$T/keys/alice3"
says 0 "" alice key add "$(cut -d' ' -f1,2 "$T/keys/alice2.pub")" --name laptop
as alice key add <"$T/keys/alice3.pub" >"$T/out" 2>"$T/err" ||
	fail "key add: $(cat "$T/err")"
as alice key list --json >"$T/out" || fail "key list"
jq -e '.rows | length == 3' "$T/out" >/dev/null || fail "not three keys"
jq -e '.rows | map(.name) | index("laptop") != null' "$T/out" >/dev/null ||
	fail "the name of the key"
ssh_to alice2 alice whoami >"$T/out" 2>&1 || fail "the second key"
ssh_to alice3 alice whoami >"$T/out" 2>&1 || fail "the third key"

step "keys that are refused"
ssh-keygen -q -t rsa -b 2048 -N '' -f "$T/keys/short"
ssh-keygen -q -t rsa -b 3072 -N '' -f "$T/keys/long"
ssh-keygen -q -t ecdsa -b 521 -N '' -f "$T/keys/p521"
ssh-keygen -q -t ed25519 -N '' -f "$T/keys/ca"
cp "$T/keys/eve" "$T/keys/cert" && cp "$T/keys/eve.pub" "$T/keys/cert.pub"
ssh-keygen -q -s "$T/keys/ca" -I x -n alice "$T/keys/cert.pub" 2>/dev/null
# add STATUS CLAUSE FILE
add() {
	expect "$1" as alice key add <"$3" >"$T/out" 2>"$T/err"
	has "($2)" "$T/err"
}
add 1 key-size "$T/keys/short.pub"
add 1 key-type "$T/keys/p521.pub"
add 1 key-certificate "$T/keys/cert-cert.pub"
add 1 key-in-use "$T/keys/alice2.pub"
add 1 key-in-use "$T/keys/bob.pub"
expect 1 as alice key add <"$T/keys/eve" >"$T/out" 2>"$T/err"
grep -qi private "$T/err" || fail "no word about the private key"
echo "ssh-ed25519 AAAA" >"$T/bad.pub"
add 1 key-form "$T/bad.pub"
echo "hello world" >"$T/bad.pub"
expect 1 as alice key add <"$T/bad.pub" >"$T/out" 2>"$T/err"
cat "$T/keys/eve.pub" "$T/keys/dave.pub" >"$T/bad.pub"
expect 1 as alice key add <"$T/bad.pub" >"$T/out" 2>"$T/err"
expect 255 ssh_to cert alice -o CertificateFile="$T/keys/cert-cert.pub" \
	whoami >"$T/out" 2>&1
expect 255 ssh_to short register help >"$T/out" 2>&1
as alice key add <"$T/keys/long.pub" >"$T/out" 2>"$T/err" ||
	fail "RSA-3072: $(cat "$T/err")"

step "keys are removed by name, number and fingerprint, never the last"
says 3 "" alice key remove 4711
says 3 "" bob key remove "$(ssh-keygen -lf "$T/keys/alice2.pub" |
	cut -d' ' -f2)"
says 0 "" alice key remove laptop
expect 255 ssh_to alice2 alice whoami >"$T/out" 2>&1
says 0 "" alice key remove "$(ssh-keygen -lf "$T/keys/alice3.pub" |
	cut -d' ' -f2)"
says 0 "" alice key remove "$(as alice key list --json |
	jq '.rows[] | select(.type == "ssh-rsa") | .number')"
says 1 key-last alice key remove "$(as alice key list --json |
	jq '.rows[0].number')"
says 0 "" alice whoami

step "a removed key opens nothing, not even a session that is still open"
as alice key add <"$T/keys/dave.pub" >/dev/null 2>"$T/err" || fail "key add"
{
	# its dialogue goes on once the key is gone
	while [ ! -e "$T/removed" ]; do sleep 0.1; done
	printf 'list\n0\n'
} | ssh_to dave alice plain >"$T/open" 2>&1 &
open=$!
wait_for "the dialogue" test -s "$T/open"
says 0 "" alice key remove "$(ssh-keygen -lf "$T/keys/dave.pub" |
	cut -d' ' -f2)"
: >"$T/removed"
wait $open
has "This key opens no account any more" "$T/open"

step "the source's limit, and what the log has"
daemon_stop
conf_write policy.registrations_per_source_day=1
daemon_start
wait_for "ssh" as staff whoami
door 1 limit-register-source eve register eve eve@mail.example --accept
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
for what in account.register account.confirm key.add key.remove; do
	has "\"$what\"" "$T/audit"
done
has "a****@mail.example, agreement 1" "$T/audit"
ctl verify >"$T/out" 2>&1 || fail "verify"
echo "all is well"
