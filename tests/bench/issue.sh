#!/bin/sh
# issue.sh - durable issuing against cfssl with SQLite, in one run, the two in
# turn (performance.md P9, P9w, P10, P12, P21): certificates per CPU second of
# approved requests and of the whole way, the wait for one approval, syncs a
# certificate, and how soon a killed registrar answers again.  P-256 as the
# peer has it; the default P-384 ICA has rows of its own.
# needs: golang-cfssl sqlite3 openssl strace, and a built BIN with
# t/bench_issue beside it (make t/bench_issue).
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
ROUNDS=${ROUNDS:-3}
N=${N:-1000}			# certificates a part and round
. "$SRC/tests/lib.sh"
. "$SRC/tests/bench/figures.sh"
BENCH=${BENCH:-$BIN/../t/bench_issue}
[ -x "$BENCH" ] || fail "no $BENCH: make t/bench_issue"
FIGURES=$(mktemp)

# authority KEY: a trial whose ceilings do not bind, alice with her domain
authority() {
	trial_start signer.ica_key="$1" signer.per_hour=1000000 \
		signer.per_day=1000000 policy.requests_per_account_day=100000 policy.certificates_per_account=1000000
	member alice
	prove alice alpha.example
}

# ours N: one round of bench_issue
ours() {
	timeout 300 "$BENCH" "$T/xmpp-ica.conf" alice "$T/keys/alice.pub" \
		staff "$T/keys/staff.pub" alpha.example "$1"
}

# syncs of registrar and signer within the part NAME of a traced run of N
syncs() {
	# shellcheck disable=SC2046	# two times
	set -- "$1" "$2" $(sed -n "s/^$1_window //p" "$T/traced")
	awk -v a="$3" -v b="$4" -v n="$2" -v name="$1" '
		$2 >= a && $2 <= b && /sync\(/ { s++ }
		END { printf "%s_syncs_per_certificate %.3f\n", name, s / n }
		' "$T/trace.registrar" "$T/trace.signer"
}

# P12: what the two processes sync, counted by strace
trace() {
	_r=$(child registrar) _s=$(child signer)
	strace -f -ttt -e trace=fsync,fdatasync -o "$T/trace.registrar" \
		-p "$_r" 2>/dev/null &
	_1=$!
	strace -f -ttt -e trace=fsync,fdatasync -o "$T/trace.signer" \
		-p "$_s" 2>/dev/null &
	_2=$!
	wait_for "strace on the registrar" grep -qv '^TracerPid:.0$' \
		"/proc/$_r/status"
	sleep 1
	BENCH_WINDOWS=1 ours 100 >"$T/traced"
	sleep 1
	kill $_1 $_2
	wait $_1 $_2
	syncs approve_batch 100 | keep p256_
	syncs approve_single 100 | keep p256_
}

# P21: kill -9 in the middle of a batch, until whoami is answered again
kill_in_the_middle() {
	_r=$(child registrar)
	(ours 3000 >/dev/null 2>&1 || true) &
	_b=$!
	sleep 2
	_before=$(date +%s%N)
	kill -9 "$_r"
	until as alice whoami >/dev/null 2>&1; do
		[ $(($(date +%s%N) - _before)) -lt 30000000000 ] ||
			fail "no answer after kill -9"
	done
	_after=$(date +%s%N)
	wait $_b
	echo "restart_ms $(((_after - _before) / 1000000))" | keep ""
	ctl verify >/dev/null || fail "the audit chain after kill -9"
	# the login alone, to subtract
	_before=$(date +%s%N)
	as alice whoami >/dev/null
	echo "login_ms $((($(date +%s%N) - _before) / 1000000))" | keep ""
}

authority P-256
_i=0
while [ $_i -lt "$ROUNDS" ]; do
	ours "$N" | keep p256_
	/usr/bin/python3 "$SRC/tests/bench/peer_cfssl.py" 800 | keep ""
	_i=$((_i + 1))
done
trace
kill_in_the_middle
daemon_stop || fail "xmpp-icad does not stop"
rm -rf "$T"

# P11: beside many certificates; empty and full in turn, in the same run
if [ "${STORE:-0}" -gt 0 ]; then
	authority P-256
	_empty=$T
	ours "$N" | keep store_empty_
	daemon_stop || fail "xmpp-icad does not stop"
	_before=$(date +%s)
	sqlite3 -cmd ".param set :many $STORE" "$T/db/ica.db" \
		<"$SRC/tests/bench/store_fill.sql" >/dev/null || fail fill
	echo "fill_seconds $(($(date +%s) - _before))" | keep ""
	sqlite3 "$T/db/ica.db" "SELECT 'store_bytes_per_certificate ' ||
		sum(pgsize) / $STORE FROM dbstat WHERE name LIKE 'certificate%'
		OR name LIKE 'sqlite_autoindex_certificate%'" | keep ""
	sqlite3 "$T/db/ica.db" "SELECT 'store_bytes_with_request ' ||
		sum(pgsize) / $STORE FROM dbstat" | keep ""
	daemon_start
	wait_for ssh as staff whoami
	_i=0
	while [ $_i -lt "$ROUNDS" ]; do
		ours "$N" | keep store_full_
		_i=$((_i + 1))
	done
	daemon_stop || fail "xmpp-icad does not stop"
	rm -rf "$_empty"
fi

authority P-384
_i=0
while [ $_i -lt "$ROUNDS" ]; do
	ours $((N / 4)) | keep p384_
	_i=$((_i + 1))
done

echo "== medians of $ROUNDS rounds"
cut -d' ' -f1 "$FIGURES" | sort -u | while read -r _k; do
	echo "$_k $(median "$_k")"
done
_c=$(median cfssl_per_cpu_second)
ratio p9_ratio_to_cfssl "$(median p256_approve_batch_per_cpu_second)" "$_c"
ratio p9w_ratio_to_cfssl "$(awk \
	-v a="$(median p256_submit_per_cpu_second)" \
	-v b="$(median p256_approve_batch_per_cpu_second)" \
	'BEGIN { print 1 / (1 / a + 1 / b) }')" "$_c"
if [ "${STORE:-0}" -gt 0 ]; then
	ratio p11_ratio "$(median store_full_approve_batch_per_cpu_second)" \
		"$(median store_empty_approve_batch_per_cpu_second)"
fi
ratio p9_p384_ratio_to_cfssl "$(median p384_approve_batch_per_cpu_second)" \
	"$_c"
rm -f "$FIGURES"
