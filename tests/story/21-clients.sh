#!/bin/sh
# 21-clients.sh - other ways in than `ssh HOST COMMAND`: dropbear's client, a
# command on a terminal, the dialogue in lines, a dumb terminal, and the curses
# console in tmux, with a CSR pasted in brackets and a terminal that changes
# its size.  S2.1 S2.5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

SOCKET=ica-t-$$
clients_stop() {
	_s=$?
	tmux -L $SOCKET kill-server 2>/dev/null
	(exit $_s)
	trial_stop
}
tm() {
	tmux -L $SOCKET -f /dev/null "$@"
}
screen() {
	tm capture-pane -p -t t >"$T/screen" 2>/dev/null
}
# shows TEXT: wait until the screen does
on_screen() {
	screen && grep -qF -- "$1" "$T/screen"
}
shows() {
	_try=$(($(date +%s) + PATIENCE))
	until on_screen "$1"; do
		[ "$(date +%s)" -lt $_try ] || {
			cat "$T/screen" >&9
			fail "the screen never showed: $1"
		}
		sleep 0.05
	done
}

trial_start
trap 'clients_stop' EXIT
member alice
prove alice alpha.example
make_csr "$T/alpha" alpha.example

step "dropbear's client"
dropbearconvert openssh dropbear "$T/keys/alice" "$T/keys/alice.db" \
	>"$T/out" 2>&1 || fail "dropbearconvert"
db() {
	HOME=$T timeout 30 dbclient -y -i "$T/keys/alice.db" -p "$SSH_PORT" \
		alice@127.0.0.1 "$@"
}
db whoami >"$T/out" 2>"$T/err" || fail "dbclient: $(cat "$T/err")"
has alice "$T/out"
N=$(db request --domain alpha.example <"$T/alpha.csr" 2>"$T/err") ||
	fail "request by dbclient: $(cat "$T/err")"
expect 4 db status "$N" >"$T/out" 2>"$T/err"
expect 2 db frobnicate >"$T/out" 2>"$T/err"

step "a command on a terminal: its output, its status, no screen of curses"
on_terminal() {
	TERM=xterm timeout 30 script -qec "ssh -F none -tt -p $SSH_PORT \
-i $T/keys/alice -o IdentitiesOnly=yes -o IdentityAgent=none \
-o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=yes \
-o UserKnownHostsFile=$T/ssh/known_hosts alice@127.0.0.1 $*" /dev/null \
		</dev/null
}
expect 4 on_terminal status "$N" >"$T/out"
has alpha.example "$T/out"
grep -q "$(printf '\033\\[?1049h')" "$T/out" && fail "curses for a command"
expect 1 on_terminal cert "$N" --der >"$T/out"

step "the dialogue in lines, by plain and on a dumb terminal"
printf 'status %s\n0\n' "$N" | as alice plain >"$T/out" 2>&1 ||
	fail "plain: $(cat "$T/out")"
has alpha.example "$T/out"
LC_ALL=C grep -q "$(printf '\033')" "$T/out" && fail "an escape sequence"
for term in dumb ""; do
	printf 'list\r0\r' | TERM=$term as alice -tt >"$T/out" 2>&1
	LC_ALL=C grep -q "$(printf '\033')" "$T/out" &&
		fail "an escape sequence for TERM='$term'"
	has "Goodbye" "$T/out"
done

step "the curses console: from home to the paste area"
LINE="ssh -F none -p $SSH_PORT -i $T/keys/alice -o IdentitiesOnly=yes \
-o IdentityAgent=none -o LogLevel=ERROR -o StrictHostKeyChecking=yes \
-o UserKnownHostsFile=$T/ssh/known_hosts -o SendEnv=LC_ALL alice@127.0.0.1"
make_csr "$T/beta" sub.alpha.example
tm new-session -d -s t -x 80 -y 24 "$LINE; echo ended with \$?; exec cat" ||
	fail "tmux"
shows alice
shows "Request"

step "a CSR pasted in brackets is judged at once"
tm send-keys -t t n
shows "Paste the CSR here now."
tm load-buffer -b csr "$T/beta.csr"
tm paste-buffer -p -b csr -t t
shows "This CSR is good"
shows "CN = sub.alpha.example"

step "the terminal changes its size: large, tiny, as before"
tm resize-window -t t -x 120 -y 40
shows "SRVName _xmpp-client: added by profile xmpp-server. (ok)"
tm resize-window -t t -x 40 -y 10
shows "This CSR is good"
tm resize-window -t t -x 20 -y 5
tm resize-window -t t -x 80 -y 24
shows "CN = sub.alpha.example"

step "submitted by a key; what staff do shows without one"
tm send-keys -t t s
submitted() {
	[ "$(as staff queue --json | jq '[.rows[] |
		select(.first == "sub.alpha.example")] | length')" = 1 ]
}
wait_for "the request" submitted
M=$(as staff queue --json | jq '.rows[] |
	select(.first == "sub.alpha.example") | .number')
shows "awaiting"
as staff approve "$M" >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"
shows "The certificate is issued"

step "pasted without brackets, line by line; then a private key"
tm send-keys -t t q
shows "Welcome, alice"
tm send-keys -t t n
shows "Paste the CSR here now."
make_csr "$T/third" third.alpha.example
tm load-buffer -b third "$T/third.csr"
tm paste-buffer -b third -t t
shows "CN = third.alpha.example"
openssl ecparam -genkey -noout -name prime256v1 -out "$T/oops.key"
tm load-buffer -b key "$T/oops.key"
tm paste-buffer -p -b key -t t
shows "PRIVATE KEY"
line=$(sed -n 2p "$T/oops.key" | cut -c1-30)
screen
grep -qF "$line" "$T/screen" && fail "the key is on the screen"

step "q leaves, the exit status is 0, the terminal is as it was"
tries=0
until on_screen "ended with"; do
	tries=$((tries + 1))
	[ $tries -lt 40 ] || { cat "$T/screen" >&9; fail "q does not leave"; }
	tm send-keys -t t q
	sleep 0.1
done
shows "ended with 0"

step "a TERM that nobody knows still gets a console"
tm respawn-window -k -t t "TERM=no-such-terminal $LINE; echo ended with \$?; exec cat"
shows "alice"
echo "all is well"
