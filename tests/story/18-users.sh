#!/bin/sh
# 18-users.sh - started as root with a user for each process: the main job
# works, each process runs as its user, jailed and without privileges, and
# none can read or reach what is another's.  S4.5 S12.2 S12.3
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

[ "$(id -u)" -eq 0 ] || {
	echo "SKIPPED: not root, so that nobody can become five users here"
	exit 77
}
P=ica-t-$$
ALL="registrar signer gate publisher courier"

users_remove() {
	for _u in $ALL; do
		userdel "$P-$_u" 2>/dev/null
		groupdel "$P-$_u" 2>/dev/null
	done
}
users_stop() {
	_s=$?
	[ -z "${watcher:-}" ] || kill "$watcher" 2>/dev/null
	daemon_stop
	users_remove
	(exit $_s)
	trial_stop
}
# run_as PROCESS COMMAND...: as that process's user, with no other group
run_as() {
	_u=$P-$1
	shift
	setpriv --reuid "$_u" --regid "$_u" --clear-groups \
		--inh-caps=-all "$@"
}
# reaches PROCESS SOCKET
reaches() {
	python3 - "$P-$1" "$T/run/$2.sock" <<-'END' 2>"$T/err"
	import os, pwd, socket, sys
	user = pwd.getpwnam(sys.argv[1])
	os.setgroups([])
	os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
	os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
	try:
	    socket.socket(socket.AF_UNIX).connect(sys.argv[2])
	except PermissionError:
	    sys.exit(1)
	END
}
field() {
	awk -v k="$2:" '$1 == k { $1 = ""; print substr($0, 2) }' \
		"/proc/$1/status"
}

trial_folder users.registrar=$P-registrar users.signer=$P-signer \
	users.gate=$P-gate users.publisher=$P-publisher \
	users.courier=$P-courier
trap 'users_stop' EXIT
for u in $ALL; do
	useradd -r -U -M -d /nonexistent -s /usr/sbin/nologin "$P-$u" ||
		fail "useradd"
done
# as on a real host, the folder may be passed through, and no more
chmod 711 "$T"
rm "$T/ssh/host_ed25519" "$T/ssh/host_ed25519.pub"
ctl init --trial >"$T/init.out" 2>&1 || fail "init: $(cat "$T/init.out")"
staff_make
daemon_start
wait_for "a host key of the gate's own" test -s "$T/ssh/host_ed25519"
ssh-keygen -y -f "$T/ssh/host_ed25519" 2>"$T/err" |
	awk -v h="[127.0.0.1]:$SSH_PORT" '{ print h, $1, $2 }' \
	>"$T/ssh/known_hosts"
wait_for "ssh" as staff whoami

step "the main job"
member alice
prove alice alpha.example
N=$(issue alice alpha.example)
as alice cert "$N" >"$T/chain.pem" || fail "cert"
openssl verify -CAfile "$T/root.pem" -untrusted "$T/ica.pem" \
	"$T/chain.pem" >"$T/out" 2>&1 || fail "$(cat "$T/out")"
as alice cert "$N" --leaf >"$T/leaf.pem"
ocsp_is() {
	[ "$(ocsp_of "$T/leaf.pem")" = "$1" ]
}
wait_for "OCSP" ocsp_is good
as alice revoke "$N" superseded >/dev/null 2>"$T/err" || fail "revoke"
wait_for "OCSP" ocsp_is revoked
wait_for "the letter" letters_beyond alice@mail.example 1
ctl check >"$T/out" 2>&1 || fail "check: $(cat "$T/out")"
ctl verify >"$T/out" 2>&1 || fail "verify: $(cat "$T/out")"

step "each process is its user, for good, jailed, without privileges"
console() {
	CONSOLE=$(pgrep -u "$P-gate" -f xmpp-ica-console | head -n 1)
	[ -n "$CONSOLE" ]
}
no_console() {
	! console
}
wait_for "the last session to end" no_console
as staff watch >"$T/watch" 2>&1 &
watcher=$!
wait_for "a console" console
# transport: the gate's child that speaks with the network
TRANSPORT=$(pgrep -P "$(child gate)" | grep -vx "$CONSOLE" | head -n 1)
for u in $ALL console transport; do
	case $u in
	console) pid=$CONSOLE owner=gate ;;
	transport) pid=$TRANSPORT owner=gate ;;
	*) pid=$(child $u) owner=$u ;;
	esac
	[ -n "$pid" ] || fail "no process $u"
	id=$(id -u "$P-$owner")
	[ "$(field "$pid" Uid | tr -s ' \t' ' ')" = "$id $id $id $id" ] ||
		fail "$u runs as $(field "$pid" Uid), not $id"
	id=$(id -g "$P-$owner")
	[ "$(field "$pid" Gid | tr -s ' \t' ' ')" = "$id $id $id $id" ] ||
		fail "$u has the groups $(field "$pid" Gid)"
	case $(field "$pid" Groups) in
	"$id" | "$id " | "") ;;
	*) fail "$u has more groups: $(field "$pid" Groups)" ;;
	esac
	for cap in CapInh CapPrm CapEff CapAmb; do
		[ "$(field "$pid" $cap)" = 0000000000000000 ] ||
			fail "$u has $cap"
	done
	[ "$(field "$pid" NoNewPrivs)" = 1 ] || fail "$u may gain privileges"
	# the gate's parent starts consoles; its two kinds of children are jailed
	[ "$u" != gate ] || continue
	[ "$(field "$pid" Seccomp)" = 2 ] || fail "$u has no seccomp filter"
	# not dumpable: its memory and descriptors belong to root
	grep -q 'built with a sanitizer' "$T/log/xmpp-icad.log" ||
		[ "$(stat -c %u "/proc/$pid/mem")" -eq 0 ] ||
		fail "$u can be traced"
done

step "nothing secret stands in the process list or the environment"
for pid in $(child registrar) $(child signer) $(child gate) "$CONSOLE" "$PID"; do
	if cat "/proc/$pid/cmdline" "/proc/$pid/environ" 2>/dev/null |
		grep -qa "a trial needs no secret"; then
		fail "the passphrase is in /proc/$pid"
	fi
done

step "the database is the registrar's, the keys are the signer's, alone"
DB=$T/db/ica.db
KEY=$T/ca/ica-server-1.key
[ -s "$KEY" ] && [ -s "$DB" ] || fail "where are they?"
run_as signer test -r "$KEY" || fail "the signer cannot read its key"
run_as registrar test -r "$DB" || fail "the registrar cannot read its database"
for u in $ALL nobody; do
	if [ $u = nobody ]; then
		set -- setpriv --reuid nobody --regid nogroup --clear-groups
	else
		set -- run_as $u
	fi
	if [ $u != signer ]; then
		for f in "$T"/ca/* "$T/passphrase"; do
			"$@" cat "$f" >/dev/null 2>&1 && fail "$u reads $f"
		done
		"$@" ls "$T/ca" >/dev/null 2>&1 && fail "$u lists ca/"
	fi
	if [ $u != registrar ]; then
		for f in "$T"/db/*; do
			"$@" cat "$f" >/dev/null 2>&1 && fail "$u reads $f"
		done
		"$@" touch "$T/published/x" 2>/dev/null && fail "$u publishes"
	fi
	if [ $u != gate ]; then
		"$@" cat "$T/ssh/host_ed25519" >/dev/null 2>&1 &&
			fail "$u reads the host key"
	fi
	if [ $u != courier ]; then
		"$@" ls "$T/mail/new" >/dev/null 2>&1 && fail "$u reads mail"
	fi
	"$@" cat "$T/log/xmpp-icad.log" >/dev/null 2>&1 && fail "$u reads the log"
	"$@" touch "$T/run/x" 2>/dev/null && fail "$u writes into run/"
	"$@" touch "$T/x" 2>/dev/null && fail "$u writes into the folder"
done
[ "$(openssl pkey -in "$KEY" -passin pass: -noout 2>&1 | wc -l)" -gt 0 ] ||
	fail "the key is not encrypted"
head -n 1 "$KEY" | grep -q ENCRYPTED || fail "the key is not encrypted"

step "each socket lets in only who has business there"
for row in gate:gate courier:courier registrar:signer; do
	reaches "${row%:*}" "${row#*:}" || fail "${row%:*} cannot reach ${row#*:}.sock"
done
for row in courier:gate courier:ctl courier:signer gate:courier gate:ctl \
	gate:signer publisher:gate publisher:courier publisher:ctl \
	publisher:signer signer:gate signer:courier signer:ctl; do
	expect 1 reaches "${row%:*}" "${row#*:}"
	[ ! -s "$T/err" ] || fail "$(cat "$T/err")"
done
wait_for "it still works" as alice whoami
kill "$watcher" 2>/dev/null
watcher=
echo "all is well"
