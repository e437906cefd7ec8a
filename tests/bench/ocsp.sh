#!/bin/sh
# ocsp.sh - the publisher against nginx (one static file of the same size) and
# `openssl ocsp`, in one run, with one client (wrk): 32 kept connections,
# random over 10,000 serials; answers per second of the server's CPU and p99;
# every answer judged in a separate pass; then rude clients; then the start
# over a million answers (performance.md P1, P2, P4, P19, P20).
# needs: wrk nginx-light, and a built BIN with t/answers_make beside it.
# shellcheck shell=sh
SRC=${SRC:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
: "${BIN:=$SRC/build/bin}"
: "${ROUNDS:=5}"
: "${SECONDS_EACH:=2}"
: "${MILLION:=1000000}"
TOOL=$BIN/../t/answers_make
W=$(mktemp -d "${TMPDIR:-/tmp}/ocsp.XXXXXX") || exit 1
PIDS=
trap 'kill $PIDS 2>/dev/null; rm -rf "$W"' EXIT
trap 'exit 1' INT TERM HUP

ticks() {	# user and system time of a process, in 1/100 s
	awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ready() {	# port
	_n=0
	until curl -s -o /dev/null "http://127.0.0.1:$1/"; do
		_n=$((_n + 1))
		[ $_n -lt 100 ] || { echo "port $1 is silent" >&2; exit 1; }
		sleep 0.05
	done
}

# one PID PORT: a round with wrk; appends "per CPU second, p50, p99" to $4
one() {
	_before=$(ticks "$1")
	taskset -c 1 wrk -t1 -c32 -d"${SECONDS_EACH}s" --latency \
		-s "$SRC/tests/bench/ocsp.lua" "http://127.0.0.1:$2" >"$W/wrk"
	_cpu=$(($(ticks "$1") - _before))
	awk -v cpu="$_cpu" '
	function us(t) { return t ~ /us$/ ? t + 0 : t ~ /ms$/ ? t * 1000 : t * 1e6 }
	$1 == "50%" { p50 = us($2) }
	$1 == "99%" { p99 = us($2) }
	/requests in/ { n = $1 }
	/Non-2xx/ { bad = $NF }
	END { printf "%d %d %d %d\n", n * 100 / (cpu ? cpu : 1), p50, p99, bad }' \
		"$W/wrk" >>"$3"
}

publisher_start() {	# folder
	: >"$1/port"
	printf '[service]\ndir = %s\n' "$1" >"$1/xmpp-ica.conf"
	taskset -c 0 python3 "$SRC/tests/tool/listen.py" 0 "$1/port" \
		"$BIN/xmpp-ica-publisher" -c "$1/xmpp-ica.conf" 2>"$1/log" &
	PUBLISHER=$!
	PIDS="$PIDS $PUBLISHER"
	until [ -s "$1/port" ]; do sleep 0.01; done
	PORT=$(cat "$1/port")
	ready "$PORT"
}

mkdir -p "$W/p/published/crl" "$W/www"
"$TOOL" make "$W/p" 10000 10000 || exit 1
publisher_start "$W/p"
export ASKED="$W/p/asked.txt"
curl -s -o "$W/www/answer" "http://127.0.0.1:$PORT/ocsp/$(head -n 1 "$ASKED" |
	cut -d' ' -f1)"
echo "size of an answer: $(wc -c <"$W/www/answer") bytes"

NGINX=$((20000 + $$ % 10000))
cat >"$W/nginx.conf" <<END
daemon off; worker_processes 1; pid $W/nginx.pid; error_log $W/nginx.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; sendfile on;
	open_file_cache max=100; default_type application/ocsp-response;
	server { listen 127.0.0.1:$NGINX; root $W/www; } }
END
taskset -c 0 nginx -c "$W/nginx.conf" 2>/dev/null &
PIDS="$PIDS $!"
ready "$NGINX"
chmod 755 "$W" "$W/www"
WORKER=$(pgrep -P "$(cat "$W/nginx.pid")")

OPENSSL=$((NGINX + 1))
taskset -c 0 openssl ocsp -index "$W/p/index.txt" -port $OPENSSL \
	-rsigner "$W/p/responder.pem" -rkey "$W/p/responder.key" \
	-CA "$W/p/ica.pem" -ndays 3 -ignore_err >/dev/null 2>&1 &
PEER=$!
PIDS="$PIDS $PEER"

echo "== every answer, by GET and by POST"
"$TOOL" check "$W/p" "$PORT" /ocsp || exit 1

_r=0
while [ $_r -lt "$ROUNDS" ]; do
	METHOD=GET PREFIX=/ocsp one "$PUBLISHER" "$PORT" "$W/get"
	STATIC=/answer one "$WORKER" "$NGINX" "$W/nginx"
	METHOD=POST PREFIX=/ocsp one "$PUBLISHER" "$PORT" "$W/post"
	_r=$((_r + 1))
done
# openssl ocsp closes each connection, which wrk takes for an error: our own
# client asks it, one after the other, and counts what came back right
mkdir "$W/o"
cp "$W/p/root.pem" "$W/p/ica.pem" "$W/o"
head -n 2000 "$ASKED" >"$W/o/asked.txt"
_before=$(ticks "$PEER")
_right=$(timeout 60 "$TOOL" check "$W/o" "$OPENSSL" / | cut -d' ' -f1)
awk -v n="${_right:-0}" -v c=$(($(ticks "$PEER") - _before)) 'BEGIN {
	printf "%d 0 0 0\n", (c > 0) ? n * 100 / c : 0 }' >"$W/openssl"
column() {
	cut -d' ' -f"$2" "$W/$1" | median
}
for _k in nginx get post openssl; do
	echo "$_k: $(column $_k 1) per CPU second, p50 $(column $_k 2) us," \
		"p99 $(column $_k 3) us, not 200: $(cut -d' ' -f4 "$W/$_k" |
		sort -n | tail -n 1)"
done
awk -v n="$(column nginx 1)" -v g="$(column get 1)" -v p="$(column post 1)" \
	-v o="$(column openssl 1)" 'BEGIN {
	printf "P1: GET %.2f x nginx, POST %.2f x nginx, GET %.1f x openssl ocsp\n",
	    g / n, p / n, (o > 0) ? g / o : 0 }'

echo "== rude clients"
rude() {
	: >"$W/rude"
	METHOD=GET PREFIX=/ocsp one "$PUBLISHER" "$PORT" "$W/rude"
	echo "$1: $(column rude 1) per CPU second, p99 $(column rude 3) us"
}
rude "alone"
python3 - "$PORT" <<'END'
import socket, sys
for _ in range(2000):
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
END
rude "after 2000 that connect and close"
for _how in idle drip; do
	python3 - "$PORT" $_how <<'END' &
import socket, sys, time
drip = sys.argv[2] == "drip"
s = []
text = b"GET /ocsp/" + b"A" * 4000
for i in range(2000):
    end = i + 50 if drip else i
    try:
        if len(s) < (50 if drip else 400):
            s.append(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
    except OSError:
        pass
    for k in list(s):
        try:
            if drip:
                k.sendall(text[i % 4000:][:1])
        except OSError:
            s.remove(k)
    time.sleep(0.01 if i > 400 or drip else 0)
END
	_rude=$!
	sleep 1
	rude "beside $_how ones"
	kill $_rude
	wait $_rude 2>/dev/null
done
rude "after all"
kill "$PUBLISHER"

echo "== $MILLION answers"
mkdir -p "$W/m/published/crl"
"$TOOL" make "$W/m" "$MILLION" 1000 || exit 1
python3 - "$W/m" "$BIN/xmpp-ica-publisher" <<'END'
import os, socket, subprocess, sys, time
folder, binary = sys.argv[1:]
open(folder + "/xmpp-ica.conf", "w").write("[service]\ndir = %s\n" % folder)
path = open(folder + "/asked.txt").readline().split()[0]
times = []
for i in range(7):
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(64)
    port = s.getsockname()[1]
    start = time.monotonic()
    def hand():
        os.dup2(s.fileno(), 3)
    p = subprocess.Popen([binary, "-c", folder + "/xmpp-ica.conf"],
                         preexec_fn=hand, pass_fds=(3,), stderr=subprocess.DEVNULL)
    c = socket.create_connection(("127.0.0.1", port))
    c.sendall(b"GET /ocsp/%s HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode())
    got = c.recv(8192)
    times.append((time.monotonic() - start) * 1000)
    assert got.startswith(b"HTTP/1.1 200") and len(got) > 500, got[:200]
    own = [l for l in open("/proc/%d/status" % p.pid) if l.startswith("RssAnon")][0]
    c.close(); s.close(); p.terminate(); p.wait()
times.sort()
print("first right answer: median %.1f ms, slowest %.1f ms; own memory %s" %
      (times[len(times) // 2], times[-1], own.split()[1] + " kB"))
END
publisher_start "$W/m"
ASKED=$W/m/asked.txt METHOD=GET PREFIX=/ocsp one "$PUBLISHER" "$PORT" "$W/million"
echo "over $MILLION: $(column million 1) per CPU second," \
	"$(grep RssAnon "/proc/$PUBLISHER/status")"
