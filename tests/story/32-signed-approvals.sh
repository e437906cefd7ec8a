#!/bin/sh
# 32-signed-approvals.sh - approvals that the server cannot forge: signed by
# `ssh-keygen -Y sign` with the approver's own key, verified by the signer
# against keys pinned on the host.  S2.1 S11.5 J3.2
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

trial_start policy.signed_approvals=yes
member alice
prove alice alpha.example

# wish DOMAIN: a request that waits; its number.
wish() {
	make_csr "$T/$1" "$1"
	as alice request --domain "$1" <"$T/$1.csr" 2>"$T/err" ||
		fail "request: $(cat "$T/err")"
}
sign() {
	ssh-keygen -Y sign -q -n "${2:-approve@xmpp-ica}" -f "$T/keys/$1" \
		2>/dev/null
}
pin() {
	ctl approver add "$1" <"$T/keys/$2.pub" >"$T/out" 2>"$T/err" ||
		fail "approver add $1"
}
not_issued() {
	as alice cert "$1" >"$T/out" 2>"$T/err" && fail "$1 was issued"
	return 0
}

step "without a signature it is refused, with the line to type"
N=$(wish alpha.example)
expect 1 as staff approve "$N" >"$T/out" 2>"$T/err"
has "ssh-keygen -Y sign -n approve@xmpp-ica" "$T/err"

step "the statement is plain lines about this request"
as staff approve "$N" --statement >"$T/statement" 2>"$T/err" ||
	fail "statement"
has "xmpp-ica-statement/v1" "$T/statement"
has "requester alice" "$T/statement"
has "name dNSName alpha.example" "$T/statement"
has "by staff" "$T/statement"
expect 1 as auditor approve "$N" --statement >"$T/out" 2>"$T/err"

step "edited by one byte, of another namespace, cut: refused at once"
signed() {
	expect "$1" as "$2" approve "$N" --signed <"$T/$3.sig" >"$T/out" \
		2>"$T/err"
}
sed 's/alpha/alphb/' "$T/statement" | sign staff >"$T/bad.sig"
signed 1 staff bad
has "does not fit" "$T/err"
sign staff file <"$T/statement" >"$T/bad.sig"
signed 1 staff bad
has "approve@xmpp-ica" "$T/err"
sign staff <"$T/statement" >"$T/staff.sig"
head -c 120 "$T/staff.sig" >"$T/bad.sig"
signed 1 staff bad
expect 1 as staff2 approve "$N" --signed <"$T/staff.sig" >"$T/out" 2>"$T/err"

step "a key that is not pinned on the host: the signer refuses"
signed 1 staff staff
has "not pinned" "$T/err"
not_issued "$N"

step "pinned: the pipe as it is documented issues"
pin staff staff
ctl approver list >"$T/out" 2>"$T/err"
has "staff staff ssh-ed25519" "$T/out"
as staff approve "$N" --statement 2>"$T/err" | sign staff |
	as staff approve "$N" --signed >"$T/out" 2>"$T/err" || [ $? -eq 4 ] ||
	fail "signed"
wait_for "certificate $N" as alice cert "$N"

step "other kinds of keys: RSA and ECDSA"
for kind in rsa ecdsa; do
	ssh-keygen -q -t $kind -N '' -f "$T/keys/$kind"
	pin staff $kind
	prove alice $kind.example
	N=$(wish $kind.example)
	as staff approve "$N" --statement 2>"$T/err" | sign $kind |
		as staff approve "$N" --signed >"$T/out" 2>"$T/err" ||
		[ $? -eq 4 ] || fail "signed by $kind"
	wait_for "certificate $N" as alice cert "$N"
done

step "two approve at the same moment: one approval, one certificate"
pin staff2 staff2
prove alice race.example
R=$(wish race.example)
for who in staff staff2; do
	as $who approve "$R" --statement 2>"$T/err" | sign $who >"$T/$who.sig"
done
for who in staff staff2; do
	{
		_got=0
		as $who approve "$R" --signed <"$T/$who.sig" \
			>"$T/$who.out" 2>"$T/$who.err" || _got=$?
		# 4: approved, and the signer has not answered yet
		[ $_got -ne 4 ] || _got=0
		echo $_got >"$T/$who.status"
	} &
done
wait
[ "$(cat "$T/staff.status" "$T/staff2.status" | sort | tr -d '\n')" = 01 ] ||
	fail "$(cat "$T"/staff*.status "$T"/staff*.err)"
wait_for "certificate $R" as alice cert "$R"
[ "$(sqlite3 -readonly "$T/db/ica.db" "SELECT (SELECT count(*) FROM approval
	WHERE request = $R) || (SELECT count(*) FROM certificate
	WHERE request = $R)")" = 11 ] || fail "approved or issued twice"

step "a renewal is signed for too; a removed key counts no more"
N2=$(as alice renew "$N" 2>"$T/err") || true
if [ -n "$N2" ]; then
	not_issued "$N2"
fi
ctl approver remove staff >"$T/out" 2>"$T/err" || fail "remove"
prove alice last.example
N=$(wish last.example)
as staff approve "$N" --statement 2>"$T/err" | sign staff >"$T/staff.sig"
signed 1 staff staff
not_issued "$N"
as auditor audit --filter approver. >"$T/out" 2>"$T/err"
has "approver.add" "$T/out"
has "approver.remove" "$T/out"
echo "all is well"
