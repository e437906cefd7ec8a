#!/bin/sh
# 50-users.sh - started by root with a user for each process: everything
# works, each process is who it should be, and nobody can open what is not
# his.  S4.5 S12.2   (Run by somebody else than root it has nothing to do.)
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

[ "$(id -u)" -eq 0 ] || {
	echo "not root: nothing to see here"
	exit 0
}

# users that every Debian has
SIGNER=daemon REGISTRAR=games COURIER=mail PUBLISHER=www-data GATE=news

step "an authority with five users"
trial_folder users.signer=$SIGNER users.registrar=$REGISTRAR \
	users.courier=$COURIER users.publisher=$PUBLISHER users.gate=$GATE
chmod 711 "$T"
# the clone may lie where these users may not go
cp -R "$BIN" "$T/bin"
cp -R "$SRC/share" "$T/share"
sed -i "s|^share = .*|share = $T/share|" "$T/xmpp-ica.conf"
chmod -R a+rX "$T/bin" "$T/share" "$T/xmpp-ica.conf"
BIN=$T/bin
ctl init --trial >"$T/out" 2>&1 || fail "init"
chown -R $GATE: "$T/ssh"
staff_make
daemon_start
wait_for "the first CRL" curl -sf -o "$T/first.crl" \
	"$URL/crl/ica-server-1.crl"
wait_for "ssh" as staff whoami

step "each process is its user, for good"
# is_user PROCESS USER
is_user() {
	_uids=$(awk '/^Uid:/ { print $2, $3, $4, $5 }' \
		"/proc/$(child "$1")/status")
	_u=$(id -u "$2")
	[ "$_uids" = "$_u $_u $_u $_u" ] ||
		fail "$1 runs with uids $_uids, not $_u ($2)"
	_groups=$(awk '/^Groups:/ { $1 = ""; print }' \
		"/proc/$(child "$1")/status" | tr -d ' ')
	[ "$_groups" = "$(id -g "$2")" ] ||
		fail "$1 is in the groups $_groups"
}
is_user signer $SIGNER
is_user registrar $REGISTRAR
is_user courier $COURIER
is_user publisher $PUBLISHER
is_user gate $GATE

step "the whole road works so"
member alice
prove alice alpha.example
N=$(issue alice alpha.example)
as alice cert "$N" --leaf >"$T/leaf.pem" 2>"$T/err" || fail "cert"
is_good() {
	[ "$(ocsp_of "$T/leaf.pem")" = good ]
}
wait_for "OCSP" is_good

step "nobody opens what is not his"
# be USER COMMAND...
be() {
	_user=$1
	shift
	PATH=/usr/bin:/bin setpriv --reuid "$_user" \
		--regid "$(id -g "$_user")" --clear-groups "$@"
}
may_not() {
	be "$@" >"$T/out" 2>/dev/null && fail "may: $*"
}
be $SIGNER cat "$T/ca/ica-server-1.key" >/dev/null || fail "its own key"
be $REGISTRAR cat "$T/db/ica.db" >/dev/null || fail "its own database"
be $PUBLISHER cat "$T/published/crl/ica-server-1.crl" >/dev/null ||
	fail "the published set"
for u in $REGISTRAR $COURIER $PUBLISHER $GATE; do
	may_not $u ls "$T/ca"
	may_not $u cat "$T/ca/ica-server-1.key"
	may_not $u cat "$T/passphrase"
done
for u in $SIGNER $COURIER $PUBLISHER $GATE; do
	may_not $u ls "$T/db"
	may_not $u cat "$T/db/ica.db"
done
for u in $SIGNER $REGISTRAR $PUBLISHER $GATE; do
	may_not $u ls "$T/mail"
done
may_not $PUBLISHER touch "$T/published/x"
may_not $PUBLISHER touch "$T/published/crl/x"
may_not $PUBLISHER cat "$T/ssh/host_ed25519"

step "a socket takes its asker alone"
# dials USER SOCKET
dials() {
	be "$1" python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])' "$T/run/$2.sock" 2>/dev/null
}
for u in $SIGNER $REGISTRAR $COURIER $PUBLISHER $GATE; do
	for s in gate courier ctl signer; do
		case $u:$s in
		"$GATE:gate" | "$COURIER:courier" | "$REGISTRAR:signer")
			dials $u $s || fail "$u cannot dial $s.sock" ;;
		*)
			dials $u $s && fail "$u dials $s.sock" ;;
		esac
	done
done

step "check agrees; a folder opened by mistake is seen"
wait_for "everything in order" ctl check
chmod 755 "$T/db"
expect 1 ctl check >"$T/out" 2>"$T/err"
has "BAD   folder db" "$T/out"
chmod 700 "$T/db"

step "backup and restore keep the owners"
ctl backup "$T/copy.db" >"$T/out" 2>"$T/err" || fail "backup"
daemon_stop || fail "stop"
ctl restore "$T/copy.db" >"$T/out" 2>"$T/err" || fail "restore"
[ "$(stat -c %U "$T/db/ica.db")" = $REGISTRAR ] || fail "wrong owner"
daemon_start
wait_for "ssh" as alice whoami
as alice cert "$N" >"$T/out" 2>"$T/err" || fail "cert"
echo "all is well"
