#!/bin/sh
# 12-domains.sh - proving a domain: who may be written to, for which names,
# how often; how a code is typed, wears out, and belongs to one account; two
# accounts and one domain; proofs that end.  G3 J1.3 J1.4 J1.5 J1.6 J1.7 S4.7
# S12.5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

WRONG=AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG

# says STATUS CLAUSE NAME COMMAND...
says() {
	_status=$1 _clause=$2
	shift 2
	expect "$_status" as "$@" </dev/null >"$T/out" 2>"$T/err"
	[ -z "$_clause" ] || has "($_clause)" "$T/err"
}

# ask NAME DOMAIN MAILBOX [OPTION...]: a code to that mailbox, in CODE.
ask() {
	_n=$1 _d=$2 _box=$3
	shift 3
	_before=$(letters_count "$_box")
	as "$_n" domain add "$_d" "$@" >"$T/out" 2>"$T/err" ||
		fail "domain add $_d: $(cat "$T/err")"
	wait_for "the code for $_d at $_box" letters_beyond "$_box" "$_before"
	CODE=$(mail_code "$_box")
	[ ${#CODE} -eq 34 ] || fail "no code of seven groups: '$CODE'"
}

state_of() {
	as "$1" domain show "$2" --json 2>/dev/null | jq -r .state
}

trial_start policy.challenges_per_account_day=100 \
	mail.staff_to=desk@mail.example
member alice
member bob

step "hostmaster, postmaster, webmaster of the domain, and nobody else"
ask alice alpha.example hostmaster@alpha.example
ask alice alpha.example postmaster@alpha.example --to postmaster
ask alice alpha.example webmaster@alpha.example --to webmaster
for box in root admin administrator info abuse Hostmaster hostmaster@evil.example \
	"'host master'" "'hostmaster,x'"; do
	says 1 proof-mailbox alice domain add two.example --to "$box"
done
says 2 "" alice domain add two.example --to
says 2 "" alice domain add
[ "$(letters_count hostmaster@two.example)" -eq 0 ] || fail "a letter left"

step "the letter says the domain and the account's name, no more of him"
letter_body "$(letters_to webmaster@alpha.example | tail -n 1)" >"$T/letter"
has alpha.example "$T/letter"
has alice "$T/letter"
grep -q 'alice@mail.example' "$T/letter" && fail "the letter has his address"

step "a newer code replaces the older ones; case and separators do not matter"
OLD=$(mail_code hostmaster@alpha.example)
says 1 "" alice domain confirm alpha.example "$OLD"
[ "$(state_of alice alpha.example)" = claimed ] || fail "not claimed"
typed=$(echo "$CODE" | tr A-Z a-z | tr -d -)
says 1 proof-code bob domain confirm alpha.example "$typed"
says 0 "" alice domain confirm ALPHA.Example. "$typed"
[ "$(state_of alice alpha.example)" = proven ] || fail "not proven"

step "a code works once; with spaces it is the same code"
says 1 "" alice domain confirm alpha.example "$CODE"
ask alice spaces.example hostmaster@spaces.example
says 0 "" alice domain confirm spaces.example "'$(echo "$CODE" | tr - ' ')'"
for bad in "" x 1234 "$CODE-AAAA" "'!!!!'"; do
	[ -n "$bad" ] || continue
	says 1 proof-code alice domain confirm spaces.example "$bad"
done

step "three codes a day for one account and domain"
says 1 limit-challenge alice domain add alpha.example

step "after five wrong codes the right one is worth nothing"
ask alice locked.example hostmaster@locked.example
for _ in 1 2 3 4 5; do
	says 1 "" alice domain confirm locked.example $WRONG
done
says 1 "" alice domain confirm locked.example "$CODE"
[ "$(state_of alice locked.example)" = claimed ] || fail "proven all the same"
as alice domain show locked.example --json >"$T/out"
jq -e '.challenges[0].state == "locked"' "$T/out" >/dev/null ||
	fail "the challenge is not locked"
ask alice locked.example hostmaster@locked.example
says 0 "" alice domain confirm locked.example "$CODE"

step "a code at a parent, as long as that is no public suffix"
ask alice chat.team.parent.example postmaster@parent.example \
	--to postmaster@parent.example
says 0 "" alice domain confirm chat.team.parent.example "$CODE"
[ "$(state_of alice chat.team.parent.example)" = proven ] || fail "not proven"
says 1 "" alice domain add chat.parent.example --to hostmaster@example
says 1 "" alice domain add chat.parent.co.uk --to hostmaster@co.uk
says 1 proof-mailbox alice domain add chat.parent.example \
	--to hostmaster@other.example
says 1 proof-mailbox alice domain add parent.example \
	--to hostmaster@chat.parent.example

step "names that nobody can prove"
says 1 name-public-suffix alice domain add co.uk
says 1 name-public-suffix alice domain add github.io
says 1 name-single-label alice domain add localhost
says 1 name-ip alice domain add 192.0.2.1
says 1 name-wildcard alice domain add "'*.alpha.example'"
says 1 name-underscore alice domain add _xmpp.alpha.example
says 1 name-label alice domain add -x.example
says 1 "" alice domain add "a..example"
says 1 "" alice domain add "'a b.example'"
says 1 "" alice domain add "$(printf 'a%.0s' $(seq 64)).example"
says 1 "" alice domain add "$(printf '\342\200\256x').example"

step "an IDN is one domain, however it is typed"
ask alice 'straße.example' hostmaster@xn--strae-oqa.example
says 0 "" alice domain confirm XN--STRAE-OQA.example "$CODE"
as alice domain list --json >"$T/out"
jq -e '[.rows[] | select(.name == "xn--strae-oqa.example")] |
	length == 1 and .[0].shown == "straße.example"' "$T/out" >/dev/null ||
	fail "the IDN in domain list"

step "a proof covers subdomains, and nothing beside or above"
make_csr "$T/sub" deep.sub.alpha.example
as alice check --domain deep.sub.alpha.example <"$T/sub.csr" >"$T/out" \
	2>"$T/err" || fail "check: $(cat "$T/err")"
for d in parent.example team.parent.example xalpha.example; do
	make_csr "$T/no" $d
	expect 1 as alice check --domain $d <"$T/no.csr" >"$T/out" 2>"$T/err"
	has name-unproven "$T/err"
done

step "a domain that another holds: a conflict, all are told, nothing moves"
ask bob spaces.example postmaster@spaces.example --to postmaster
A=$(letters_count alice@mail.example)
B=$(letters_count bob@mail.example)
S=$(letters_count desk@mail.example)
says 1 domain-conflict bob domain confirm spaces.example "$CODE"
wait_for "the letter to the holder" letters_beyond alice@mail.example "$A"
wait_for "the letter to the other" letters_beyond bob@mail.example "$B"
wait_for "the letter to staff" letters_beyond desk@mail.example "$S"
[ "$(state_of alice spaces.example)" = proven ] || fail "the holder lost it"
[ "$(state_of bob spaces.example)" = conflict ] || fail "no conflict"
make_csr "$T/bob" spaces.example
expect 1 as bob request --domain spaces.example <"$T/bob.csr" >"$T/out" \
	2>"$T/err"
has name-unproven "$T/err"

step "when the holder drops it, the other proves it anew"
says 0 "" alice domain drop spaces.example
says 3 "" alice domain drop spaces.example
ask bob spaces.example webmaster@spaces.example --to webmaster
says 0 "" bob domain confirm spaces.example "$CODE"
[ "$(state_of bob spaces.example)" = proven ] || fail "not proven"
make_csr "$T/alice" spaces.example
expect 1 as alice request --domain spaces.example <"$T/alice.csr" >"$T/out" \
	2>"$T/err"

step "a lapsed proof: no approval, no request, until it is proven again"
M=$(as alice request <"$T/sub.csr" 2>"$T/err") || fail "request"
daemon_stop
sqlite3 "$T/db/ica.db" "UPDATE domain SET expires = unixepoch() - 1
	WHERE name = 'alpha.example'"
daemon_start
wait_for "ssh" as staff whoami
wait_for "the proof to lapse" sh -c \
	"sqlite3 -readonly '$T/db/ica.db' \"SELECT state FROM domain WHERE
	name = 'alpha.example'\" | grep -qx lapsed"
says 1 name-unproven staff approve "$M"
expect 1 as alice check --domain alpha.example <"$T/sub.csr" >"$T/out" \
	2>"$T/err"
has name-unproven "$T/err"
[ "$(state_of alice alpha.example)" = lapsed ] || fail "not lapsed"

step "the log has each step; codes are in no log and no table"
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
for what in domain.add domain.confirm domain.drop domain.lapse; do
	has "\"$what\"" "$T/audit"
done
grep -qF "$CODE" "$T/audit" "$T/log/xmpp-icad.log" && fail "a code in a log"
grep -rqaF "$CODE" "$T/db" && fail "a code in the database"

step "by default, special-use names are refused, and the account's limit holds"
daemon_stop
conf_write policy.special_names=no policy.challenges_per_account_day=3
sed -i '/^special_names = yes$/d' "$T/xmpp-ica.conf"
daemon_start
wait_for "ssh" as staff whoami
for d in x.example x.test x.local x.invalid x.localhost x.onion x.internal \
	1.0.0.127.in-addr.arpa; do
	says 1 name-special-use bob domain add $d
done
says 0 "" bob domain add xmpp.org
says 1 "" bob domain add jabber.org
[ "$(letters_count hostmaster@jabber.org)" -eq 0 ] || fail "a letter left"
echo "all is well"
