#!/bin/sh
# gate-door.sh - the SSH gate alone, before a made-up registrar: who gets in,
# what is refused, and what floods do (S12.1, S12.5; ssh.md 2.5).
# Run with BIN=folder of the binaries, SRC=source folder.
set -u
TOOLS=${TOOLS:-$BIN/../t}
D=$(mktemp -d "${TMPDIR:-/tmp}/gate-door.XXXXXX") || exit 1
D=$(cd "$D" && pwd -P)
export HOME="$D"
failed=0 gate= registrar=

stop_all() {
	[ -n "$gate" ] && kill -TERM "$gate" 2>/dev/null && wait "$gate" 2>/dev/null
	[ -n "$registrar" ] && kill "$registrar" 2>/dev/null
	gate= registrar=
}
trap 'stop_all; rm -rf "$D"' EXIT
trap 'exit 1' INT TERM

ok() { echo "ok   $1"; }
bad() { echo "FAIL $1"; failed=$((failed + 1)); [ -n "${2:-}" ] && echo "     $2"; return 0; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "wanted '$3', got '$2'"; fi; }
has() { case $2 in *"$3"*) ok "$1" ;; *) bad "$1" "no '$3' in: $2" ;; esac; }
hasnt() { case $2 in *"$3"*) bad "$1" "there is '$3' in: $2" ;; *) ok "$1" ;; esac; }

mkdir -p "$D/run" "$D/libexec"
cat >"$D/libexec/xmpp-ica-console" <<'END'
#!/bin/sh
# stands for the console: runs what it is asked to
[ "$1" = --idle ] && idle=$2
if [ "${3:-}" = --exec ]; then exec sh -c "$XMPP_ICA_COMMAND"; fi
printf 'TERM=%s idle=%s\r\n' "$TERM" "$idle"
stty size
head -c 4 >/dev/null
printf 'bye\r\n'
exit 3
END
chmod 755 "$D/libexec/xmpp-ica-console"
for k in alice other; do ssh-keygen -q -t ed25519 -N '' -C '' -f "$D/$k" || exit 1; done
ssh-keygen -q -t rsa -b 3072 -N '' -C '' -f "$D/rsa"
ssh-keygen -q -t rsa -b 1024 -N '' -C '' -f "$D/short"
ssh-keygen -q -t ecdsa -b 384 -N '' -C '' -f "$D/ecdsa"
ssh-keygen -q -t ed25519 -N '' -C '' -f "$D/ca"
cp "$D/alice" "$D/cert"; cp "$D/alice.pub" "$D/cert.pub"
ssh-keygen -q -s "$D/ca" -I someone -n alice "$D/cert.pub" 2>/dev/null
for k in alice rsa ecdsa short; do awk '{print "alice", $1, $2}' "$D/$k.pub"; done >"$D/keys"
awk '{print "bob", $1, $2}' "$D/other.pub" >>"$D/keys"

start_registrar() {
	"$TOOLS/fake_registrar" "$D/run/gate.sock" "$D/keys" >>"$D/registrar.log" 2>&1 &
	registrar=$!
}
# start_gate [LINE_OF_SSH_SECTION]...
start_gate() {
	PORT=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
	{ printf '[service]\nname = localhost\nlibexec = libexec\n[ssh]\nport = %s\n' "$PORT"
	  for line; do echo "$line"; done; } >"$D/xmpp-ica.conf"
	: >"$D/gate.log"
	python3 "$SRC/tests/tool/listen.py" "$PORT" "$D/port" "$BIN/xmpp-ica-gate" \
	    -c "$D/xmpp-ica.conf" >>"$D/gate.log" 2>&1 &
	gate=$!
	n=0
	until grep -q ready "$D/gate.log"; do
		n=$((n + 1))
		[ $n -gt 100 ] && { cat "$D/gate.log"; bad "gate starts"; exit 1; }
		sleep 0.1
	done
}
stop_gate() { kill -TERM "$gate"; wait "$gate" 2>/dev/null; gate=; }

S="-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=$D/known -o IdentityAgent=none
 -o IdentitiesOnly=yes -o BatchMode=yes"
# enter KEY USER [OPTION]... -- COMMAND
enter() {
	key=$1 user=$2; shift 2
	opts=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do opts="$opts $1"; shift; done
	[ $# -gt 0 ] && shift
	timeout 20 ssh $S -o LogLevel=ERROR -p "$PORT" -i "$D/$key" $opts "$user@127.0.0.1" "$@"
}

[ -x "$TOOLS/fake_registrar" ] && [ -x "$TOOLS/ssh_probe" ] ||
	{ echo "FAIL: build $TOOLS/fake_registrar and $TOOLS/ssh_probe first"; exit 1; }
start_registrar
start_gate 'banner = House rules apply.'

# ---- who gets in ----
for k in alice rsa ecdsa; do
	is "key $k of the account enters" "$(enter $k alice -- echo in 2>&1)" in
done
out=$(timeout 20 ssh $S -o LogLevel=INFO -p "$PORT" -i "$D/other" alice@127.0.0.1 true 2>&1); rc=$?
is "a key of another account is denied" $rc 255
has "the newcomers' hint is shown" "$out" "First time here? ssh -p $PORT register@localhost"
has "the operator's banner is shown" "$out" "House rules apply."
out=$(timeout 20 ssh $S -o LogLevel=INFO -p "$PORT" -i "$D/alice" alice@127.0.0.1 echo in 2>&1)
hasnt "who is known sees no hint" "$out" "First time"
out=$(timeout 20 ssh $S -o LogLevel=INFO -p "$PORT" -i "$D/other" "$(printf 'al\033[31mice')@127.0.0.1" true 2>&1); rc=$?
is "a user name with controls is denied" $rc 255
hasnt "and is not shown back" "$(cat "$D/gate.log")" "ice\\["
is "a stranger's key enters as guest" "$(enter other register -- echo in 2>/dev/null)" in
is "the second key of the list is found" \
    "$(enter other alice -i "$D/alice" -- echo in 2>/dev/null)" in
out=$(timeout 20 ssh $S -p "$PORT" -i "$D/cert" -o CertificateFile="$D/cert-cert.pub" \
    -o PubkeyAcceptedAlgorithms=ssh-ed25519-cert-v01@openssh.com alice@127.0.0.1 true 2>&1); rc=$?
is "an SSH certificate is refused" $rc 255
has "and its owner is told why" "$out" "SSH certificates are not accepted"
enter short alice -o RequiredRSASize=1024 -- true 2>/dev/null; rc=$?
is "RSA of 1024 bits is refused" $rc 255

# ---- liars ----
out=$("$TOOLS/ssh_probe" victim "$PORT" alice "$D/alice.pub" "$D/other" 2>&1)
has "a probe with the victim's key is only a probe" "$out" "probe accepted"
hasnt "and one's own signature does not enter with it" "$out" "signature accepted"
out=$("$TOOLS/ssh_probe" rename "$PORT" alice bob "$D/alice" 2>&1)
hasnt "the name cannot change after the probe" "$out" "signature accepted"
out=$("$TOOLS/ssh_probe" attempts "$PORT" 2>&1)
case $out in
"answered 8"|"answered 9"|"answered 10") ok "none and password are counted and cut ($out)" ;;
*) bad "none and password are counted and cut" "$out" ;;
esac

# ---- the channel ----
out=$("$TOOLS/ssh_probe" channels "$PORT" alice "$D/alice" 2>&1)
for f in 'second channel refused' 'env LD_PRELOAD refused' 'env TERMINFO refused' \
    'env TZ file refused' 'env LANG granted' 'subsystem refused' 'pty granted' \
    'second pty refused' 'exec granted' 'second exec refused' 'shell refused' 'status 0'; do
	has "$f" "$out" "$f"
done
has "the console's environment: LANG" "$out" "LANG=C.UTF-8"
hasnt "nothing else gets into it" "$out" "LD_PRELOAD="
out=$("$TOOLS/ssh_probe" window "$PORT" alice "$D/alice" 4000 4000 xterm 'stty size' 2>&1)
has "a huge window is clamped" "$out" "100 300"
out=$("$TOOLS/ssh_probe" window "$PORT" alice "$D/alice" 65535 65535 xterm 'stty size' 2>&1)
has "the largest window there can be is clamped" "$out" "100 300"
out=$("$TOOLS/ssh_probe" window "$PORT" alice "$D/alice" 1 1 xterm 'stty size' 2>&1)
has "a tiny window is clamped" "$out" "5 20"
out=$("$TOOLS/ssh_probe" window "$PORT" alice "$D/alice" 0 0 xterm 'stty size' 2>&1)
has "0x0 is 80x24" "$out" "24 80"
out=$("$TOOLS/ssh_probe" window "$PORT" alice "$D/alice" 80 24 "$(printf '%01000d' 0)" 'echo $TERM' 2>&1)
has "a huge TERM becomes dumb" "$out" "dumb"
out=$("$TOOLS/ssh_probe" window "$PORT" alice "$D/alice" 80 24 '../../x' 'echo $TERM' 2>&1)
has "a TERM with slashes becomes dumb" "$out" "dumb"
out=$("$TOOLS/ssh_probe" resize "$PORT" alice "$D/alice" 123 45 2>&1)
has "the last of many resizes counts" "$out" "45 123"
enter alice alice -- 'kill -9 $$' 2>/dev/null; rc=$?
is "death by signal is told" $rc 255
enter alice alice -- "echo $(head -c 5000 /dev/zero | tr '\0' a)" >"$D/out" 2>&1; rc=$?
is "a command that is too long: a sentence and exit 2" \
	"$rc $(grep -c 'The command has 5005 octets; it may have 4095' "$D/out")" "2 1"
enter alice alice -- 'exit 7'; rc=$?
is "the exit status comes back" $rc 7
is "stderr is its own stream" "$(enter alice alice -- 'echo out; echo err >&2' 2>/dev/null)" out
is "descriptors of the console are 0 to 3" \
    "$(enter alice alice -- 'ls /proc/$$/fd; true' | tr '\n' ' ')" "0 1 2 3 "
head -c 5000000 /dev/urandom >"$D/in"
enter alice alice -- cat <"$D/in" >"$D/out"
cmp -s "$D/in" "$D/out" && ok "5 MB there and back are the same" || bad "5 MB there and back are the same"
enter alice alice -o "RekeyLimit=64K" -- cat <"$D/in" >"$D/out"
cmp -s "$D/in" "$D/out" && ok "also with a rekey every 64 KB" || bad "also with a rekey every 64 KB"
enter alice alice -- 'head -c 3000000 /dev/zero; exit 9' >"$D/out"; rc=$?
is "all output comes before the status" "$rc $(wc -c <"$D/out")" "9 3000000"
head -c 2000000 /dev/zero | enter alice alice -- 'exec 0<&-; sleep 0.2; echo heard' >"$D/out"; rc=$?
is "a console that reads nothing still answers" "$rc $(cat "$D/out")" "0 heard"
out=$(timeout 20 script -qec "ssh $(echo $S) -o LogLevel=ERROR -p $PORT -i $D/alice -tt alice@127.0.0.1" /dev/null <<-END
	abcd
	END
); has "a shell gets the console on a pty, with its idle time" "$out" "idle=15"
has "and it ends well" "$out" "bye"

# ---- what is not offered ----
enter alice alice -W 127.0.0.1:22 </dev/null >/dev/null 2>&1; rc=$?
is "-W is refused" $rc 255
enter alice alice -o ExitOnForwardFailure=yes -R 0:127.0.0.1:1 -- true >/dev/null 2>&1; rc=$?
is "-R is refused" $rc 255
out=$(enter alice alice -A -- 'echo agent=$SSH_AUTH_SOCK' 2>&1)
is "-A gives no agent" "$out" "agent="
out=$(DISPLAY=:9 enter alice alice -X -- 'echo display=$DISPLAY' 2>/dev/null)
is "-X gives no display" "$out" "display="
timeout 20 sftp $S -P "$PORT" -i "$D/alice" alice@127.0.0.1 </dev/null >/dev/null 2>&1; rc=$?
[ $rc -ne 0 ] && ok "sftp is refused" || bad "sftp is refused"
enter alice alice -s -- anything >/dev/null 2>&1; rc=$?
[ $rc -ne 0 ] && ok "a subsystem is refused" || bad "a subsystem is refused"
for a in KexAlgorithms=diffie-hellman-group14-sha256 KexAlgorithms=ecdh-sha2-nistp256 \
    Ciphers=aes128-cbc HostKeyAlgorithms=rsa-sha2-512; do
	enter alice alice -o $a -- true >/dev/null 2>&1; rc=$?
	is "$a is not offered" $rc 255
done
enter alice alice -o Ciphers=aes128-ctr -o MACs=hmac-sha1 -- true >/dev/null 2>&1; rc=$?
is "hmac-sha1 is not offered" $rc 255
for c in chacha20-poly1305@openssh.com aes256-gcm@openssh.com aes128-ctr; do
	is "$c works" "$(enter alice alice -o Ciphers=$c -- echo in 2>&1)" in
done
out=$(timeout 5 python3 -c "import socket; s=socket.create_connection(('127.0.0.1',$PORT)); print(s.recv(100))")
has "the version names no library" "$out" "SSH-2.0-xmpp-ica"

# ---- dropbear's client ----
if command -v dbclient >/dev/null; then
	dropbearconvert openssh dropbear "$D/alice" "$D/alice.db" >/dev/null 2>&1
	out=$(HOME=$D timeout 20 dbclient -y -i "$D/alice.db" -p "$PORT" alice@127.0.0.1 'echo in; exit 4' 2>/dev/null); rc=$?
	is "dbclient enters" "$rc $out" "4 in"
fi

# ---- the registrar goes and comes ----
(printf 'x'; sleep 3) | enter alice alice -- 'cat; echo still here' >"$D/out" 2>&1 &
held=$!
sleep 0.7
kill "$registrar"; wait "$registrar" 2>/dev/null
out=$(timeout 20 ssh $S -o LogLevel=INFO -p "$PORT" -i "$D/alice" alice@127.0.0.1 true 2>&1); rc=$?
is "without a registrar nobody enters" $rc 255
has "and it is said" "$out" "cannot let you in just now"
start_registrar
sleep 1.1
is "and the gate finds the new one" "$(enter alice alice -- echo in 2>&1)" in
wait $held
has "an open session lived on" "$(cat "$D/out")" "still here"
before=$(date +%s)
enter alice alice -- 'sleep 20' >"$D/out" 2>&1 &
held=$!
sleep 1
stop_gate
wait $held; rc=$?
is "a stopping gate ends its sessions" $rc 5
has "with a sentence" "$(cat "$D/out")" "is being restarted"
[ $(($(date +%s) - before)) -le 5 ] && ok "within 3 seconds" || bad "within 3 seconds"
has "it told the registrar about failures" "$(cat "$D/registrar.log")" "login failed"

# ---- limits ----
start_gate 'grace_seconds = 2' 'per_account = 2' 'sessions = 3'
python3 - "$PORT" >"$D/out" <<-'END'
	import socket, sys, time
	for name, say in ("silent", b""), ("half banner", b"SSH-2.0-x"), ("banner only", b"SSH-2.0-x\r\n"):
	    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
	    s.sendall(say)
	    began = time.time()
	    s.settimeout(9)
	    try:
	        while s.recv(4096):
	            pass
	    except ConnectionError:
	        pass
	    print("%s %.0f" % (name, time.time() - began))
END
is "silent clients are cut by the grace" "$(tr '\n' ' ' <"$D/out")" "silent 2 half banner 2 banner only 2 "
for i in 1 2; do enter alice alice -- 'sleep 4' & done
sleep 1
out=$(enter alice alice -- true 2>&1); rc=$?
is "too many sessions of one account: exit 5" $rc 5
has "and it is said" "$out" "close one and try again"
enter other bob -- 'sleep 3' &
sleep 0.7
out=$(enter other bob -- true 2>&1); rc=$?
is "a full server: exit 5" $rc 5
has "and it is said" "$out" "server is full"
sleep 4
is "room again" "$(enter alice alice -- echo in 2>&1)" in
began=$(date +%s)
timeout 12 ssh $S -p "$PORT" -i "$D/alice" -N alice@127.0.0.1 2>/dev/null
[ $(($(date +%s) - began)) -le 8 ] && ok "a login without a session ends" || bad "a login without a session ends"
stop_gate

start_gate 'startups = 30' 'startups_begin = 10' 'per_source = 1000' 'exempt = 192.0.2.1'
python3 - "$PORT" "$gate" >"$D/out" <<-'END'
	import socket, subprocess, sys, time
	held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(150)]
	time.sleep(1.5)
	n = len(subprocess.run(["ps", "--no-headers", "--ppid", sys.argv[2]], capture_output=True).stdout.splitlines())
	print(n)
END
n=$(cat "$D/out")
[ "$n" -ge 10 ] && [ "$n" -le 30 ] && ok "150 idle sockets make $n processes, at most 30" ||
	bad "150 idle sockets are capped" "$n processes"
sleep 1
for i in 1 2 3 4 5; do enter other alice -- true 2>/dev/null; done
out=$(timeout 5 python3 -c "import socket; s=socket.create_connection(('127.0.0.1',$PORT)); print(s.recv(200))")
has "a source that fails again and again waits" "$out" "Too many failed logins"
stop_gate
start_gate 'per_source = 5'
python3 - "$PORT" "$gate" >"$D/out" <<-'END'
	import socket, subprocess, sys, time
	held = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(20)]
	time.sleep(1)
	print(len(subprocess.run(["ps", "--no-headers", "--ppid", sys.argv[2]], capture_output=True).stdout.splitlines()))
END
is "one source has five at once" "$(cat "$D/out")" 5
stop_gate
has "drops are reported" "$(cat "$D/registrar.log")" "dropped: per_source"
grep -q "crashed" "$D/gate.log" "$D/registrar.log" && bad "no transport crashed" || ok "no transport crashed"

echo "$failed failed"
[ $failed -eq 0 ]
