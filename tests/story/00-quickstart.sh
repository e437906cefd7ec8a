#!/bin/sh
# 00-quickstart.sh - the README's first command: builds, makes, starts, walks
# one request, leaves what DESIGN promises, starts again, stops.
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

T=$(mktemp -d "${TMPDIR:-/tmp}/ica.XXXXXX") || exit 1
trap 'trial_stop' EXIT
trap 'exit 1' INT TERM HUP
# trial_stop ends what runs in $T
Q=$SRC/share/quickstart

step "wrong options are told, nothing is made"
expect 2 "$Q" --frobnicate >"$T/out" 2>"$T/err"
expect 2 "$Q" --ssh-port 22x >"$T/out" 2>"$T/err"
mkdir "$T/full" && : >"$T/full/file"
expect 1 "$Q" --dir "$T/full" --batch >"$T/out" 2>"$T/err"
rm -r "$T/full" "$T/out" "$T/err"
rmdir "$T"

step "the first run"
"$Q" --batch --dir "$T" --ssh-port 0 --http-port 0 >"$T.out" 2>&1 </dev/null ||
	{ cat "$T.out" >&9; fail "quickstart ended with $?"; }
cat "$T.out"
for f in xmpp-ica.conf xmpp-icad.pid root.pem ica.pem ssh/known_hosts env \
	keys/staff keys/staff2 keys/auditor keys/finance keys/director \
	keys/alice walk/cert.pem; do
	[ -s "$T/$f" ] || fail "$f is not there"
done
[ -d "$T/mail/new" ] || fail "no Maildir"
[ "$(stat -c %a "$T/passphrase")" = 600 ] || fail "passphrase is open"
. "$T/env"
URL=http://127.0.0.1:$HTTP_PORT
PID=$(cat "$T/xmpp-icad.pid")
openssl verify -CAfile "$T/root.pem" -untrusted "$T/ica.pem" \
	"$T/walk/cert.pem" >"$T/out" 2>&1 || fail "$(cat "$T/out")"
wait_for "healthz" curl -sf "$URL/healthz"
for who in staff staff2 auditor finance director alice; do
	as $who whoami >"$T/out" 2>"$T/err" || fail "$who: $(cat "$T/err")"
	has "$who" "$T/out"
done
ctl check >"$T/out" 2>&1 || fail "xmpp-icactl check: $(cat "$T/out")"

step "a second run leaves everything as it is"
before=$(sha256sum "$T/root.pem" "$T/keys/staff" "$T/xmpp-ica.conf")
"$Q" --batch --dir "$T" >"$T.out" 2>&1 </dev/null || {
	cat "$T.out" >&9
	fail "quickstart again"
}
[ "$before" = "$(sha256sum "$T/root.pem" "$T/keys/staff" \
	"$T/xmpp-ica.conf")" ] || fail "something was made anew"
[ "$PID" = "$(cat "$T/xmpp-icad.pid")" ] || fail "started twice"

step "a second master for the same folder is refused"
expect 1 "$BIN/xmpp-icad" -c "$T/xmpp-ica.conf" 2>"$T/err"
has "runs already" "$T/err"

step "--stop, and a start after it"
"$Q" --dir "$T" --stop >"$T.out" 2>&1 || fail "quickstart --stop"
kill -0 "$PID" 2>/dev/null && fail "it runs still"
[ ! -e "$T/xmpp-icad.pid" ] || fail "xmpp-icad.pid stayed"
"$Q" --dir "$T" --stop >"$T.out" 2>&1 || fail "--stop twice"
"$Q" --batch --dir "$T" >"$T.out" 2>&1 </dev/null || {
	cat "$T.out" >&9
	fail "quickstart after --stop"
}
as alice list >"$T/out" 2>"$T/err" || fail "list"
has alpha.example "$T/out"
"$Q" --dir "$T" --stop >"$T.out" 2>&1 || fail "quickstart --stop"
rm -f "$T.out"
echo "all is well"
