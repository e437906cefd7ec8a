#!/bin/sh
# ssh.sh - the gate and the console against OpenSSH's sshd, in one run, with
# one client (bench_ssh.c): connections per second and CPU a connection, key
# echo, login to first screen, PSS of idle sessions (performance.md P16-P18).
# ssh.sh [rates] [first] [echo] [load] [storm] [memory]: these parts; none: all.
# needs: openssh-server vim-tiny nano less libssh-dev, and a built BIN.
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
ROUNDS=${ROUNDS:-3}
. "$SRC/tests/lib.sh"
. "$SRC/tests/bench/figures.sh"
PARTS=${*:-rates first echo load storm memory}
PATIENCE=300		# 200 logins of sshd take a while

trial_start ssh.startups=10000 ssh.startups_begin=10000 ssh.per_source=10000 \
	ssh.per_account=1000
member alice
prove alice alpha.example
FIGURES=$T/figures
client=$T/bench_ssh
cc -O2 -D_GNU_SOURCE -o "$client" "$SRC/tests/bench/bench_ssh.c" -lssh ||
	fail "bench_ssh.c"

# ---- the peer ----
. "$SRC/tests/bench/sshd.sh"
sshd_start alice
trap 'kill $SSHD 2>/dev/null; trial_stop' EXIT

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

# hold NAME PORT USER PID READY COMMAND: KiB a session, over 20 that rest
hold() {
	_before=$(pss "$4")
	mkfifo "$T/hold"
	"$client" hold "$2" "$3" "$T/keys/alice" 20 "$5" "$6" <"$T/hold" \
		>"$T/held" &
	exec 8>"$T/hold"
	wait_for "20 sessions" grep -q holding "$T/held"
	sleep 2
	echo "$1_pss_kib_per_session $((($(pss "$4") - _before) / 20))" | keep ""
	exec 8>&-
	wait $!
	rm -f "$T/hold"
}

rates() {
	WHAT=version rate ours "$SSH_PORT" alice "$GATE" "$REGISTRAR" | keep ""
	WHAT=true rate sshd "$PEER" "$me" "$SSHD" | keep ""
}

first() {
	"$client" first "$SSH_PORT" alice "$T/keys/alice" 20 "quit" |
		keep ours_
	"$client" first "$PEER" "$me" "$T/keys/alice" 20 "23" \
		"less $T/lines" | keep sshd_less_
}

# by turns, since the machine's own pace changes from second to second
echoes() {
	for _turn in 1 2 3 4 5; do
		"$client" echo "$PEER" "$me" "$T/keys/alice" 300 "~" \
			"vim.tiny -u NONE -c startinsert $T/none" |
			keep sshd_vim_
		# 2, a: the form to add a domain; letters go into its field
		"$client" echo "$SSH_PORT" alice "$T/keys/alice" 300 "quit" \
			"" 2a | keep ours_
	done
	# 6: the audit log; its cursor one line down and up again
	"$client" echo "$PEER" "$me" "$T/keys/alice" 300 "23" \
		"less $T/lines" "" jk | sed 's/^echo/step/' | keep sshd_less_
	"$client" echo "$SSH_PORT" auditor "$T/keys/auditor" 300 "quit" "" \
		6 jk | sed 's/^echo/step/' | keep ours_
}

# cpu PID...: nanoseconds that they have run, by the scheduler's own count (the
# ticks of /proc/PID/stat miss those who never run for a whole one)
cpu() {
	for _p; do
		cat "/proc/$_p/schedstat" 2>/dev/null
	done | awk '{ s += $1 } END { printf "%.0f\n", s }'
}

# load NAME PORT USER READY KEYS [COMMAND]: 200 sessions, each five keys a
# second for 20 seconds
load() {
	rm -f "$T/typing"
	"$client" load "$2" "$3" "$T/keys/alice" 200 "$4" 20 "$5" "${6:-}" \
		>"$T/typing" &
	_typing=$!
	wait_for "200 sessions" grep -q sessions "$T/typing"
	_before=$(cpu "$REGISTRAR") _since=$(date +%s%N)
	if [ "$1" = storm ]; then
		storm &
	fi
	sleep 15
	awk -v n="$1" -v c="$_before" -v d="$(cpu "$REGISTRAR")" \
		-v s=$(($(date +%s%N) - _since)) 'BEGIN {
		printf "%s_registrar_cores %.2f\n", n, (d - c) / s }' \
		>"$T/cores"
	wait $_typing || fail "the sessions"
	wait
	sed "s/^load/$1/" "$T/typing" | keep ""
	[ "$1" = sshd_less_load ] || keep "" <"$T/cores"
}

# 1,000 changes of the very account whose 200 sessions are open
storm() {
	_i=0
	while [ $_i -lt 500 ]; do
		printf 'notify reminders off\nnotify reminders on\n'
		_i=$((_i + 1))
	done | as alice plain >"$T/out" 2>"$T/err" || fail "the storm"
	awk -v s=$(($(date +%s%N) - _since)) 'BEGIN {
		printf "storm_changes_per_second %.0f\n", 1e12 / s }' | keep ""
}

is_part() {
	case " $PARTS " in *" $1 "*) ;; *) return 1 ;; esac
}

me=$(id -un)
GATE=$(child gate)
REGISTRAR=$(child registrar)
seq 5000 >"$T/lines"
i=0
while [ $i -lt "$ROUNDS" ]; do
	is_part rates && rates
	is_part first && first
	is_part echo && echoes
	if is_part load; then
		# each key another page of the member: every one of them asks
		# the registrar (S2.6)
		load ours_load "$SSH_PORT" alice quit 23451
		load sshd_less_load "$PEER" "$me" 23 jk "less $T/lines"
	fi
	is_part storm && load storm "$SSH_PORT" alice quit 23451
	if is_part memory; then
		hold ours "$SSH_PORT" alice "$GATE" quit ""
		hold sshd_nano "$PEER" "$me" "$SSHD" "New Buffer" nano
	fi
	i=$((i + 1))
done
echo "== medians of $ROUNDS rounds"
cut -d' ' -f1 "$FIGURES" | sort -u | while read -r _k; do
	echo "$_k $(median "$_k")"
done
# of NAME OURS PEER: the ratio of two medians, where both were measured
of() {
	grep -q "^$2 " "$FIGURES" && ratio "$1" "$(median "$2")" "$(median "$3")"
}
of cpu_per_connection_ratio ours_cpu_ms_per_connection \
	sshd_cpu_ms_per_connection
of first_screen_ratio ours_first_screen_ms sshd_less_first_screen_ms
of key_echo_p50_ratio ours_echo_p50_us sshd_vim_echo_p50_us
of key_echo_p99_ratio ours_echo_p99_us sshd_vim_echo_p99_us
of cursor_step_p50_ratio ours_step_p50_us sshd_less_step_p50_us
of load_p50_ratio ours_load_p50_ms sshd_less_load_p50_ms
of load_p99_ratio ours_load_p99_ms sshd_less_load_p99_ms
of pss_ratio ours_pss_kib_per_session sshd_nano_pss_kib_per_session
