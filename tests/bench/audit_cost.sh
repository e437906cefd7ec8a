#!/bin/sh
# audit_cost.sh - P25: what the audit log costs issuing: batches of N approved
# requests become certificates, at one authority as it is and at one whose
# registrar writes no entries (t/registrar_unaudited), in turn, ROUNDS times.
# CPU of registrar and signer; the heads of the log come every two seconds,
# beside what is measured, and have their own figure (audit.sh).
# needs: sqlite3 openssl, and a built BIN with t/bench_issue and
# t/registrar_unaudited beside it.
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
: "${ROUNDS:=15}"
: "${N:=400}"
: "${ICA:=P-256}"
. "$SRC/tests/lib.sh"
. "$SRC/tests/bench/figures.sh"
BENCH=$BIN/../t/bench_issue
[ -x "$BENCH" ] || fail "no $BENCH: make t/bench_issue"
[ -x "$BIN/../t/registrar_unaudited" ] ||
	fail "no t/registrar_unaudited: make t/registrar_unaudited"
FIGURES=$(mktemp)
WITHOUT=$(mktemp -d)

authority() {
	trial_start "signer.ica_key=$ICA" signer.per_hour=1000000 \
		signer.per_day=1000000 policy.requests_per_account_day=100000 \
		policy.certificates_per_account=1000000
	member alice
	prove alice alpha.example
}
# round NAME FOLDER
round() {
	BENCH_BATCH_ALONE=1 timeout 300 "$BENCH" "$2/xmpp-ica.conf" alice \
		"$2/keys/alice.pub" staff "$2/keys/staff.pub" alpha.example \
		"$N" | sed "s/^/$1_/" | grep -E '_cpu_us|_cpu_second' |
		tee -a "$FIGURES"
}
# entries FOLDER: about requests and certificates
entries() {
	sqlite3 -readonly "$1/db/ica.db" "SELECT count(*) FROM audit
		WHERE noun IN ('request', 'certificate')"
}

authority
AUDITED=$T
cp -p "$BIN"/* "$WITHOUT/"	# copies: a link would lead back
cp -p "$BIN/../t/registrar_unaudited" "$WITHOUT/xmpp-ica-registrar"
BIN=$WITHOUT
authority
UNAUDITED=$T
both_stop() {
	_s=$?
	T=$UNAUDITED
	daemon_stop
	rm -rf "$T" "$WITHOUT" "$FIGURES"
	T=$AUDITED
	(exit $_s)
	trial_stop
}
trap 'both_stop' EXIT
_i=0
while [ $_i -lt "$ROUNDS" ]; do
	round audited "$AUDITED"
	round unaudited "$UNAUDITED"
	_i=$((_i + 1))
done
[ "$(entries "$UNAUDITED")" -eq 0 ] || fail "the other one wrote entries"
[ "$(entries "$AUDITED")" -eq $((3 * N * ROUNDS)) ] || fail "entries lack"
awk -v a="$(median audited_approve_batch_per_cpu_second)" \
	-v b="$(median unaudited_approve_batch_per_cpu_second)" \
	-v c="$(median audited_submit_per_cpu_second)" \
	-v d="$(median unaudited_submit_per_cpu_second)" 'BEGIN {
	printf "P25: %d certificates a CPU second, %d without entries: the log costs %.1f %%\n",
	    a, b, 100 * (1 - a / b)
	printf "the whole way, submission too: %.1f %%\n",
	    100 * (1 - (1 / b + 1 / d) / (1 / a + 1 / c)) }'
