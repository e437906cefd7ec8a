#!/bin/sh
# 19-disk-full-signer.sh - the disk of the signer is full: what is approved
# waits and is not issued, no signature serves for a deed, the staff are told,
# revocation is accepted; with room again all goes on, once.  Needs root, for a
# small file system.  S2.1 S11.6
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

trial_folder "policy.signed_approvals=xmpp-server staff director"
ctl init --trial >"$T/init.out" 2>&1 || fail "init: $(cat "$T/init.out")"
mv "$T/ca" "$T/ca.made"
mkdir -m 700 "$T/ca"
mount -t tmpfs -o size=4m,mode=700 ica-t-ca "$T/ca" 2>/dev/null || {
	echo "SKIPPED: no file system can be mounted here (not root?):" \
		"a full disk of the signer was not tried"
	exit 77
}
disk_stop() {
	_s=$?
	daemon_stop
	umount "$T/ca"
	(exit $_s)
	trial_stop
}
trap 'disk_stop' EXIT
cp -a "$T/ca.made/." "$T/ca/"
# one record more fills the page, so that the next needs another: torn ones
# count for nothing
(umask 077 && head -c 4032 /dev/zero >"$T/ca/statements")
staff_make
daemon_start
wait_for "ssh" as staff whoami
for who in staff staff2; do
	ctl approver add $who <"$T/keys/$who.pub" >"$T/out" 2>"$T/err" ||
		fail "approver add $who"
done
member alice
prove alice alpha.example

# signed NAME COMMAND...: its statement, signed, handed in; the exit status.
signed() {
	_who=$1
	shift
	as "$_who" "$@" --statement >"$T/statement" 2>"$T/err" ||
		fail "$* --statement"
	ssh-keygen -Y sign -q -n approve@xmpp-ica -f "$T/keys/$_who" \
		<"$T/statement" >"$T/sig" 2>/dev/null
	_got=0
	as "$_who" "$@" --signed <"$T/sig" >"$T/out" 2>"$T/err" || _got=$?
}
asks() {
	make_csr "$T/$1" "$1"
	as alice request --domain "$1" <"$T/$1.csr" 2>"$T/err" ||
		fail "request: $(cat "$T/err")"
}
issued() {
	sqlite3 -readonly "$T/db/ica.db" "SELECT count(*) FROM certificate
		WHERE state = 'good'"
}

step "with room it issues"
N=$(asks alpha.example)
signed staff approve "$N"
wait_for "the certificate" as alice cert "$N"
[ "$(issued)" -eq 1 ] || fail "$(issued) certificates"

step "full: the approval is kept, nothing is issued"
as staff revoke-many superseded --account alice >"$T/out" 2>"$T/err" ||
	fail "plan: $(cat "$T/err")"
P=$(as staff revoke-many --json | jq '.rows[0].number')
M=$(asks b.alpha.example)
dd if=/dev/zero of="$T/ca/filler" bs=64k count=200 >/dev/null 2>&1
dd if=/dev/zero of="$T/ca/crumbs" bs=512 count=200 >/dev/null 2>&1
signed staff approve "$M"
[ $_got -eq 4 ] || fail "approve ended with $_got"
has "Request $M" "$T/err"
B=$(issued)
expect 4 as alice status "$M" >"$T/out" 2>"$T/err"
expect 4 as alice cert "$M" >"$T/out" 2>"$T/err"

step "no signature serves for a deed; the staff are told, revocation goes on"
signed staff2 revoke-many --confirm "$P"
[ $_got -eq 5 ] || fail "confirm ended with $_got"
has "approvals were used" "$T/err"
as staff revoke-many --json | jq -e '.rows[0].state == "waiting"' >"$T/out" ||
	fail "the plan"
signer_alarm() {
	as staff alarms --state open --filter signer >"$T/out" 2>"$T/err" &&
		grep -q "does not sign" "$T/out"
}
wait_for "the alarm" signer_alarm
expect 0 as alice revoke "$N" superseded >"$T/out" 2>"$T/err"
[ "$(issued)" -eq $((B - 1)) ] || fail "$(issued) certificates, not $B - 1"

step "room again: what waits is issued, once"
rm "$T/ca/filler" "$T/ca/crumbs"
wait_for "the certificate" as alice cert "$M"
[ "$(issued)" -eq "$B" ] || fail "$(issued) certificates, not $B"
signer_quiet() {
	as staff alarms --state open --filter signer --json 2>"$T/err" |
		jq -e '.rows | length == 0' >"$T/out"
}
wait_for "the end of the alarm" signer_quiet
signed staff2 revoke-many --confirm "$P"
[ $_got -eq 0 ] || fail "confirm ended with $_got"
wait_for "everything in order" ctl check
daemon_stop || fail "stop"
expect 0 ctl verify --db "$T/db/ica.db" >"$T/out" 2>"$T/err"
echo "all is well"
