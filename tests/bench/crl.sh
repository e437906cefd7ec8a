#!/bin/sh
# crl.sh - CRLs of N entries against `openssl ca -gencrl` in one run: CPU of
# registrar and signer together, their own memory at its peak, the next CRL
# after one more revocation (performance.md P6, P7); then the file over HTTP
# against nginx, whole and as 304 (P8).
# needs: sqlite3 wrk nginx-light python3, and a built BIN with t/fill beside.
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
: "${N:=1000000}"
: "${ROUNDS:=3}"
: "${PRESIGN:=yes}"		# no: the answers are left out
. "$SRC/tests/lib.sh"
PATIENCE=300
FILL=$BIN/../t/fill

ticks() {
	awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

both() {
	echo $(($(ticks "$REGISTRAR") + $(ticks "$SIGNER")))
}

anon() {	# kB
	awk '/^RssAnon/ { print $2 }' "/proc/$1/status"
}

number() {
	sqlite3 -readonly "$T/db/ica.db" 'SELECT crl_number FROM issuer
		WHERE crl_at > 0 AND crl_due > strftime("%s", "now")'
}

# made NUMBER: wait for a CRL above it, watching the memory.
made() {
	_most_r=0 _most_s=0 _i=0
	while :; do
		_v=$(anon "$REGISTRAR")
		[ "$_v" -le $_most_r ] || _most_r=$_v
		_v=$(anon "$SIGNER")
		[ "$_v" -le $_most_s ] || _most_s=$_v
		_i=$((_i + 1))
		[ $((_i % 10)) -ne 0 ] || {
			_now=$(number)
			[ "${_now:-0}" -le "$1" ] || return 0
		}
		[ $_i -lt 20000 ] || fail "no CRL"
		sleep 0.02
	done
}

again() {	# make it due
	sqlite3 "$T/db/ica.db" ".timeout 5000" "$1
		UPDATE issuer SET crl_due = 0;"
}

cpu() {		# COMMAND: "CPU seconds, largest RSS in MB"
	python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%.3f %d" % (u.ru_utime + u.ru_stime, u.ru_maxrss // 1024))' "$@"
}

trial_start signer.ica_key=P-256
member alice
prove alice alpha.example
issue alice alpha.example >/dev/null
answered() {
	sqlite3 -readonly "$T/db/ica.db" "SELECT due FROM answer_due" |
		awk -v now="$(date +%s)" '$1 > now { ok = 1 } END { exit !ok }'
}
wait_for "an answer: the file is not new, so none is made of itself" answered
daemon_stop || exit 1
if [ "$PRESIGN" = yes ]; then
	rm "$T/published/answers.map"
	"$FILL" "$T/db/ica.db" $((N + ROUNDS)) "$N" "$T/ca" || fail fill
else
	"$FILL" "$T/db/ica.db" $((N + ROUNDS)) "$N" || fail fill
fi
sqlite3 "$T/db/ica.db" "DELETE FROM crl_new;
	DELETE FROM setting WHERE name LIKE 'crl.%';"

# ---- the peer ----
mkdir "$T/peer"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=p \
	-keyout "$T/peer/ca.key" -out "$T/peer/ca.pem" -days 365 2>/dev/null
sqlite3 -readonly -separator "$(printf '\t')" "$T/db/ica.db" "SELECT 'R',
	'350101000000Z', '260901000000Z,superseded', upper(serial), 'unknown',
	'/CN=' || number FROM certificate WHERE state = 'revoked'" >"$T/peer/index"
echo 01 >"$T/peer/number"
cat >"$T/peer/conf" <<END
[ca]
default_ca = c
[c]
database = $T/peer/index
crlnumber = $T/peer/number
default_md = sha256
certificate = $T/peer/ca.pem
private_key = $T/peer/ca.key
default_crl_days = 7
crl_extensions = x
[x]
authorityKeyIdentifier = keyid
END
PEER=$(cpu openssl ca -gencrl -config "$T/peer/conf" -out "$T/peer/crl")
echo "openssl ca -gencrl, $N entries: ${PEER% *} s CPU, ${PEER#* } MB"

# ---- ours ----
"$BIN/xmpp-icad" -c "$T/xmpp-ica.conf" --detach || fail "xmpp-icad"
PID=$(cat "$T/xmpp-icad.pid")
wait_for "the registrar" as staff whoami
REGISTRAR=$(child registrar) SIGNER=$(child signer)
# ---- all answers signed ahead: both kinds of CertID for each ----
# (of a file that is new they become due slice by slice)
left() {
	sqlite3 -readonly "$T/db/ica.db" "SELECT (SELECT count(*)
		FROM answer_due WHERE due <= strftime('%s', 'now')) +
		coalesce((SELECT 1 FROM setting WHERE name = 'answers.again'
		AND value <> '0'), 0)"
}
RAW=$(openssl speed -seconds 2 ecdsap256 2>/dev/null |
	awk '/256 bits ecdsa/ { print $(NF - 1) }')
_left=$N _cs=$(ticks "$SIGNER") _cr=$(ticks "$REGISTRAR") _at=$(date +%s)
until [ "$(left)" -eq 0 ]; do
	sleep 2
done
awk -v n="$_left" -v s=$(($(ticks "$SIGNER") - _cs)) \
	-v r=$(($(ticks "$REGISTRAR") - _cr)) -v raw="$RAW" \
	-v t=$(($(date +%s) - _at)) 'BEGIN {
	if (n < 1000 || s + r == 0) exit
	if (t < 5) exit				# nothing was to be made
	v = 2 * n * 100 / (s + r)
	printf "presigning: %d answers of 2 signatures in %d s; %d signatures per CPU second of signer (%.1f s) and registrar (%.1f s) = %.2f x raw P-256 (%d)\n",
	    n, t, v, s / 100, r / 100, v / raw, raw }'
_cpu=-1
until [ "$_cpu" -eq "$(both)" ]; do	# the journal is read, all is quiet
	_cpu=$(both)
	sleep 2
done
_r=0
: >"$T/full"
: >"$T/next"
while [ $_r -lt "$ROUNDS" ]; do
	_before=$(number)
	_cpu=$(both)
	_mr=$(anon "$REGISTRAR") _ms=$(anon "$SIGNER")
	again "DELETE FROM setting WHERE name = 'crl.ica-server-1';"
	made "${_before:-0}"
	echo "$(($(both) - _cpu)) $((_most_r - _mr)) $((_most_s - _ms)) $_most_r $_most_s" >>"$T/full"
	_before=$(number)
	_cpu=$(both)
	again "UPDATE certificate SET state = 'revoked', reason = 4,
		revoked = strftime('%s', 'now') WHERE number =
		(SELECT min(number) FROM certificate WHERE state = 'good');"
	made "$_before"
	echo "$(($(both) - _cpu)) $((_most_r - _mr)) $((_most_s - _ms)) $_most_r $_most_s" >>"$T/next"
	_r=$((_r + 1))
done
for _k in full next; do
	sort -n "$T/$_k" | awk -v k=$_k -v p="${PEER% *}" '
	{ c[NR] = $1 / 100; for (i = 2; i <= 5; i++) if ($i > m[i]) m[i] = $i }
	END { v = c[int((NR + 1) / 2)]
	printf "%s: %.2f s CPU = %.4f x openssl; peak own memory above idle: registrar %.1f MB, signer %.1f MB (in all %.1f, %.1f)\n",
	    k, v, v / p, m[2] / 1024, m[3] / 1024, m[4] / 1024, m[5] / 1024 }'
done
curl -sf -o "$T/a.crl" "$URL/crl/ica-server-1.crl" || fail "the CRL"
openssl crl -inform DER -in "$T/a.crl" -CAfile "$T/ica.pem" -noout 2>"$T/out" ||
	fail "openssl crl"
has "verify OK" "$T/out"
_n=$(openssl crl -inform DER -in "$T/a.crl" -noout -text | grep -c 'Serial Number')
[ "$_n" -eq $((N + ROUNDS)) ] || fail "$_n entries"
curl -sf -o "$T/a.pem" "$URL/crl/ica-server-1.pem" || fail "the PEM"
openssl crl -in "$T/a.pem" -outform DER -out "$T/b.crl" && cmp "$T/a.crl" "$T/b.crl" || fail "PEM and DER differ"
echo "verified by openssl: $_n entries, PEM the same"

# ---- over HTTP ----
head -c 470000 "$T/a.crl" >"$T/published/crl/some.crl"
PUBLISHER=$(child publisher)
PEERPORT=$(free_port)
cat >"$T/nginx.conf" <<END
daemon off; worker_processes 1; pid $T/nginx.pid; error_log $T/nginx.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; sendfile on;
	open_file_cache max=100; default_type application/pkix-crl;
	server { listen 127.0.0.1:$PEERPORT; root $T/published; } }
END
chmod 755 "$T"
nginx -c "$T/nginx.conf" 2>/dev/null &
NGINX=$!
wait_for nginx curl -s -o /dev/null "http://127.0.0.1:$PEERPORT/crl/some.crl"
WORKER=$(pgrep -P "$NGINX")
get() {		# PID URL [HEADER]: requests per CPU second
	_before=$(ticks "$1")
	taskset -c 1 wrk -t1 -c8 -d3s ${3:+-H "$3"} "$2" >"$T/wrk" || fail wrk
	awk -v cpu=$(($(ticks "$1") - _before)) \
		'/requests in/ { printf "%d\n", $1 * 100 / cpu }' "$T/wrk"
}
etag() {
	curl -sI "$1" | tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p'
}
for _u in whole 304; do
	_a=$URL/crl/some.crl _b=http://127.0.0.1:$PEERPORT/crl/some.crl
	if [ $_u = 304 ]; then
		_x=$(get "$PUBLISHER" "$_a" "If-None-Match: $(etag "$_a")")
		_y=$(get "$WORKER" "$_b" "If-None-Match: $(etag "$_b")")
	else
		_x=$(get "$PUBLISHER" "$_a")
		_y=$(get "$WORKER" "$_b")
	fi
	awk -v x="$_x" -v y="$_y" -v u=$_u 'BEGIN {
	printf "P8 %s: %d per CPU second, nginx %d: %.2f x\n", u, x, y, x / y }'
done
kill $NGINX
