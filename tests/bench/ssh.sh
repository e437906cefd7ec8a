#!/bin/sh
# ssh.sh - the gate and the console against OpenSSH's sshd, in one run, with
# one client (bench_ssh.c): connections per second and CPU a connection, key
# echo, login to first screen, PSS of idle sessions (performance.md P16-P18).
# needs: openssh-server vim-tiny nano less libssh-dev, and a built BIN.
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
ROUNDS=${ROUNDS:-3}
. "$SRC/tests/lib.sh"

trial_start ssh.startups=10000 ssh.startups_begin=10000 ssh.per_source=10000 \
	ssh.per_account=1000
member alice
prove alice alpha.example
client=$T/bench_ssh
cc -O2 -D_GNU_SOURCE -o "$client" "$SRC/tests/bench/bench_ssh.c" -lssh ||
	fail "bench_ssh.c"

# ---- the peer ----
. "$SRC/tests/bench/sshd.sh"
sshd_start alice
trap 'kill $SSHD 2>/dev/null; trial_stop' EXIT

# CPU ticks of a process, its dead children included.
ticks() {
	for _p; do
		sed 's/.*) //' "/proc/$_p/stat" 2>/dev/null
	done | awk '{ s += $12 + $13 + $14 + $15 } END { print s + 0 }'
}

# rate NAME PORT USER PIDS...: connections per second, CPU ms a connection
rate() {
	_name=$1 _port=$2 _user=$3
	shift 3
	_before=$(ticks "$@")
	"$client" rate "$_port" "$_user" "$T/keys/alice" 4 4 "$WHAT" >"$T/out"
	sleep 1		# for the last children to be waited for
	_after=$(ticks "$@")
	awk -v n="$_name" -v t=$((_after - _before)) '
		/^connections / { c = $2 }
		/per_second/ { printf "%s_connections_per_second %s\n", n, $2 }
		END { printf "%s_cpu_ms_per_connection %.2f\n", n, t * 10 / c }' \
		"$T/out"
}

# pss PID...: KiB of each process tree, summed
pss() {
	for _p; do
		cat "/proc/$_p/smaps_rollup" 2>/dev/null
		for _c in $(pgrep -P "$_p"); do
			pss_tree "$_c"
		done
	done | awk '/^Pss:/ { s += $2 } END { print s + 0 }'
}
pss_tree() {
	cat "/proc/$1/smaps_rollup" 2>/dev/null
	for _d in $(pgrep -P "$1"); do
		pss_tree "$_d"
	done
}

# hold NAME PORT USER PID READY COMMAND: KiB a session, over 20
hold() {
	_before=$(pss "$4")
	mkfifo "$T/hold"
	"$client" hold "$2" "$3" "$T/keys/alice" 20 "$5" "$6" <"$T/hold" \
		>"$T/held" &
	exec 9>"$T/hold"
	wait_for "20 sessions" grep -q holding "$T/held"
	echo "$1_pss_kib_per_session $((($(pss "$4") - _before) / 20))"
	exec 9>&-
	wait $!
	rm -f "$T/hold"
}

me=$(id -un)
GATE=$(child gate)
REGISTRAR=$(child registrar)
i=0
while [ $i -lt "$ROUNDS" ]; do
	WHAT=version rate ours "$SSH_PORT" alice "$GATE" "$REGISTRAR"
	WHAT=true rate sshd "$PEER" "$me" "$SSHD"
	"$client" first "$SSH_PORT" alice "$T/keys/alice" 20 "quit" |
		sed 's/^/ours_/'
	seq 5000 >"$T/lines"
	"$client" first "$PEER" "$me" "$T/keys/alice" 20 "23" \
		"less $T/lines" | sed 's/^/sshd_less_/'
	# 2, a: the form to add a domain; letters go into its field
	# by turns, since the machine's own pace changes from second to second
	for _turn in 1 2 3 4 5; do
		"$client" echo "$PEER" "$me" "$T/keys/alice" 300 "~" \
			"vim.tiny -u NONE -c startinsert $T/none" |
			sed 's/^/sshd_vim_/'
		"$client" echo "$SSH_PORT" alice "$T/keys/alice" 300 "quit" \
			"" 2a | sed 's/^/ours_/'
	done
	# 6: the audit log; its cursor one line down and up again
	"$client" echo "$PEER" "$me" "$T/keys/alice" 300 "23" \
		"less $T/lines" "" jk | sed 's/^echo/sshd_less_step/'
	"$client" echo "$SSH_PORT" auditor "$T/keys/auditor" 300 "quit" "" \
		6 jk | sed 's/^echo/ours_cursor_step/'
	i=$((i + 1))
done | tee "$T/figures"
# medians over the rounds: the key's echo against vim's, both with one client
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
		printf "key_echo_p50_ratio %.2f\n",
			median("ours_echo_p50_us") / median("sshd_vim_echo_p50_us")
		printf "key_echo_p99_ratio %.2f\n",
			median("ours_echo_p99_us") / median("sshd_vim_echo_p99_us")
		printf "first_screen_ratio %.2f\n",
			median("ours_first_screen_ms") / median("sshd_less_first_screen_ms")
	}' "$T/figures"
# 200 sessions, each five keys a second, each key another page of the member:
# every one of them asks the registrar (S2.6)
_before=$(ticks "$REGISTRAR")
_since=$(date +%s)
"$client" load "$SSH_PORT" alice "$T/keys/alice" 200 quit 20 23451
echo "load_registrar_cores $(awk -v t=$(($(ticks "$REGISTRAR") - _before)) \
	-v s=$(($(date +%s) - _since)) 'BEGIN { printf "%.2f", t / 100 / s }')"
hold ours "$SSH_PORT" alice "$GATE" quit ""
hold sshd_nano "$PEER" "$me" "$SSHD" "New Buffer" nano
