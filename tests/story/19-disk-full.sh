#!/bin/sh
# 19-disk-full.sh - the disk of the database is full: requests are turned
# away for now (exit status 5), revocation goes on, nothing is lost, and all
# works again when there is room.  Needs root, for a small file system.
# S11.6
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

trial_folder
mkdir -m 700 "$T/db"
mount -t tmpfs -o size=80m,mode=700 ica-t-db "$T/db" 2>/dev/null || {
	echo "SKIPPED: no file system can be mounted here (not root?):" \
		"a full disk was not tried"
	exit 77
}
disk_stop() {
	_s=$?
	daemon_stop
	umount "$T/db"
	(exit $_s)
	trial_stop
}
trap 'disk_stop' EXIT
ctl init --trial >"$T/init.out" 2>&1 || fail "init: $(cat "$T/init.out")"
staff_make
daemon_start
wait_for "ssh" as staff whoami
member alice
prove alice alpha.example
N=$(issue alice alpha.example)
wait_for "the reserve" test -s "$T/db/reserve"

step "the disk fills up; requests are turned away, with a sentence"
make_csr "$T/b" b.alpha.example
M=$(as alice request <"$T/b.csr" 2>"$T/err") || fail "request"
dd if=/dev/zero of="$T/db/filler" bs=1M count=200 >/dev/null 2>&1
# small pieces too, until not even a page fits
dd if=/dev/zero of="$T/db/crumbs" bs=4096 count=1000 >/dev/null 2>&1
turned_away() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$T/x.key" -out "$T/x.csr" -subj /CN=alpha.example \
		2>/dev/null
	_got=0
	as alice request <"$T/x.csr" >"$T/out" 2>"$T/err" || _got=$?
	[ $_got -eq 5 ]
}
wait_for "a request that is turned away" turned_away
[ ! -s "$T/out" ] || fail "a number for a request that was not kept"
[ -s "$T/err" ] || fail "no word about it"
expect 5 as staff approve "$M" >"$T/out" 2>"$T/err"
as staff system >"$T/out" 2>&1
has "disk" "$T/out"
disk_alarm() {
	as staff alarms --state open --filter disk >"$T/out" 2>&1 &&
		grep -q "the reserve is spent" "$T/out"
}
wait_for "the alarm" disk_alarm
ctl dump | sort >"$T/before" || fail "dump"

step "who is there is let in, and revocation goes on"
as alice list >"$T/out" 2>"$T/err" || fail "list: $(cat "$T/err")"
as alice revoke "$N" superseded >"$T/out" 2>"$T/err" ||
	fail "revoke: $(cat "$T/err")"
expect 6 as alice status "$N" >"$T/out" 2>"$T/err"
SERIAL=$(as alice cert "$N" --leaf 2>/dev/null |
	openssl x509 -noout -serial | cut -d= -f2)
on_crl() {
	curl -sf "$URL/crl/ica-server-1.crl" |
		openssl crl -inform DER -noout -text | grep -q "$SERIAL"
}
wait_for "the CRL to list it" on_crl

step "room again: it goes on where it stood"
rm "$T/db/filler" "$T/db/crumbs"
approve_works() {
	as staff approve "$M" 2>"$T/err"
}
wait_for "the approval" approve_works
wait_for "the certificate" as alice cert "$M"
turned_away && fail "still turned away"
[ -s "$T/out" ] || fail "no number: $(cat "$T/err")"
ctl dump | sort >"$T/after" || fail "dump"
[ -z "$(comm -23 "$T/before" "$T/after")" ] || fail "something was lost"
ctl verify >"$T/out" 2>&1 || fail "verify: $(cat "$T/out")"
wait_for "the reserve again" test -s "$T/db/reserve"
# the small file system itself stays a reason to complain
in_order() {
	as staff system >"$T/out" 2>"$T/err" && grep -q '^good' "$T/out" &&
		[ -z "$(grep '^BAD' "$T/out" | grep -v '^BAD  *disk')" ]
}
wait_for "everything in order" in_order
echo "all is well"
