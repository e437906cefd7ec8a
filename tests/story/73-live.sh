#!/bin/sh
# Two people at their screens, through tmux and real ssh: what staff do shows
# on the member's screen within a second, and takes neither cursor nor filter
# nor what is half typed; terminals by name, without colours, without UTF-8;
# an idle session is warned before it ends.
# S2.2, S2.5, S2.6; issue: the console that people like to use, 3, 6, 9.
. "$SRC/tests/lib.sh"
. "$SRC/tests/tmux.sh"

console() {		# SESSION NAME TERM LOCALE [ENV...]
	_s=$1 _n=$2 _t=$3 _l=$4
	shift 4
	tmux -L "$SOCK" -f /dev/null new-session -d -s "$_s" -x 100 -y 30 \
		"env TERM=$_t LC_ALL=$_l $* ssh -F none -tt -p $SSH_PORT \
		-i $T/keys/$_n -o IdentitiesOnly=yes -o SendEnv=LC_ALL \
		-o SendEnv=NO_COLOR -o UserKnownHostsFile=$T/ssh/known_hosts \
		$_n@127.0.0.1 2>&1 | tee $T/bytes-$_s; echo ENDED; sleep 60"
}

step "an authority, a member with three requests that wait"
panes_start
member alice
for d in alpha beta gamma; do
	prove alice $d.example
	make_csr "$T/$d" $d.example
	as alice request --domain $d.example <"$T/$d.csr" >"$T/n-$d" 2>/dev/null
	[ -s "$T/n-$d" ] || fail "no request for $d"
done
n=$(cat "$T/n-beta")

step "a member filters, moves the cursor, and types a command by half"
console member alice tmux-256color C.UTF-8
shows member "quit"
keys member 3
shows member "gamma.example"
keys member / example Enter j
shows member "2 of 3"
keys member : "cert 1"
shows member ":cert 1"

step "staff approve at their own screen; both screens say so within a second"
console staff staff tmux-256color C.UTF-8
shows staff "quit"
before=$(as alice status "$n" 2>/dev/null | head -1)
t0=$(date +%s%N)
as staff show "$n" >/dev/null 2>&1
as staff approve "$n" >/dev/null 2>&1 || true
t1=$(date +%s%N)
wait_for "the state on the member's screen" sh -c "tmux -L $SOCK \
	capture-pane -p -t member | grep -F beta.example | grep -q good"
t2=$(date +%s%N)
late=$(((t2 - t1) / 1000000))
echo "the member's screen changed $late ms after the command ended"
[ "$late" -lt 1000 ] || fail "it took $late ms (approval: $(((t1 - t0) / 1000000)) ms)"
[ "$before" != "" ] || fail "no state before"

step "cursor, filter and the half typed line are where they were"
seen member ":cert 1" || fail "the typed line is gone"
keys member Escape
shows member "2 of 3"
seen member "/example" || seen member "/ example" ||
	fail "the filter is gone: $(pane member | head -4)"

step "the queue of staff has lost it by itself"
keys staff 2
shows staff "alpha.example"
n=$(cat "$T/n-gamma")
as alice withdraw "$n" >/dev/null 2>&1 || fail "withdraw"
wait_for "the queue without gamma" sh -c "! tmux -L $SOCK capture-pane -p \
	-t staff | grep -qF gamma.example"

step "names of terminals: drawn, or the dialogue by lines"
for t in xterm-256color screen linux vt100 xterm-kitty xterm-ghostty foot \
	alacritty no-such-terminal; do
	console "t-$t" alice "$t" C
	shows "t-$t" "quit"
	keys "t-$t" 4
	shows "t-$t" "beta.example"
	keys "t-$t" Q
	shows "t-$t" ENDED
	LC_ALL=C grep -q '[^ -~[:cntrl:]]' "$T/bytes-t-$t" &&
		fail "$t: a byte above 7f without UTF-8"
done
console t-dumb alice dumb C
shows t-dumb "Number or command"
keys t-dumb 0 Enter
shows t-dumb ENDED

step "NO_COLOR: no colour on the channel"
console mono alice xterm-256color C.UTF-8 NO_COLOR=1
shows mono "quit"
keys mono 4
shows mono "beta.example"
keys mono Q
shows mono ENDED
esc=$(printf '\033')
LC_ALL=C grep -qE "${esc}\[([0-9;]*;)?[349][0-7]m" "$T/bytes-mono" &&
	fail "a colour came"

step "by lines from the screens, and back to the shell"
console lines alice tmux-256color C.UTF-8
shows lines "quit"
keys lines '?'
shows lines "Keys everywhere"
keys lines p
shows lines "Number or command"
keys lines 0 Enter
shows lines ENDED
tmux -L "$SOCK" kill-server
daemon_stop
