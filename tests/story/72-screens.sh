#!/bin/sh
# The screens through tmux and real ssh: a command behind `:` with completion,
# its output; copying by OSC 52 into tmux's buffer; what was typed survives a
# killed client; a resize; Ctrl-L; and the bytes of a key.
# S2.1, S2.3, S2.5, S3.1; issue: the console that people like to use, 1, 5, 9.
. "$SRC/tests/lib.sh"

command -v tmux >/dev/null || {
	echo "tmux is not installed: skipped"
	exit 0
}
SOCK=none
N=0
pane() {
	tmux -L "$SOCK" capture-pane -p
}
keys() {
	tmux -L "$SOCK" send-keys "$@"
}
seen() {
	pane | grep -qF -- "$1"
}
shows() {
	pane >"$T/out"		# told when it fails
	wait_for "'$1' on the screen" seen "$1"
}
console() {
	N=$((N + 1))		# a server that was killed may still be ending
	SOCK=ica$$-$N
	tmux -L "$SOCK" -f /dev/null new-session -d -x "$2" -y "$3" \
		"TERM=tmux-256color LC_ALL=C.UTF-8 ssh -F none -tt \
		-p $SSH_PORT -i $T/keys/$1 -o IdentitiesOnly=yes \
		-o SendEnv=LC_ALL -o UserKnownHostsFile=$T/ssh/known_hosts \
		$1@127.0.0.1; echo ENDED; cat"
	tmux -L "$SOCK" set -s set-clipboard on
	shows "quit"
}

step "an authority with a certificate"
trial_start
ended() {
	_ended=$?
	tmux -L "$SOCK" kill-server 2>/dev/null
	(exit $_ended)
	trial_stop
}
trap ended EXIT
member alice
prove alice alpha.example
n=$(issue alice alpha.example)

step "a command behind : with completion, its output in a page"
console alice 80 24
keys : who
shows ":who"
keys Tab
shows ":whoami"
keys Enter
shows "alice@mail.example"
keys : "whoamy" Enter
shows "Did you mean: whoami?"
keys : Up
shows ":whoamy"
keys Escape
keys : "cert $n --text" Enter
shows ":cert $n --text"
keys /Issuer Enter
shows "Issuer"

step "home leads to the one certificate there is"
keys q
keys q
keys q
keys 1
shows "Enter install it"
keys Enter
shows "Certificate $n for alpha.example"
shows "What it says"

step "copied into tmux's buffer: the chain that cert gives"
keys y
shows "Copy to the clipboard"
keys Enter
shows "Copied the chain"
tmux -L "$SOCK" show-buffer >"$T/copied"
as alice cert "$n" >"$T/fetched"
cmp "$T/copied" "$T/fetched" || fail "the clipboard is not the chain"

step "without frames, and back in another size"
keys p
shows "Press Enter to go back"
tmux -L "$SOCK" resize-window -x 100 -y 30
keys Enter
shows "What it says"
keys C-l
shows "y copy"
[ "$(pane | awk 'length > 85' | wc -l)" -gt 0 ] ||
	fail "the screen did not take its new width"

step "home leads on where a domain was begun"
keys Q
shows ENDED
tmux -L "$SOCK" kill-server
member bob
as bob domain add bob.example >/dev/null 2>&1
console bob 80 24
shows "bob.example waits for its proof"
keys Enter
shows "Read the letter to hostmaster@bob.example"
keys Q
shows ENDED
tmux -L "$SOCK" kill-server

step "what was typed survives a client that was killed"
console alice 80 24
keys 2 a
shows "Add a domain"
keys new.alpha.example
shows "new.alpha.example"
tmux -L "$SOCK" kill-server
console alice 80 24
keys 2 a
shows "stands here again"
shows "new.alpha.example"

step "cancelled it is gone"
keys Escape
wait_for "the box to close" sh -c '! tmux -L '"$SOCK"' capture-pane -p |
	grep -qF "Add a domain"'
keys a
shows "Add a domain"
! seen "new.alpha.example" || fail "the draft is still there"

step "nobody else has it, and it is no entry of the log"
as auditor audit --filter draft >"$T/out"
! grep -q 'draft\.' "$T/out" || fail "drafts are in the audit log"
keys Escape
keys Q
tmux -L "$SOCK" kill-server
daemon_stop
