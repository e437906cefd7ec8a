#!/bin/sh
# One's own sessions: listed with where from, since when and what; one is ended
# by command and from the account's view, within a second, and says why; nobody
# ends another's.  Having every session by lines is kept with the account.
# S2.1, S2.3, S2.5, S4.7; issue: the console that people like to use, 2, 6.
. "$SRC/tests/lib.sh"
. "$SRC/tests/tmux.sh"

console() {		# SESSION NAME
	tmux -L "$SOCK" -f /dev/null new-session -d -s "$1" -x 100 -y 50 \
		"env TERM=tmux-256color LC_ALL=C.UTF-8 ssh -F none -tt \
		-p $SSH_PORT -i $T/keys/$2 -o IdentitiesOnly=yes \
		-o SendEnv=LC_ALL -o UserKnownHostsFile=$T/ssh/known_hosts \
		-o LogLevel=ERROR $2@127.0.0.1; echo ENDED \$?; cat"
}
others() {		# NAME: numbers of the sessions that are not the asker's
	as "$1" session list --json |
		jq -r '.rows[] | select(.here | not) | .number'
}
none_of() {
	[ -z "$(others "$1")" ]
}

step "an authority, two members, one at the screens"
panes_start
member alice
member bob
console first alice
shows first "quit"

step "the list says where from and what; nobody else has it or ends it"
as alice session list >"$T/out" 2>"$T/err" || fail "session list"
has "127.0.0.1" "$T/out"
has "this one" "$T/out"
as alice session list --json >"$T/out"
jq -e '.v == 1 and (.rows | length == 2) and
	([.rows[] | select(.here)] | length == 1)' "$T/out" >/dev/null ||
	fail "session list --json"
n=$(others alice)
[ -z "$(others bob)" ] || fail "bob sees sessions of others"
expect 3 as bob session end "$n" 2>"$T/err"
has "No such session of yours" "$T/err"
expect 3 as alice session end 999999 2>"$T/err"
expect 3 as alice session end x 2>"$T/err"
expect 2 as alice session end 2>"$T/err"
pane first | grep -q ENDED && fail "it ended"

step "ended by command: within a second, with its last words"
as alice session end "$n" 2>"$T/err" || fail "session end: $(cat "$T/err")"
t0=$(date +%s%N)
shows first "You ended this session from another one."
shows first "ENDED 5"
t1=$(date +%s%N)
echo "it was over after $(((t1 - t0) / 1000000)) ms"
[ $((t1 - t0)) -lt 1000000000 ] || fail "that took too long"
wait_for "its end in the list" none_of alice
as auditor audit --noun account --filter session.end >"$T/out" 2>"$T/err"
has "session.end" "$T/out"

step "from the account's view"
console second alice
shows second "quit"
console third alice
shows third "quit"
keys third 5
shows third "Open sessions"
keys third h
shows third "End a session?"
keys third Tab Enter
shows third "is ended."
shows second "ENDED 5"

step "every session by lines, when the account says so"
keys third t
shows third "by lines"
keys third q
shows third "ENDED 0"
console lines alice
shows lines "0 Leave"
as alice export-me 2>/dev/null | jq -e '.account[0].plain == 1' >/dev/null ||
	fail "export-me does not say it"
as alice session end "$(others alice)" 2>"$T/err" || fail "session end"
shows lines "You ended this session from another one."
shows lines "ENDED 5"
as alice whoami --json | jq -e '.plain' >/dev/null || fail "whoami"
as alice prefer screens 2>"$T/err" || fail "prefer"
console screens alice
shows screens "What to do next"
expect 2 as alice prefer colours 2>"$T/err"
