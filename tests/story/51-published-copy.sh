#!/bin/sh
# 51-published-copy.sh - a host without keys serves a copy of the published
# set: OCSP, CRL (DER and PEM), chain, health; then the copy grows old, and
# says so.  S8.3 S9.1 S9.4 S9.5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

copy_stop() {
	_s=$?
	[ -z "$COPY" ] || kill "$COPY" 2>/dev/null
	(exit $_s)
	trial_stop
}
COPY=
COPY_PORT=$(free_port)
COPY_URL=http://127.0.0.1:$COPY_PORT

# What an operator's rsync does: beside, then in place by rename.
copy_make() {
	for _f in $(cd "$T/published" && find . -type f ! -name '*.new'); do
		mkdir -p "$T/copy/published/$(dirname "$_f")"
		cp "$T/published/$_f" "$T/copy/published/$_f.in" ||
			fail "cp $_f"
		mv "$T/copy/published/$_f.in" "$T/copy/published/$_f" ||
			fail "mv $_f"
	done
}
# copy_says LEAF: what openssl hears about it from the copy
copy_says() {
	openssl ocsp -no_nonce -issuer "$T/ica.pem" -cert "$1" \
		-CAfile "$T/root.pem" -url "$COPY_URL/ocsp" 2>"$T/ocsp.err" |
		sed -n "s|^$1: ||p"
}
# status [CURL OPTIONS] PATH: the status of the copy's answer
status() {
	curl -s -o "$T/out" -w '%{http_code}' "$@"
}

trial_start
trap 'copy_stop' EXIT
member alice
prove alice alpha.example
prove alice beta.example
A=$(issue alice alpha.example)
B=$(issue alice beta.example)
as alice cert "$A" --leaf >"$T/a.pem" 2>/dev/null || fail "cert"
as alice cert "$B" --leaf >"$T/b.pem" 2>/dev/null || fail "cert"
as alice revoke "$B" superseded 2>"$T/err" || fail "revoke: $(cat "$T/err")"
here_revoked() { [ "$(ocsp_of "$T/b.pem")" = revoked ]; }
here_good() { [ "$(ocsp_of "$T/a.pem")" = good ]; }
wait_for "the answers" here_revoked
wait_for "the answers" here_good
on_crl() {
	curl -sf "$URL/crl/ica-server-1.crl" |
		openssl crl -inform DER -noout -text | grep -q Superseded
}
wait_for "the CRL" on_crl

step "a copy elsewhere, served by a publisher that has nothing else"
copy_make
mkdir -p "$T/copy"
printf '[service]\ndir = %s\n[http]\nlisten = 127.0.0.1\nport = %s\n' \
	"$T/copy" "$COPY_PORT" >"$T/copy/xmpp-ica.conf"
"$BIN/xmpp-ica-publisher" -c "$T/copy/xmpp-ica.conf" 2>"$T/copy.log" &
COPY=$!
healthy() { [ "$(status "$COPY_URL/healthz")" = 200 ]; }
wait_for "the copy" healthy
(cd "$T/copy" && find . -path ./published/log -prune -o -print) |
	grep -Ei 'key|db|journal|mail|ssh' && fail "more than the set"
[ "$(copy_says "$T/a.pem")" = good ] || fail "a: $(cat "$T/ocsp.err")"
has "Response verify OK" "$T/ocsp.err"
[ "$(copy_says "$T/b.pem")" = revoked ] || fail "b: $(cat "$T/ocsp.err")"
openssl ocsp -no_nonce -issuer "$T/ica.pem" -serial 0x4711 \
	-CAfile "$T/root.pem" -url "$COPY_URL/ocsp" >"$T/out" 2>&1
has "unauthorized" "$T/out"
curl -sf -o "$T/c.crl" "$COPY_URL/crl/ica-server-1.crl" || fail "crl"
cmp "$T/c.crl" "$T/published/crl/ica-server-1.crl" || fail "another CRL"
curl -sf "$COPY_URL/crl/ica-server-1.pem" |
	openssl crl -CAfile "$T/ica.pem" -noout 2>"$T/out" || fail "PEM"
has "verify OK" "$T/out"
curl -sf "$COPY_URL/ca/ica-server-1.crt" |
	openssl x509 -inform DER -noout -subject >/dev/null || fail "chain"

step "HTTP: validators, methods, limits, absurd paths"
_tag=$(curl -sI "$COPY_URL/crl/ica-server-1.crl" | tr -d '\r' |
	sed -n 's/^[Ee][Tt]ag: //p')
[ "$(status -H "If-None-Match: W/$_tag" \
	"$COPY_URL/crl/ica-server-1.crl")" = 304 ] || fail "304"
[ "$(status -z "$T/c.crl" "$COPY_URL/crl/ica-server-1.crl")" = 304 ] ||
	fail "304 by date"
[ "$(status -X PUT "$COPY_URL/crl/ica-server-1.crl")" = 405 ] || fail 405
[ "$(status --path-as-is "$COPY_URL/crl/../xmpp-ica.conf")" = 404 ] ||
	fail "a path upwards"
[ "$(status "$COPY_URL/state.prom")" = 404 ] || fail "the state is private"
[ "$(status "$COPY_URL/$(head -c 20000 /dev/zero | tr '\0' a)")" = 414 ] ||
	fail "414"
head -c 9000 /dev/zero >"$T/big"
[ "$(status --data-binary @"$T/big" "$COPY_URL/ocsp")" = 413 ] || fail 413
[ "$(status "$COPY_URL/metrics")" = 200 ] || fail "metrics"
has 'xmpp_ica_crl_age_seconds{issuer="ica-server-1"}' "$T/out"
has 'xmpp_ica_answers ' "$T/out"
has 'xmpp_ica_alarms_open 0' "$T/out"
has 'xmpp_ica_alarms{kind="late-crl"} 0' "$T/out"
has 'xmpp_ica_audit_last_entry ' "$T/out"
grep -q 'alice\|example' "$T/out" && fail "the metrics name somebody"
[ "$(status -H 'X-Forwarded-For: 192.0.2.1' "$COPY_URL/metrics")" = 404 ] ||
	fail "metrics through a proxy"

step "a newer copy takes the place of the old one, without a restart"
as alice revoke "$A" superseded 2>"$T/err" || fail "revoke: $(cat "$T/err")"
here_revoked_too() { [ "$(ocsp_of "$T/a.pem")" = revoked ]; }
wait_for "the answer here" here_revoked_too
copy_make
copy_revoked() { [ "$(copy_says "$T/a.pem")" = revoked ]; }
wait_for "the answer of the copy" copy_revoked

step "a copy that nobody renews is not healthy: 503, with the reason"
rm "$T/copy/published/crl/ica-server-1.crl"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-subj /CN=old -keyout "$T/old.key" -out "$T/old.pem" -days 2 \
	2>/dev/null
: >"$T/old.index"
printf '[ca]\ndefault_ca = c\n[c]\ndatabase = %s\ndefault_md = sha256\n' \
	"$T/old.index" >"$T/old.conf"
openssl ca -gencrl -config "$T/old.conf" -cert "$T/old.pem" \
	-keyfile "$T/old.key" -crl_lastupdate 20200101000000Z \
	-crl_nextupdate 20200108000000Z 2>"$T/err" |
	openssl crl -outform DER -out "$T/copy/published/crl/old.crl" ||
	fail "openssl ca: $(cat "$T/err")"
unhealthy() { [ "$(status "$COPY_URL/healthz")" = 503 ]; }
wait_for "503" unhealthy
has "old.crl is stale" "$T/out"
kill -0 "$COPY" || fail "the copy's publisher has ended"
kill "$COPY"
wait "$COPY" 2>/dev/null
COPY=
echo "all is well"
