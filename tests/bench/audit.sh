#!/bin/sh
# audit.sh - P24: verifying the audit log, chain and tree, against a plain
# careful loop over the same rows, in turn, ROUNDS times, each in a process of
# its own; what a signed head costs.  ENTRIES (1000000).
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
: "${BUILD:=$SRC/build}"
: "${ENTRIES:=1000000}"
: "${ROUNDS:=5}"
. "$SRC/tests/bench/figures.sh"
make -s -C "$BUILD" t/bench_audit || exit 1
BENCH=$BUILD/t/bench_audit
folder=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
FIGURES=$folder/figures
"$BENCH" fill "$folder/audit.db" "$ENTRIES" || exit 1
_i=0
while [ $_i -lt "$ROUNDS" ]; do
	"$BENCH" plain "$folder/audit.db" | keep '' || exit 1
	"$BENCH" walk "$folder/audit.db" | keep '' || exit 1
	_i=$((_i + 1))
done
awk -v a="$(median walk_cpu_us)" -v b="$(median plain_cpu_us)" \
	-v m="$(median walk_own_kb)" -v n="$ENTRIES" 'BEGIN {
	printf "P24: %.2f of the plain loop (%.0f and %.0f entries a CPU second), %.1f MB of its own, %.1f s for %d entries\n",
	    b / a, 1e6 / a, 1e6 / b, m / 1024, a * n / 1e6, n }'
