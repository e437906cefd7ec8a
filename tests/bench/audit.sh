#!/bin/sh
# audit.sh - P24: verifying the audit log, chain and tree, against a plain
# careful loop; what a signed head costs.  ENTRIES (1000000).
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
: "${BUILD:=$SRC/build}"
: "${ENTRIES:=1000000}"
make -s -C "$BUILD" t/bench_audit || exit 1
folder=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
"$BUILD/t/bench_audit" "$folder" "$ENTRIES"
