#!/bin/sh
# mutation.sh - one changed bit in each column of each table of the audit log,
# in ROWS (1000) random rows of ENTRIES (1000): all of them must be noticed,
# and the row named.  SEED repeats a run.
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
: "${BUILD:=$SRC/build}"
: "${ENTRIES:=1000}"
: "${ROWS:=1000}"
: "${SEED:=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}"
make -s -C "$BUILD" t/bench_mutation || exit 1
folder=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
echo "seed $SEED"
"$BUILD/t/bench_mutation" "$folder" "$ENTRIES" "$ROWS" "$SEED"
