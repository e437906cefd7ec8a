#!/bin/sh
# intake.sh - what a verdict costs: CPU and memory of the costliest request of
# the corpus in process (at most 50 ms, 64 MB), and `check` of a CSR with 100
# names over ssh against an empty `whoami` (less than twice its time).
# needs: a built BIN and t/corpus_test (make tests).
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
ROUNDS=${ROUNDS:-20}
. "$SRC/tests/lib.sh"

# name value target: fails the run when the value is above the target
figure() {
	awk -v n="$1" -v v="$2" -v t="$3" 'BEGIN {
		printf "%s %s (at most %s) %s\n", n, v, t, v <= t ? "ok" : "MISSED"
		exit v > t }' || missed=1
}
missed=0

trial_folder
/usr/bin/env time -f '%M' -o "$T/memory" "${BIN%/bin}/t/corpus_test" \
	>"$T/out" 2>&1 || fail "corpus_test"
figure intake_costliest_ms "$(sed -n \
	's/.*costliest took \([0-9.]*\) ms.*/\1/p' "$T/out")" 50
"${BIN%/bin}/t/intake_test" >"$T/out" 2>&1 || fail "intake_test"
figure intake_hostile_key_ms "$(sed -n \
	's/^slowest hostile key: .*, \([0-9.]*\) ms of CPU/\1/p' "$T/out")" 50
figure intake_memory_kb "$(tail -n 1 "$T/memory")" 65536
rm -rf "$T"

# shellcheck disable=SC2119
trial_start
member alice
prove alice alpha.example
names=$(seq 1 100 | sed 's/.*/DNS:h&.alpha.example/' | paste -sd,)
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / \
	-addext "subjectAltName=$names" -keyout "$T/hundred.key" \
	-out "$T/hundred.csr" 2>/dev/null || fail "openssl req"

# The middle of ROUNDS times, in milliseconds; input from the file.
middle() {
	_file=$1
	shift
	_i=0
	while [ $_i -lt "$ROUNDS" ]; do
		_i=$((_i + 1))
		_from=$(date +%s%N)
		as alice "$@" <"$_file" >"$T/out" 2>"$T/err" ||
			fail "$*: $(cat "$T/err")"
		echo $((($(date +%s%N) - _from) / 1000))
	done | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] / 1000 }'
}
whoami=$(middle /dev/null whoami)
check=$(middle "$T/hundred.csr" check)
echo "whoami_ms $whoami"
echo "check_hundred_names_ms $check"
figure check_by_whoami "$(awk -v a="$check" -v b="$whoami" \
	'BEGIN { printf "%.2f", a / b }')" 2
exit $missed
