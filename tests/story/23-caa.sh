#!/bin/sh
# 23-caa.sh - CAA records are obeyed before issuance, against a real name
# server: parents climbed, other authorities, accounts, critical properties,
# failures; and the live check of an XMPP server.  R1.2 J1.6 S12.5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"
. "$SRC/tests/dns.sh"

# says STATUS CLAUSE NAME COMMAND...
says() {
	_status=$1 _clause=$2
	shift 2
	expect "$_status" as "$@" </dev/null >"$T/out" 2>"$T/err"
	[ -z "$_clause" ] || has "($_clause)" "$T/err"
}

# caa N: the state of each domain's CAA answer.
caa() {
	as staff show "$1" --json 2>/dev/null |
		jq -r '[.request.caa[].state] | join(" ")'
}

caa_is() {
	[ "$(caa "$1")" = "$2" ]
}

# ask DOMAIN: the number of a request by alice, in N.
ask() {
	make_csr "$T/$1" "$1"
	N=$(as alice request --domain "$1" <"$T/$1.csr" 2>"$T/err") ||
		fail "request $1: $(cat "$T/err")"
}

alpha() {
	{
		echo 'open A 127.0.0.1'
		echo 'ours CAA 0 issue "ca.example"'
		echo 'other CAA 0 issue "letsencrypt.org"'
		echo 'nobody CAA 0 issue ";"'
		echo 'mine CAA 0 issue "ca.example; accounturi=xmpp-ica:alice"'
		echo 'his CAA 0 issue "ca.example; accounturi=xmpp-ica:bob"'
		echo 'critical CAA 128 tbs "x"'
		echo 'critical CAA 0 issue "ca.example"'
		echo 'alias CNAME other'
		echo 'dangling CNAME nowhere'
		echo 'nobody2 CAA 0 issue ";"'
		echo 'dangling.nobody2 CNAME nowhere'
		echo 'loop CNAME pool'
		echo 'pool CNAME loop'
		echo 'nodata.critical A 127.0.0.1'
		cat
	} | zone alpha.example
}

STARTTLS=
ended() {
	_was=$?
	[ -z "$STARTTLS" ] || kill "$STARTTLS" 2>/dev/null
	(exit $_was)
	dns_end
}

dns_start
alpha </dev/null
echo 'x A 127.0.0.1' | zone bogus.example
zone_sign bogus.example -i 20200101 -e 20200201
echo 'x A 127.0.0.1' | zone child.dead.example
dns_load dead.example
# shellcheck disable=SC2086	# keys are words
trial_start $DNS_KEYS policy.caa_issuer=ca.example \
	policy.lives_per_domain_day=3
trap ended EXIT
member alice
for d in alpha.example bogus.example dead.example; do
	prove alice $d
done

step "no record, or one that names us: issued, with the evidence kept"
for d in dangling open ours mine a.b.ours; do
	ask $d.alpha.example
	wait_for "the answer for $d" caa_is "$N" allowed
	says 0 "" staff approve "$N" || :
	wait_for "certificate $N" as alice cert "$N"
done
as staff show "$N" >"$T/out"
has 'records of ours.alpha.example: 0 issue "ca.example"' "$T/out"
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
has '"request.caa"' "$T/audit"

step "another authority, nobody, another account, critical, CNAME: refused"
for d in other nobody his critical a.other alias nodata.critical \
	gone.critical dangling.nobody2; do
	ask $d.alpha.example
	wait_for "the answer for $d" caa_is "$N" forbidden
	says 1 caa-forbids staff approve "$N"
done
has 'CAA 0 issue "ca.example"' "$T/err"
as staff show "$N" >"$T/out"
has "caa-forbids" "$T/out"
[ "$(as alice status "$N" --json 2>/dev/null | jq -r .row.state)" = awaiting ] ||
	fail "not waiting any more"

step "a zone that is forged, or whose servers fail: refused"
ask x.bogus.example
wait_for "the answer" caa_is "$N" forbidden
says 1 caa-forbids staff approve "$N"
has "signature expired" "$T/err"
for d in x.dead.example x.child.dead.example loop.alpha.example; do
	# the child's own servers are well; its parent's are not
	ask $d
	wait_for "the answer" caa_is "$N" forbidden
	says 1 caa-forbids staff approve "$N"
	has SERVFAIL "$T/err"
done

step "nobody answers: approved, it waits and says so; then it is issued"
dns_stop
ask late.alpha.example
wait_for "the answer" caa_is "$N" unavailable
expect 4 as staff approve "$N" >"$T/out" 2>"$T/err"
as alice status "$N" >"$T/out" 2>"$T/err"
has "issuing waits for the CAA records" "$T/out"
echo 'late CAA 0 issue "ca.example"' | alpha
dns_load dead.example
# the next try is twenty seconds away: bring it near
daemon_stop
sqlite3 "$T/db/ica.db" "UPDATE lookup SET next = 0 WHERE state <> 'done';
	UPDATE request SET retry_at = 0"
daemon_start
wait_for "certificate $N" as alice cert "$N"

step "an answer that is too old is asked for again: what changed counts"
ask late2.alpha.example
wait_for "the answer" caa_is "$N" allowed
daemon_stop
sqlite3 "$T/db/ica.db" "UPDATE request_caa SET checked = checked - 30000"
echo 'late2 CAA 0 issue "letsencrypt.org"' | alpha
dns_load dead.example
daemon_start
wait_for "ssh" as staff whoami
as staff approve "$N" >"$T/out" 2>"$T/err"
refused() {
	[ "$(as alice status "$1" --json 2>/dev/null | jq -r .row.state)" = \
		refused ]
}
wait_for "the refusal" refused "$N"
as alice status "$N" >"$T/out" 2>"$T/err"
has "late2.alpha.example. CAA 0 issue" "$T/out"

step "live: a server that begins TLS, one that is away; nothing private"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
	-keyout "$T/live.key" -out "$T/live.pem" -subj "/CN=live.alpha.example" \
	-addext "subjectAltName=DNS:live.alpha.example,DNS:two.example" \
	2>/dev/null || fail "openssl"
CLIENT=$(free_port)
cat >"$T/starttls.py" <<'END'
import socket, ssl, sys, time
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[2], sys.argv[3])
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
for _ in range(4):
    c, _ = s.accept()
    try:
        c.recv(4096)
        c.sendall(b"<?xml version='1.0'?><stream:stream><stream:features>"
            b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
            b"</stream:features>")
        c.recv(4096)
        for part in (b"<proc", b"eed xmlns='urn:ietf:params:xml:ns:xmpp",
                b"-tls'>", b"</proceed>"):	# as the network likes it
            c.sendall(part)
            time.sleep(0.05)
        tls.wrap_socket(c, server_side=True).recv(1)
    except OSError:
        pass
END
python3 "$T/starttls.py" "$CLIENT" "$T/live.pem" "$T/live.key" \
	>"$T/starttls.log" 2>&1 </dev/null &
STARTTLS=$!
away=$(free_port)
{
	echo "_xmpp-client._tcp.live SRV 0 0 $CLIENT host.live"
	echo "_xmpp-server._tcp.live SRV 0 0 $away host.live"
	echo "_xmpps-client._tcp.live SRV 0 0 0 ."
	echo 'host.live A 127.0.0.1'
} | alpha
dns_load dead.example
prove alice live.alpha.example
says 0 "" alice live live.alpha.example
[ "$(grep -c 'not a public one: not dialled' "$T/out")" -eq 2 ] ||
	fail "private addresses"
has "not offered" "$T/out"
daemon_stop
# shellcheck disable=SC2086
conf_write $DNS_KEYS dns.allow_private=yes policy.lives_per_domain_day=3
sqlite3 "$T/db/ica.db" "DELETE FROM lookup"
daemon_start
wait_for "ssh" as staff whoami
says 0 "" staff live live.alpha.example --json
jq -e --arg p "$CLIENT" '[.ends[] | select(.service == "xmpp-client")] |
	.[0].reached and .[0].port == ($p | tonumber) and
	.[0].subject == "CN=live.alpha.example" and
	.[0].names == "live.alpha.example two.example"' "$T/out" >/dev/null ||
	fail "the certificate"
jq -e '[.ends[] | select(.service == "xmpp-server")] |
	.[0].reached == false and (.[0].why | test("refused"))' "$T/out" \
	>/dev/null || fail "the one that is away"

step "live: one's own domains only, and not for ever"
member bob
says 3 "" bob live live.alpha.example
sqlite3 "$T/db/ica.db" "UPDATE lookup SET ended = ended - 120"
says 0 "" alice live live.alpha.example
sqlite3 "$T/db/ica.db" "UPDATE lookup SET ended = ended - 120"
says 1 limit-live alice live live.alpha.example

step "advise shows it and issues; off does not ask"
daemon_stop
# shellcheck disable=SC2086
conf_write $DNS_KEYS policy.caa=advise
daemon_start
wait_for "ssh" as staff whoami
ask nobody2.other.alpha.example
wait_for "the answer" caa_is "$N" forbidden
as staff approve "$N" >"$T/out" 2>"$T/err"
wait_for "certificate $N" as alice cert "$N"
daemon_stop
# shellcheck disable=SC2086
conf_write $DNS_KEYS policy.caa=off
daemon_start
wait_for "ssh" as staff whoami
ask off.other.alpha.example
as staff approve "$N" >"$T/out" 2>"$T/err"
wait_for "certificate $N" as alice cert "$N"
[ -z "$(caa "$N")" ] || fail "it was looked up"
echo "all is well"
