#!/bin/sh
# 34-signed-deeds.sh - what people sign beside approvals: a role with the keys
# that it pins, the policy, issuing again, many revocations, an issuer.  The
# signer demands it; no signature serves twice or for something else.
# S12.6 P4.1 P4.2 J6.3
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

trial_start "policy.signed_approvals=staff director" \
	policy.acknowledgement=yes policy.issuer_second=yes
member alice
prove alice alpha.example

sign() {
	ssh-keygen -Y sign -q -n "${2:-approve@xmpp-ica}" -f "$T/keys/$1" \
		2>/dev/null
}
# deed STATUS NAME COMMAND...: its statement, signed, handed in.
deed() {
	_status=$1 _who=$2
	shift 2
	as "$_who" "$@" --statement >"$T/statement" 2>"$T/err" ||
		fail "$* --statement"
	sign "$_who" <"$T/statement" >"$T/sig"
	expect "$_status" as "$_who" "$@" --signed <"$T/sig" >"$T/out" \
		2>"$T/err"
}
refused() {
	_has=$1
	shift
	expect 1 as "$@" >"$T/out" 2>"$T/err"
	has "$_has" "$T/err"
}
pinned() {
	ctl approver list | grep -q "^$1 "
}
not_pinned() {
	! pinned "$1"
}

step "the policy: refused unsigned, and by a key that the host has not pinned"
refused "policy acknowledge --statement" director policy acknowledge
deed 1 director policy acknowledge
has "not pinned" "$T/err"
ctl approver add director --role director <"$T/keys/director.pub" \
	>"$T/out" || fail "approver add director"
# the operators are in a hurry: all at once, and none is lost
for who in spare1 spare2 spare3 spare4 spare5 spare6; do
	key_make $who
done
for who in staff staff2 spare1 spare2 spare3 spare4 spare5 spare6; do
	ctl approver add "$(echo $who | sed 's/^spare.*/finance/')" \
		<"$T/keys/$who.pub" >"$T/$who.out" 2>&1 || : >"$T/lost" &
done
wait
[ ! -e "$T/lost" ] || fail "approver add: $(cat "$T"/*.out)"
ctl approver list >"$T/out"
[ "$(grep -c '^finance ' "$T/out")" -eq 6 ] || fail "keys were lost"
has "staff staff ssh-ed25519" "$T/out"
has "staff2 staff ssh-ed25519" "$T/out"
# two people have two keys
expect 1 ctl approver add director <"$T/keys/spare1.pub" >"$T/out" 2>"$T/err"
has "pinned for finance" "$T/err"
expect 1 ctl approver add staff2 <"$T/keys/alice.pub" >"$T/out" 2>"$T/err"
has "opens the account alice" "$T/err"
expect 0 ctl approver remove finance >"$T/out" 2>"$T/err"
has "finance: 6 keys removed" "$T/out"
deed 0 director policy acknowledge
has "kind policy" "$T/statement"
has "by director" "$T/statement"

step "a role: the director and a second person sign for the keys that it pins"
expect 0 as director grant alice staff --reason colleague >"$T/out" \
	2>"$T/err"
G=$(as director grant --json | jq '.rows[0].number')
refused "grant --confirm $G --statement" staff grant --confirm "$G"
deed 1 staff grant --confirm "$G"
has "of director" "$T/err"
pinned alice && fail "pinned by one signature"
deed 4 director grant --confirm "$G"
has "account alice" "$T/statement"
has "key ssh-ed25519 $(cut -d' ' -f2 "$T/keys/alice.pub")" "$T/statement"

step "edited by a byte, of another namespace, cut, for something else: refused"
as staff grant --confirm "$G" --statement >"$T/statement" 2>"$T/err"
sed 's/role staff/role stafg/' "$T/statement" | sign staff >"$T/bad"
refused "does not fit" staff grant --confirm "$G" --signed <"$T/bad"
sign staff file <"$T/statement" >"$T/bad"
refused "approve@xmpp-ica" staff grant --confirm "$G" --signed <"$T/bad"
sign staff <"$T/statement" >"$T/good"
head -c 150 "$T/good" >"$T/bad"
refused "" staff grant --confirm "$G" --signed <"$T/bad"
refused "" staff2 grant --confirm "$G" --signed <"$T/good"
pinned alice && fail "pinned by a bad signature"

step "and then alice signs as staff by her own key"
expect 0 as staff grant --confirm "$G" --signed <"$T/good" >"$T/out" \
	2>"$T/err"
pinned alice || fail "not pinned"
expect 1 as staff grant --confirm "$G" --signed <"$T/good" >"$T/out" \
	2>"$T/err"
member bob
prove bob bravo.example
make_csr "$T/bravo" bravo.example
N=$(as bob request --domain bravo.example <"$T/bravo.csr" 2>"$T/err")
refused "approve $N --statement" alice approve "$N"
as alice approve "$N" --statement 2>"$T/err" | sign alice |
	as alice approve "$N" --signed >"$T/out" 2>"$T/err" ||
	[ $? -eq 4 ] || fail "approve"
wait_for "certificate $N" as bob cert "$N"

step "many revocations"
as staff revoke-many cessationOfOperation --account bob >"$T/out" \
	2>"$T/err" || fail "plan"
P=$(as staff revoke-many --json | jq '.rows[0].number')
refused "revoke-many --confirm $P --statement" alice revoke-many --confirm "$P"
refused "own plan" staff revoke-many --confirm "$P" --statement
as alice revoke-many --confirm "$P" --statement >"$T/statement" 2>"$T/err"
has "kind revoke-many" "$T/statement"
has "certificates 1" "$T/statement"
sign alice <"$T/statement" >"$T/plan.sig"
# it serves for nothing else
refused "" alice approve "$N" --signed <"$T/plan.sig"

step "whose role is gone signs nothing any more, with what he signed before"
expect 0 as director ungrant alice --reason left >"$T/out" 2>"$T/err"
wait_for "the pin to go" not_pinned alice
as alice revoke-many --confirm "$P" --signed <"$T/plan.sig" >"$T/out" \
	2>"$T/err" && fail "a member confirmed"
[ "$(as bob status "$N" --json 2>/dev/null | grep -c '"good"')" = 1 ] ||
	fail "it was revoked"

step "two people confirm at once: one of them does"
for who in staff2 director; do
	as $who revoke-many --confirm "$P" --statement 2>"$T/err" |
		sign $who >"$T/$who.sig"
done
for who in staff2 director; do
	{
		as $who revoke-many --confirm "$P" --signed \
			<"$T/$who.sig" >"$T/$who.out" 2>"$T/$who.err"
		echo $? >"$T/$who.status"
	} &
done
wait
[ "$(cat "$T/staff2.status" "$T/director.status" | sort | tr -d '\n')" = 01 ] ||
	fail "$(cat "$T"/staff2.* "$T"/director.*)"

step "issuing goes on by two signatures"
expect 0 as director halt --reason drill >"$T/out" 2>"$T/err"
refused "resume --statement" staff resume
deed 4 staff resume
has "reason drill" "$T/statement"
refused "said so already" staff resume
refused "resume --statement" director resume
# the signature of one halt is none for another
deed 0 director resume
cp "$T/sig" "$T/old.sig"
expect 0 as director halt --reason drill >"$T/out" 2>"$T/err"
as director resume --statement >"$T/statement" 2>"$T/err"
refused "does not fit" director resume --signed <"$T/old.sig"

step "the signer takes another issuer from the director alone"
expect 4 ctl issuer retire ica-server-1 --yes >"$T/out" 2>"$T/err" </dev/null
W=$(sed -n 's/.*issuer confirm \([0-9]*\).*/\1/p' "$T/out")
refused "issuer confirm $W --statement" director issuer confirm "$W"
deed 0 director issuer confirm "$W"
has "deed retire" "$T/statement"

step "all of it is in the log, which verifies"
as auditor audit --filter deed. >"$T/out" 2>"$T/err"
[ "$(grep -c 'deed.sign.*done' "$T/out")" -ge 8 ] || fail "entries"
[ "$(grep -c 'deed.sign.*refused' "$T/out")" -ge 5 ] || fail "refusals"
expect 0 as auditor audit verify >"$T/out" 2>"$T/err"
daemon_stop || fail "stop"
expect 0 ctl verify --db "$T/db/ica.db" >"$T/out" 2>"$T/err"
echo "all is well"
