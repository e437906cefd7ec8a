# tmux.sh - terminals for stories: a person's screen in a pane of tmux.  Read
# after lib.sh; ends the story at once where tmux is not installed.
# shellcheck shell=sh

command -v tmux >/dev/null || {
	echo "tmux is not installed: skipped"
	exit 0
}
SOCK=ica$$-panes

pane() {		# NAME
	tmux -L "$SOCK" capture-pane -p -t "$1" 2>/dev/null
}

keys() {		# NAME KEY...
	_to=$1
	shift
	tmux -L "$SOCK" send-keys -t "$_to" "$@"
}

seen() {		# NAME TEXT
	pane "$1" | grep -qF -- "$2"
}

shows() {		# NAME TEXT; the screen is kept for the report of a failure
	pane "$1" >"$T/out"
	wait_for "'$2' on $1's screen" seen "$1" "$2"
}

# As trial_start, and tmux ends with the story, in whatever way it ends.
panes_start() {
	trial_start "$@"
	trap panes_end EXIT
}

panes_end() {
	_ended=$?
	tmux -L "$SOCK" kill-server 2>/dev/null
	(exit $_ended)
	trial_stop
}
