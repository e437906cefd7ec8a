#!/bin/sh
# 22-dns.sh - domains proven by a TXT record, against a real name server:
# signed, unsigned, forged, failing; looked for again as long as the proof
# lives; ways to prove switched on and off by date; and two members who have
# proven one domain.  J1.3 J1.6 J1.7 R1.2 R1.3 G3 S12.5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"
. "$SRC/tests/dns.sh"

# says STATUS CLAUSE NAME COMMAND...
says() {
	_status=$1 _clause=$2
	shift 2
	expect "$_status" as "$@" </dev/null >"$T/out" 2>"$T/err"
	[ -z "$_clause" ] || has "($_clause)" "$T/err"
}

# record NAME DOMAIN: the text of the record that NAME is to add.
record() {
	as "$1" domain add "$2" --dns 2>"$T/err" >"$T/out" ||
		fail "domain add $2 --dns: $(cat "$T/err")"
	grep -qE "^_xmpp-ica\\.$2\\. TXT \"xmpp-ica-proof=[A-Z2-7]{32}\"\$" \
		"$T/out" || fail "no record: $(cat "$T/out")"
	sed 's/.*TXT //' "$T/out"
}

field() {
	as "$1" domain show "$2" --json 2>/dev/null | jq -r "$3"
}

dns_start
# shellcheck disable=SC2086	# keys are words
trial_start $DNS_KEYS mail.staff_to=desk@mail.example \
	policy.challenges_per_account_day=100
trap dns_end EXIT
member alice
member bob

step "the record to add, the same each time until it is found"
A=$(record alice alpha.example)
[ "$(record alice alpha.example)" = "$A" ] || fail "another record"
[ "$(record bob alpha.example)" != "$A" ] || fail "bob has alice's record"
[ "$(record alice beta.example)" != "$A" ] || fail "one record for two domains"

step "not there, another's, or in another case: refused, with what there is"
echo "_other TXT $A" | zone alpha.example
dns_load
says 1 proof-record-missing alice domain confirm alpha.example
has "no TXT record at _xmpp-ica.alpha.example" "$T/err"
B=$(record bob alpha.example)
{
	echo "_xmpp-ica TXT $B"
	echo "_xmpp-ica TXT \"$(echo "$A" | tr -d '"' | tr A-Z a-z)\""
} | zone alpha.example
dns_load
says 1 proof-record-missing alice domain confirm alpha.example
has "2 TXT records" "$T/err"
[ "$(field alice alpha.example .state)" = claimed ] || fail "not claimed"

step "among others, in pieces, behind a CNAME: proven, and recorded as insecure"
half=$(echo "$A" | sed 's/\(.\{20\}\)/\1" "/')
{
	echo "_xmpp-ica CNAME elsewhere"
	echo 'elsewhere TXT "v=spf1 -all"'
	echo "elsewhere TXT $half"
	for i in $(seq 30); do
		echo "elsewhere TXT \"record $i\""
	done
} | zone alpha.example
dns_load
says 0 "" alice domain confirm alpha.example
[ "$(field alice alpha.example '.state + " " + .method + " " + .dnssec')" = \
	"proven dns insecure" ] || fail "$(field alice alpha.example .)"
says 0 "" alice domain confirm alpha.example
has "proven" "$T/err"

step "a loop of CNAMEs, a wildcard of another domain, names without TXT: nothing"
{
	echo '_xmpp-ica.loop CNAME _xmpp-ica.pool'
	echo '_xmpp-ica.pool CNAME _xmpp-ica.loop'
	echo '_xmpp-ica.nodata A 127.0.0.1'
	echo '_xmpp-ica.away CNAME nowhere'
	echo "*.wild TXT $A"
	echo "_xmpp-ica TXT $A"
} | zone alpha.example
dns_load
for d in nodata away wild gone; do
	record alice $d.alpha.example >/dev/null
	says 1 proof-record-missing alice domain confirm $d.alpha.example
done
record alice loop.alpha.example >/dev/null
expect 4 as alice domain confirm loop.alpha.example >"$T/out" 2>"$T/err"
has SERVFAIL "$T/err"
[ "$(field alice loop.alpha.example .state)" = claimed ] || fail "a loop proved"

step "its own wildcard, 300 records, 47 strings: found"
W=$(record alice wide.alpha.example)
M=$(record alice many.alpha.example)
C=$(record alice cut.alpha.example)
{
	echo "*.wide TXT $W"
	for i in $(seq 300); do
		echo "_xmpp-ica.many TXT \"another's record, number $i\""
	done
	echo "_xmpp-ica.many TXT $M"
	echo "_xmpp-ica.cut TXT $(echo "$C" | tr -d '"' | sed 's/./"&" /g')"
	echo "_xmpp-ica TXT $A"
} | zone alpha.example
dns_load
for d in wide many cut; do
	says 0 "" alice domain confirm $d.alpha.example
	[ "$(field alice $d.alpha.example .state)" = proven ] || fail "$d"
	says 0 "" alice domain drop $d.alpha.example
done

step "a certificate by it; the evidence names the way"
ISSUED=$(issue alice alpha.example)
as staff show "$ISSUED" >"$T/out"
has "by DNS" "$T/out"
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
grep '"domain.confirm"' "$T/audit" | grep -q 'by DNS, insecure' ||
	fail "the log does not say how"

step "DNSSEC: secure is recorded, forged signatures count for nothing"
S=$(record alice signed.example)
F=$(record alice bogus.example)
echo "_xmpp-ica TXT $S" | zone signed.example
zone_sign signed.example
echo "_xmpp-ica TXT $F" | zone bogus.example
zone_sign bogus.example -i 20200101 -e 20200201
dns_load dead.example
says 0 "" alice domain confirm signed.example
[ "$(field alice signed.example .dnssec)" = secure ] || fail "not secure"
says 1 proof-record-missing alice domain confirm bogus.example
has "DNSSEC" "$T/err"
[ "$(field alice bogus.example .state)" = claimed ] || fail "bogus proved"

step "servers that fail are asked again; meanwhile the domain is pending"
record alice dead.example >/dev/null
says 4 "" alice domain confirm dead.example
has SERVFAIL "$T/err"
[ "$(field alice dead.example '.challenges[0].looking')" = true ] ||
	fail "not asked again"
as alice domain list >"$T/out" 2>/dev/null
grep -q 'dead.example.*claimed' "$T/out" || fail "domain list"

step "without a record, a code or a claim: what to type"
says 1 proof-record bob domain confirm nothing.example
has "domain add nothing.example --dns" "$T/err"
as bob domain add mailed.example >/dev/null 2>&1 || fail "domain add"
says 1 proof-record bob domain confirm mailed.example
says 2 "" bob domain add mailed.example --dns --to hostmaster

step "a second member proves it: both told, listed for staff, nothing moves"
{
	echo "_xmpp-ica TXT $A"
	echo "_xmpp-ica TXT $B"
} | zone alpha.example
dns_load
HOLDER=$(letters_count alice@mail.example)
OTHER=$(letters_count bob@mail.example)
DESK=$(letters_count desk@mail.example)
says 1 domain-conflict bob domain confirm alpha.example
wait_for "the holder's letter" letters_beyond alice@mail.example "$HOLDER"
wait_for "the other's letter" letters_beyond bob@mail.example "$OTHER"
wait_for "the staff's letter" letters_beyond desk@mail.example "$DESK"
[ "$(field alice alpha.example .state)" = proven ] || fail "the holder lost it"
as auditor domain conflicts --json >"$T/out"
jq -e '.rows | length == 1 and .[0].holder == "alice" and
	.[0].claimant == "bob" and .[0].domain == "alpha.example"' "$T/out" \
	>/dev/null || fail "the conflict is not listed"

step "staff settle it: to one who has proven it, never one's own"
says 2 "" staff domain settle alpha.example
says 3 conflict staff domain settle alpha.example carol
says 3 conflict staff domain settle signed.example alice
expect 1 as auditor domain settle alpha.example bob >"$T/out" 2>"$T/err"
expect 1 as bob domain settle alpha.example bob >"$T/out" 2>"$T/err"
as staff2 agreement --accept >/dev/null 2>&1
S=$(record staff2 alpha.example)
{
	echo "_xmpp-ica TXT $A"
	echo "_xmpp-ica TXT $B"
	echo "_xmpp-ica TXT $S"
} | zone alpha.example
dns_load
says 1 domain-conflict staff2 domain confirm alpha.example
says 1 conflict-own staff2 domain settle alpha.example staff2
says 1 conflict-own staff2 domain settle alpha.example alice
HOLDER=$(letters_count alice@mail.example)
OTHER=$(letters_count bob@mail.example)
says 0 "" staff domain settle alpha.example bob
has "$ISSUED" "$T/out"
has "revoke-many affiliationChanged --domain alpha.example --account alice" \
	"$T/err"
wait_for "a letter to alice" letters_beyond alice@mail.example "$HOLDER"
wait_for "a letter to bob" letters_beyond bob@mail.example "$OTHER"
[ "$(field alice alpha.example .state)" = lapsed ] || fail "alice has it still"
[ "$(field bob alpha.example .state)" = proven ] || fail "bob has it not"
make_csr "$T/x" alpha.example
expect 1 as alice request --domain alpha.example <"$T/x.csr" >"$T/out" \
	2>"$T/err"
has name-unproven "$T/err"
RENEW=$(issue bob alpha.example)

step "the record goes: the owner is told, and the proof lapses after the grace"
OTHER=$(letters_count bob@mail.example)
echo "_other TXT $A" | zone alpha.example
dns_load
daemon_stop
sqlite3 "$T/db/ica.db" "UPDATE challenge SET looked = looked - 90000;
	UPDATE domain SET seen = seen - 90000"
daemon_start
wait_for "ssh" as staff whoami
wait_for "bob hears of it" letters_beyond bob@mail.example "$OTHER"
[ "$(field bob alpha.example '.state + " " + (.missed != null | tostring)')" \
	= "proven true" ] || fail "$(field bob alpha.example .)"
[ "$(field alice signed.example .state)" = proven ] ||
	fail "a record that is there was missed"
daemon_stop
sqlite3 "$T/db/ica.db" "UPDATE domain SET seen = unixepoch() - 360000
	WHERE name = 'alpha.example'"
daemon_start
wait_for "ssh" as staff whoami
expect 1 as bob check --domain alpha.example <"$T/x.csr" >"$T/out" 2>"$T/err"
has name-unproven "$T/err"
[ "$(field bob alpha.example .state)" = lapsed ] || fail "not lapsed"
expect 1 as bob renew "$RENEW" <"$T/x.csr" >"$T/out" 2>"$T/err"
has name-unproven "$T/err"

step "the record is put back: proven anew, and renewed"
B=$(record bob alpha.example)
echo "_xmpp-ica TXT $B" | zone alpha.example
dns_load
says 0 "" bob domain confirm alpha.example
make_csr "$T/y" alpha.example
N=$(as bob renew "$RENEW" <"$T/y.csr" 2>"$T/err") || fail "$(cat "$T/err")"

step "a stranger cannot use up the letters of an owner, nor flood a mailbox"
for i in 1 2 3; do
	says 0 "" bob domain add target.example
done
says 1 limit-challenge bob domain add target.example
says 0 "" alice domain add target.example

step "mail off and DNS on, by dates in the configuration alone"
daemon_stop
# shellcheck disable=SC2086
conf_write $DNS_KEYS policy.proof_mail="- 2020-01-01" \
	policy.challenges_per_mailbox_day=1 \
	policy.challenges_per_account_day=100
daemon_start
wait_for "ssh" as staff whoami
says 1 proof-method alice domain add later.example
has "domain add later.example --dns" "$T/err"
record alice later.example >/dev/null
daemon_stop
# shellcheck disable=SC2086
conf_write $DNS_KEYS policy.proof_dns=off policy.challenges_per_mailbox_day=1 \
	policy.challenges_per_account_day=100
daemon_start
wait_for "ssh" as staff whoami
says 1 proof-method alice domain add other.example --dns
has "domain add other.example" "$T/err"
says 1 proof-method alice domain confirm later.example
says 0 "" alice domain add other.example
says 1 limit-challenge-mailbox bob domain add other.example
says 0 "" bob domain add other.example --to postmaster

step "the log has each step"
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
for what in domain.add domain.confirm domain.settle domain.missed \
	domain.lapse; do
	has "\"$what\"" "$T/audit"
done
echo "all is well"
