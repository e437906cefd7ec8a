#!/bin/sh
# Clients that behave badly after their login, at the real console: one that
# stops reading while a thousand things change, noise instead of packets, half
# a packet, ten thousand resizes at once.  Memory stays, everybody else goes on,
# and the one that reads again has a whole and true screen.
# S2.6, S12.5; issue: the console that people like to use, 3, 6.
. "$SRC/tests/lib.sh"
. "$SRC/tests/tmux.sh"

TOOLS=${TOOLS:-$BIN/../t}
[ -x "$TOOLS/ssh_probe" ] || fail "build $TOOLS/ssh_probe first"
console() {		# SESSION [OPTION...]
	_s=$1
	shift
	tmux -L "$SOCK" -f /dev/null new-session -d -s "$_s" -x 80 -y 24 \
		"env TERM=tmux-256color LC_ALL=C.UTF-8 ssh -F none -tt \
		-p $SSH_PORT -i $T/keys/alice -o IdentitiesOnly=yes \
		-o SendEnv=LC_ALL -o UserKnownHostsFile=$T/ssh/known_hosts $* \
		alice@127.0.0.1; echo ENDED; sleep 60"
	shows "$_s" "quit"
}
# The bytes that wait on connections of the gate; column 5 is tx_queue.
queued() {
	awk -v p=":$(printf %04X "$SSH_PORT")" '
		substr($2, length($2) - 4) == p && $4 == "01" {
			split($5, q, ":")
			if (q[1] != "00000000") n++
		} END { exit !n }' /proc/net/tcp
}
consoles() {
	for _p in $(pgrep -P "$(child gate)"); do
		tr '\0' ' ' <"/proc/$_p/cmdline" 2>/dev/null |
			grep -q '^[^ ]*xmpp-ica-console ' && echo "$_p"
	done
}
consoles_are() {
	[ "$(consoles | wc -l)" -eq "$1" ]
}
# KiB of their own that the processes of the authority have, by number
memory() {
	for _p in $(child registrar) $(child gate) $(pgrep -P "$(child gate)"); do
		echo "$_p $(awk '/^RssAnon:/ { print $2 }' "/proc/$_p/status")"
	done
}

step "an authority; a member at two screens, one behind a line that can stall"
panes_start
member alice
prove alice alpha.example
# a small window, and nothing is read while the file `stall` is there
cat >"$T/line.py" <<'END'
import os, select, socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.connect(("127.0.0.1", int(sys.argv[1])))
while True:
    stall = os.path.exists(sys.argv[2])
    for f in select.select([0] if stall else [0, s], [], [], 0.05)[0]:
        b = os.read(0, 4096) if f == 0 else s.recv(4096)
        if not b:
            sys.exit()
        if f == 0:
            s.sendall(b)
        else:
            os.write(1, b)
END
console slow -o "'ProxyCommand=python3 $T/line.py $SSH_PORT $T/stall'"
console other

step "the line stalls until the gate can send no more"
touch "$T/stall"
_until=$(($(date +%s) + PATIENCE))
_n=0
while [ $_n -lt 20 ]; do
	keys slow C-l			# each a whole screen
	if queued; then _n=$((_n + 1)); else _n=0; fi
	[ "$(date +%s)" -lt $_until ] || fail "the line takes everything"
	sleep 0.01
done
memory >"$T/before"

step "a thousand changes meanwhile; the other screen shows the last of them"
keys other 2
shows other "alpha.example"
_i=0
while [ $_i -lt 500 ]; do
	printf 'notify reminders off\nnotify reminders on\n'
	_i=$((_i + 1))
done >"$T/changes"
echo 'domain add later.example --dns' >>"$T/changes"
as alice plain <"$T/changes" >"$T/out" 2>"$T/err" || fail "the changes"
shows other "later.example"
keys other 4
keys other 2
shows other "later.example"

step "nobody has grown"
memory >"$T/after"
while read -r p kib; do
	now=$(awk -v p="$p" '$1 == p { print $2 }' "$T/after")
	[ -n "$now" ] || fail "process $p is gone"
	[ "$now" -lt $((kib + 2048)) ] ||
		fail "process $p had $kib KiB, and now $now"
done <"$T/before"

step "it reads again: the screen is whole and true"
rm "$T/stall"
keys slow 2
shows slow "later.example"
pane slow >"$T/lived"
keys slow C-l
sleep 0.3
pane slow >"$T/redrawn"
cmp -s "$T/lived" "$T/redrawn" || fail "$(diff "$T/lived" "$T/redrawn")"
shows slow "quit"

step "noise instead of packets ends that session alone"
mkfifo "$T/hold"
"$TOOLS/ssh_probe" garbage "$SSH_PORT" alice "$T/keys/alice" 65536 \
	<"$T/hold" >"$T/out" 2>&1 &
exec 8>"$T/hold"
wait_for "its end" grep -q cut "$T/out"
wait_for "two consoles" consoles_are 2
exec 8>&-
wait $!

step "half a packet: it waits, nobody else does, and it goes with its line"
"$TOOLS/ssh_probe" garbage "$SSH_PORT" alice "$T/keys/alice" 3 \
	<"$T/hold" >"$T/out" 2>&1 &
exec 8>"$T/hold"
wait_for "its silence" grep -q 'still there' "$T/out"
consoles_are 3 || fail "$(consoles | wc -l) consoles"
keys other 1
shows other "Home"
exec 8>&-
wait $!
wait_for "two consoles" consoles_are 2

step "ten thousand resizes at once: calm, and the last one counts"
consoles | sort >"$T/known"
"$TOOLS/ssh_probe" resizes "$SSH_PORT" alice "$T/keys/alice" 10000 101 33 \
	<"$T/hold" >"$T/out" 2>&1 &
exec 8>"$T/hold"
wait_for "all of them" grep -q bytes "$T/out"
new=$(consoles | sort | comm -13 "$T/known" -)
tty=$(readlink "/proc/$new/fd/0")
[ "$(stty -F "$tty" size)" = "33 101" ] || fail "$(stty -F "$tty" size)"
bytes=$(sed -n 's/^bytes //p' "$T/out")
echo "$bytes bytes were drawn"
[ "$bytes" -gt 500 ] || fail "it drew $bytes bytes"
[ "$bytes" -lt 2000000 ] || fail "it drew $bytes bytes"
exec 8>&-
wait $!
wait_for "two consoles" consoles_are 2
seen other "quit" || fail "the other screen is gone"
seen slow "quit" || fail "the slow screen is gone"
grep -q "crashed" "$T/log/xmpp-icad.log" && fail "a transport crashed"
tmux -L "$SOCK" kill-server
daemon_stop
