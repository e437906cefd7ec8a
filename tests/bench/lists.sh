#!/bin/sh
# lists.sh - lists and searches at STORE (1000000) certificates: P13 and P14
# in the registrar's own functions, beside the engine's plain question over the
# same rows; P15 one command over SSH beside the sqlite3 shell over the same
# connection's work; P17 a cursor step and a page in the list of all
# certificates against sshd with less (one client, bench_ssh.c).
# needs: sqlite3 openssh-server less libssh-dev, and a built BIN with
# t/bench_lists beside it (make t/bench_lists).
# KEPT=DIR: the filled authority is kept there and taken again the next time.
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
STORE=${STORE:-1000000}
. "$SRC/tests/lib.sh"
. "$SRC/tests/bench/figures.sh"
BENCH=${BENCH:-$BIN/../t/bench_lists}
[ -x "$BENCH" ] || fail "no $BENCH: make t/bench_lists"

answered() {	# LEAF
	[ "$(ocsp_of "$1")" = good ]
}

# The filled authority, at rest, in $T: made, or that of an earlier run.
store() {
	set -- ssh.startups=1000 ssh.startups_begin=1000 ssh.per_source=1000 \
		ssh.per_account=100
	_schema=$(cksum <"$SRC/core/schema.sql")
	if [ -n "${KEPT:-}" ] && [ "$(cat "$KEPT/filled" 2>/dev/null)" = \
		"$_schema" ]; then
		T=$KEPT
		trap 'ended' EXIT
		trap 'exit 1' INT TERM HUP
		SSH_PORT=$(free_port) HTTP_PORT=$(free_port)
		URL=http://127.0.0.1:$HTTP_PORT
		conf_write "$@"
		echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 \
			"$T/ssh/host_ed25519.pub")" >"$T/ssh/known_hosts"
		return
	fi
	trial_start "$@"
	trap 'ended' EXIT
	# one that is real; a published answer too, or all would be signed now
	member alice
	prove alice alpha.example
	issue alice alpha.example >"$T/number"
	as alice cert "$(cat "$T/number")" --leaf >"$T/leaf" || fail cert
	wait_for "an answer" answered "$T/leaf"
	daemon_stop || fail "xmpp-icad does not stop"
	command sqlite3 -cmd ".param set :many $STORE" "$T/db/ica.db" \
		<"$SRC/tests/bench/store_fill.sql" >/dev/null || fail fill
	[ -n "${KEPT:-}" ] || return 0
	[ ! -f "$KEPT/filled" ] || rm -rf "$KEPT"	# of another schema
	cp -a "$T" "$KEPT" && echo "$_schema" >"$KEPT/filled" || fail "$KEPT"
	rm -rf "$T"
	store
}

# A folder that is kept outlives the run.
ended() {
	_ended=$?
	kill ${SSHD:-} 2>/dev/null
	if [ "$T" = "${KEPT:-}" ]; then
		daemon_stop || _ended=1
		rm -f "$FIGURES" "$T"/peer_host*
		exit $_ended
	fi
	(exit $_ended)
	trial_stop
}

store
FIGURES=$T/figures
rm -f "$FIGURES" "$T"/peer_host*
"$BENCH" "$T/db/ica.db" | keep ""
daemon_start
wait_for ssh as staff whoami
client=$T/bench_ssh
cc -O2 -D_GNU_SOURCE -o "$client" "$SRC/tests/bench/bench_ssh.c" -lssh ||
	fail "bench_ssh.c"

# ---- the peer ----
. "$SRC/tests/bench/sshd.sh"
sshd_start staff
me=$(id -un)

# ms NAME COMMAND...: median of 15
ms() {
	_figure=$1
	shift
	_i=0
	rm -f "$T/ms"
	while [ $_i -lt 15 ]; do
		_t=$(date +%s%N)
		"$@" >"$T/out" 2>&1 || fail "$_figure"
		echo $((($(date +%s%N) - _t) / 10000)) >>"$T/ms"
		_i=$((_i + 1))
	done
	sort -n "$T/ms" | awk -v n="$_figure" '{ v[NR] = $1 }
		END { printf "%s_ms %.2f\n", n, v[8] / 100 }' | keep ""
}

over_sshd() {
	ssh -p "$PEER" -i "$T/keys/staff" -o BatchMode=yes -o LogLevel=ERROR \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o IdentitiesOnly=yes "$me@127.0.0.1" "$@"
}

_some=$(sqlite3 "$T/db/ica.db" "SELECT max(number) - $STORE / 2 FROM request")
ms ours_login as staff version
ms ours_list as staff list --before "$_some" --limit 50
ms ours_show as staff cert "$(cat "$T/number")" --text
ms ours_search as staff search 9e3779b
ms sshd_sqlite_list over_sshd sqlite3 "$T/db/ica.db" \
	"\"SELECT r.number, a.name, r.first, c.serial, c.not_after FROM request r JOIN account a ON a.number = r.account JOIN certificate c ON c.request = r.number WHERE r.number < $_some ORDER BY r.number DESC LIMIT 50\""
ms sshd_sqlite_scan over_sshd sqlite3 "$T/db/ica.db" \
	"\"SELECT request FROM request_domain WHERE domain LIKE '%9e3779b%'\""
# 5 as staff: all certificates; one line down and up; page after page
seq 1000000 >"$T/lines"
_i=0
while [ $_i -lt 3 ]; do
	"$client" echo "$PEER" "$me" "$T/keys/staff" 300 "23" \
		"less $T/lines" "" jk | sed 's/^echo/sshd_less_step/'
	"$client" echo "$SSH_PORT" staff "$T/keys/staff" 300 "quit" "" 5 jk |
		sed 's/^echo/ours_step/'
	"$client" echo "$PEER" "$me" "$T/keys/staff" 300 "23" \
		"less $T/lines" "" "  " | sed 's/^echo/sshd_less_page/'
	"$client" echo "$SSH_PORT" staff "$T/keys/staff" 300 "quit" "" \
		5 "  " | sed 's/^echo/ours_page/'
	_i=$((_i + 1))
done | keep ""
ratio p15_list_ratio_to_sshd_sqlite "$(median ours_list_ms)" \
	"$(median sshd_sqlite_list_ms)"
ratio p15_search_ratio_to_sshd_sqlite_scan "$(median ours_search_ms)" \
	"$(median sshd_sqlite_scan_ms)"
ratio p17_step_p50_ratio_to_less "$(median ours_step_p50_us)" \
	"$(median sshd_less_step_p50_us)"
ratio p17_step_p99_ratio_to_less "$(median ours_step_p99_us)" \
	"$(median sshd_less_step_p99_us)"
ratio p17_page_p50_ratio_to_less "$(median ours_page_p50_us)" \
	"$(median sshd_less_page_p50_us)"
daemon_stop || fail "xmpp-icad does not stop"
