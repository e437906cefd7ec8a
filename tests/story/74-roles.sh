#!/bin/sh
# 74-roles.sh - the director's word before the first issuance and after each
# change of policy; a role by two people, ended at once; issuing halted by
# one, resumed by two; the access review.  P4.1 P4.2 S12.6 J5.1 J6.3
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# says STATUS CLAUSE NAME COMMAND...: exit status, and the rule on stderr.
says() {
	_status=$1 _clause=$2
	shift 2
	expect "$_status" as "$@" </dev/null >"$T/out" 2>"$T/err"
	[ -z "$_clause" ] || has "($_clause)" "$T/err"
}

asks() {
	make_csr "$T/$1" "$1"
	as alice request --domain "$1" <"$T/$1.csr" 2>"$T/err" ||
		fail "request: $(cat "$T/err")"
}

trial_start
member alice
prove alice alpha.example

step "nothing is issued before the director has acknowledged the policy"
conf_write
sed -i '/^acknowledgement = no/d' "$T/xmpp-ica.conf"
daemon_stop
daemon_start
wait_for "ssh" as staff whoami
N=$(asks alpha.example)
says 5 policy-acknowledgement staff approve "$N"
says 1 "" staff policy acknowledge
says 1 policy-hash director policy acknowledge "$(printf %064d 0)"
HASH=$(as auditor policy --json | jq -r .sha256)
says 0 "" director policy acknowledge "$HASH"
says 0 "" staff approve "$N"
wait_for "the certificate" as alice cert "$N"
says 0 "" alice policy
has "by director" "$T/out"

step "a changed policy needs the word anew"
conf_write policy.days=60
sed -i '/^acknowledgement = no/d' "$T/xmpp-ica.conf"
daemon_stop
daemon_start
wait_for "ssh" as staff whoami
M=$(asks im.alpha.example)
says 5 policy-acknowledgement staff approve "$M"
says 0 "" director policy acknowledge
says 0 "" staff approve "$M"
wait_for "the certificate" as alice cert "$M"

step "a role needs two people, and counts at once"
says 1 "" staff grant alice staff
says 1 "" alice queue
says 0 "" director grant alice staff --until 2099-01-01 --reason helper
G=$(as director grant --json | jq '.rows[0].number')
says 1 grant-second director grant --confirm "$G"
says 1 "" alice grant --confirm "$G"
says 0 "" staff2 grant --confirm "$G"
says 0 "" alice queue
as auditor access --json | jq -e '.rows[] | select(.account == "alice") |
	.granted_by == "director" and .confirmed_by == "staff2"' >/dev/null ||
	fail "the access review lacks alice"
says 0 "" director ungrant alice --reason over
says 1 "" alice queue
says 1 grant-last-director director ungrant director
says 3 "" director grant nobody staff
says 1 grant-own director grant director auditor

step "the director halts, two people go on"
O=$(asks chat.alpha.example)
says 0 "" director halt --reason "'a drill'"
says 5 halt staff approve "$O"
has "a drill" "$T/err"
says 0 "" alice revoke "$M" superseded
says 4 "" staff resume
says 5 halt staff approve "$O"
says 1 halt-second staff resume
says 4 "" staff2 resume
says 0 "" director resume
says 1 halt director resume
says 0 "" staff approve "$O"
wait_for "the certificate" as alice cert "$O"

step "each of it is in the log"
as auditor audit --limit 500 >"$T/log.out" 2>/dev/null
for _action in policy.acknowledge grant.ask grant.confirm grant.end \
	issuing.halt issuing.resume.ask issuing.resume; do
	has "$_action" "$T/log.out"
done
expect 0 as auditor audit verify >/dev/null 2>"$T/err"
ctl verify --db "$T/db/ica.db" >"$T/out" 2>"$T/err" || fail "verify"
