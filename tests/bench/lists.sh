#!/bin/sh
# lists.sh - lists and searches at STORE (1000000) certificates: P13 and P14
# in the registrar's own functions, beside the engine's plain question over the
# same rows; P15 one command over SSH beside the sqlite3 shell over the same
# connection's work; P17 a cursor step and a page in the list of all
# certificates against sshd with less (one client, bench_ssh.c).
# needs: sqlite3 openssh-server less libssh-dev, and a built BIN with
# t/bench_lists beside it (make t/bench_lists).
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
STORE=${STORE:-1000000}
. "$SRC/tests/lib.sh"
BENCH=${BENCH:-$BIN/../t/bench_lists}
[ -x "$BENCH" ] || fail "no $BENCH: make t/bench_lists"

trial_start ssh.startups=1000 ssh.per_source=1000 ssh.per_account=100
daemon_stop || fail "xmpp-icad does not stop"
sqlite3 -cmd ".param set :many $STORE" "$T/db/ica.db" \
	<"$SRC/tests/bench/store_fill.sql" >/dev/null || fail fill
"$BENCH" "$T/db/ica.db" | tee "$T/figures"
daemon_start
wait_for ssh as staff whoami
client=$T/bench_ssh
cc -O2 -D_GNU_SOURCE -o "$client" "$SRC/tests/bench/bench_ssh.c" -lssh ||
	fail "bench_ssh.c"

# ---- the peer ----
. "$SRC/tests/bench/sshd.sh"
sshd_start staff
trap 'kill $SSHD 2>/dev/null; trial_stop' EXIT
me=$(id -un)

# ms NAME COMMAND...: median of 15
ms() {
	_name=$1
	shift
	_i=0
	while [ $_i -lt 15 ]; do
		_t=$(date +%s%N)
		"$@" >/dev/null 2>&1 || fail "$_name"
		echo $((($(date +%s%N) - _t) / 10000))
		_i=$((_i + 1))
	done | sort -n | awk -v n="$_name" '{ v[NR] = $1 }
		END { printf "%s_ms %.2f\n", n, v[8] / 100 }' |
		tee -a "$T/figures"
}

over_sshd() {
	ssh -p "$PEER" -i "$T/keys/staff" -o BatchMode=yes -o LogLevel=ERROR \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o IdentitiesOnly=yes "$me@127.0.0.1" "$@"
}

_some=$(sqlite3 "$T/db/ica.db" "SELECT max(number) - $STORE / 2 FROM request")
ms ours_login as staff version
ms ours_list as staff list --before "$_some" --limit 50
ms ours_show as staff cert "$_some" --text
ms ours_search as staff search 9e3779b
ms sshd_sqlite_list over_sshd sqlite3 "$T/db/ica.db" \
	"\"SELECT r.number, a.name, r.first, c.serial, c.not_after FROM request r JOIN account a ON a.number = r.account JOIN certificate c ON c.request = r.number WHERE r.number < $_some ORDER BY r.number DESC LIMIT 50\""
ms sshd_sqlite_scan over_sshd sqlite3 "$T/db/ica.db" \
	"\"SELECT request FROM request_domain WHERE domain LIKE '%9e3779b%'\""
# 4 as staff: all certificates; one line down and up, a page down and up
seq 1000000 >"$T/lines"
_i=0
while [ $_i -lt 3 ]; do
	"$client" echo "$PEER" "$me" "$T/keys/staff" 300 "23" \
		"less $T/lines" "" jk | sed 's/^echo/sshd_less_step/'
	"$client" echo "$SSH_PORT" staff "$T/keys/staff" 300 "quit" "" 4 jk |
		sed 's/^echo/ours_step/'
	_i=$((_i + 1))
done | tee -a "$T/figures"
awk '
	function median(name,   a, m, i, j, x) {
		m = split(seen[name], a, " ")
		for (i = 1; i <= m; i++)
			for (j = i + 1; j <= m; j++)
				if (a[j] + 0 < a[i] + 0) {
					x = a[i]; a[i] = a[j]; a[j] = x
				}
		return a[int((m + 1) / 2)]
	}
	{ seen[$1] = seen[$1] " " $2 }
	END {
		printf "p15_list_ratio_to_sshd_sqlite %.2f\n",
			median("ours_list_ms") / median("sshd_sqlite_list_ms")
		printf "p15_search_ratio_to_sshd_sqlite_scan %.2f\n",
			median("ours_search_ms") / median("sshd_sqlite_scan_ms")
		printf "p17_step_p50_ratio_to_less %.2f\n",
			median("ours_step_p50_us") / median("sshd_less_step_p50_us")
		printf "p17_step_p99_ratio_to_less %.2f\n",
			median("ours_step_p99_us") / median("sshd_less_step_p99_us")
	}' "$T/figures"
kill "$SSHD"
daemon_stop || fail "xmpp-icad does not stop"
