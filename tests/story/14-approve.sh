#!/bin/sh
# 14-approve.sh - who decides, and who may do what: two approvals by two
# people, never one's own, never twice, never what was not on the screen;
# refusals with a reason and a letter; the matrix of roles by commands; what a
# suspended member still may.  S2.2 S2.3 J1.1 J2.1 J3.1
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# says STATUS CLAUSE NAME COMMAND...: exit status, and the rule on stderr.
says() {
	_status=$1 _clause=$2
	shift 2
	expect "$_status" as "$@" </dev/null >"$T/out" 2>"$T/err"
	[ -z "$_clause" ] || has "($_clause)" "$T/err"
}

request_by() {
	make_csr "$T/$1-$2" "$2"
	as "$1" request --domain "$2" <"$T/$1-$2.csr" 2>"$T/err" ||
		fail "request of $1: $(cat "$T/err")"
}

digest_of() {
	as staff show "$1" --json 2>"$T/err" | jq -r .request.digest
}

trial_start policy.approvals=2
member alice
member bob
prove alice alpha.example
prove bob beta.example
key_make guest

step "two approvals by two people; the digest is the one on the screen"
N=$(request_by alice alpha.example)
expect 4 as alice status "$N" >/dev/null 2>&1
D=$(digest_of "$N")
[ ${#D} -eq 64 ] || fail "no digest in show --json: $D"
WRONG=$(echo "$D" | tr 0-9a-f 1-9a-f0)
says 1 approval-digest staff approve "$N" --digest "$WRONG"
says 1 approval-digest staff refuse "$N" --reason no --digest "$WRONG"
says 2 "" staff approve "$N" --digest 1234
says 0 "" staff approve "$N" --digest "$D"
has "1 of 2" "$T/err"
expect 4 as alice status "$N" >/dev/null 2>&1
expect 4 as alice cert "$N" >"$T/out" 2>"$T/err"
says 1 approval-twice staff approve "$N"
says 0 "" staff2 approve "$N" --note "'looked at it'"
wait_for "the certificate" as alice cert "$N"
says 0 "" auditor show "$N"
has "looked at it" "$T/out"
says 1 request-state staff approve "$N"
says 1 request-state staff refuse "$N" --reason late
says 3 "" staff approve 999999
says 2 "" staff approve
says 2 "" staff approve "$N" "$N"
says 2 "" staff approve 12x

step "nobody approves his own request, also not as the second"
as staff agreement --accept >/dev/null 2>"$T/err" || fail "agreement"
prove staff gamma.example
M=$(request_by staff gamma.example)
says 1 approval-own staff approve "$M"
says 0 "" staff2 approve "$M"
says 1 approval-own staff approve "$M"
says 4 "" staff status "$M"

step "a refusal says why, to the member, by letter and by status"
BEFORE=$(letters_count alice@mail.example)
prove alice two.example
M=$(request_by alice two.example)
says 2 "" staff refuse "$M"
says 1 refuse-reason staff refuse "$M" --reason "'  '"
says 0 "" staff refuse "$M" --reason "'the key is weak'"
says 1 "" alice status "$M"
has "the key is weak" "$T/err"
wait_for "the letter" letters_beyond alice@mail.example "$BEFORE"
letter_body "$(letters_to alice@mail.example | tail -n 1)" >"$T/letter"
has "the key is weak" "$T/letter"
has "two.example" "$T/letter"
says 3 "" alice cert "$M"
says 1 request-state staff2 approve "$M"

step "a withdrawn request cannot be approved; only one's own is withdrawn"
M=$(request_by alice two.example)
says 3 "" bob withdraw "$M"
says 3 "" staff withdraw "$M"
says 0 "" alice withdraw "$M"
says 1 request-state staff approve "$M"
says 1 request-state alice withdraw "$M"

step "the matrix: what each role may not do is exit 1 by its role"
M=$(request_by alice two.example)
for who in alice auditor finance director; do
	for command in "approve $M" "refuse $M --reason x" \
		"member suspend bob" "member reinstate bob"; do
		# shellcheck disable=SC2086
		says 1 role $who $command
	done
done
for who in alice finance; do
	for command in queue "show $M" "member list" "member show bob" \
		"search two" revocations mail system watch; do
		# shellcheck disable=SC2086
		says 1 role $who $command
	done
done
for who in alice finance staff; do
	says 1 role $who audit
	says 1 role $who audit verify
done
for command in queue "show $M" "member list" "member show bob" "search two" \
	revocations mail system; do
	for who in auditor staff director; do
		# shellcheck disable=SC2086
		says 0 "" $who $command
	done
done
for who in auditor director; do
	says 0 "" $who audit
	says 0 "" $who audit verify
done
for command in "domain add x.example" "domain list" \
	"request --domain x.example" "revoke $N superseded" "withdraw $M"; do
	# shellcheck disable=SC2086
	says 1 role auditor $command
done
says 4 "" alice status "$M"

step "a guest may nothing but come in"
for command in list "status $M" queue "approve $M" "cert $N" "domain list" \
	"key list" audit "revoke $N superseded" "request --domain a.example"; do
	# shellcheck disable=SC2086
	expect 1 guest guest $command </dev/null >"$T/out" 2>"$T/err"
	has "(role)" "$T/err"
	[ ! -s "$T/out" ] || fail "a guest got something from $command"
done

step "what is another's does not exist"
for command in "status $N" "cert $N" "ocsp $N" "revoke $N superseded" \
	"renew $N"; do
	# shellcheck disable=SC2086
	says 3 "" bob $command
done
says 3 "" bob domain drop alpha.example
says 1 proof-code bob domain confirm alpha.example \
	AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG

step "a suspended member may look and revoke, and nothing else"
P=$(request_by bob beta.example)
as staff approve "$P" >/dev/null 2>&1 || fail "approve"
as staff2 approve "$P" >/dev/null 2>&1 || fail "approve"
wait_for "bob's certificate" as bob cert "$P"
prove bob delta.example
Q=$(request_by bob delta.example)
says 0 "" staff member suspend bob
says 1 "" staff member suspend bob
has bob "$T/err"
make_csr "$T/late" beta.example
expect 1 as bob request --domain beta.example <"$T/late.csr" >"$T/out" \
	2>"$T/err"
[ ! -s "$T/out" ] || fail "a number for a suspended member"
has suspended "$T/err"
expect 1 as bob check --domain beta.example <"$T/late.csr" >"$T/out" \
	2>"$T/err"
expect 1 as bob renew "$P" </dev/null >"$T/out" 2>"$T/err"
says 1 "" bob domain add zeta.example
says 0 "" bob whoami
says 0 "" bob list
says 0 "" bob cert "$P"
says 1 "" staff approve "$Q"
says 0 "" bob revoke "$P" superseded
says 6 "" bob status "$P"

step "reinstated, everything is as before"
says 0 "" staff member reinstate bob
says 1 "" staff member reinstate bob
says 4 "" bob status "$Q"
says 0 "" staff approve "$Q"
says 0 "" staff2 approve "$Q"
wait_for "bob's certificate" as bob cert "$Q"
says 3 "" staff member suspend nobody

step "reasons: members have five, staff one more"
says 2 "" bob revoke "$Q" privilegeWithdrawn
says 2 "" bob revoke "$Q" certificateHold
says 2 "" bob revoke "$Q" cACompromise
says 2 "" bob revoke "$Q"
says 2 "" staff revoke "$Q" removeFromCRL
says 0 "" staff revoke "$Q" privilegeWithdrawn
says 6 "" bob status "$Q"

step "every decision and every refusal of one stands in the log"
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
for what in approval-own approval-twice approval-digest request-state; do
	has $what "$T/audit"
done
jq -es 'map(select(.action == "account.suspend")) | length == 1' \
	"$T/audit" >"$T/out" || fail "not one account.suspend"
says 0 "" auditor audit verify
echo "all is well"
