#!/bin/sh
# 62-person-login.sh - a personal certificate logs in to Prosody and ejabberd
# with SASL EXTERNAL: into its own account, and into no other.  G5
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"
. "$SRC/tests/judges.sh"

judges_install prosody prosody lua-unbound
judges_install ejabberdctl ejabberd
judges_install ip iproute2
judges_install certtool gnutls-bin
[ -d /usr/lib/prosody/modules/mod_auth_ccert ] ||
	judges_install no-such-program prosody-modules
judges_enter "$0"

step "certificates: two servers, two people, one of another's domain"
trial_start "policy.profiles=xmpp-server xmpp-person"
ctl init --person >"$T/out" 2>"$T/err" || fail "init --person"
member alice
for d in alpha beta gamma; do
	prove alice $d.example
done
mkdir "$T/tls"
chain alpha.example xmpp-server alpha.example
chain beta.example xmpp-server beta.example
chain gamma.example xmpp-server gamma.example
cat "$T/root.pem" "$T/root-person.pem" >"$T/tls/anchors.pem"

# person NAME JID
person() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$T/tls/$1.key" -out "$T/tls/$1.csr" -subj "/CN=$1" \
		2>"$T/err" || fail "openssl req"
	_n=$(as alice request --profile xmpp-person --jid "$2" \
		<"$T/tls/$1.csr" 2>"$T/err") || fail "request: $(cat "$T/err")"
	as staff approve "$_n" >/dev/null 2>"$T/err" || [ $? -eq 4 ] ||
		fail "approve: $(cat "$T/err")"
	wait_for "certificate $_n" as alice cert "$_n"
	as alice cert "$_n" >"$T/tls/$1.pem" 2>"$T/err" || fail "cert $_n"
}
person alpha-romeo romeo@alpha.example
person beta-romeo romeo@beta.example
person gamma-romeo romeo@gamma.example

step "openssl -x509_strict and GnuTLS agree, under the people's root alone"
for p in alpha-romeo beta-romeo gamma-romeo; do
	openssl verify -x509_strict -purpose sslclient \
		-CAfile "$T/root-person.pem" -untrusted "$T/tls/$p.pem" \
		"$T/tls/$p.pem" >"$T/out" 2>&1 || fail "openssl verify $p"
	certtool --verify --load-ca-certificate "$T/root-person.pem" \
		--infile "$T/tls/$p.pem" >"$T/out" 2>&1 || fail "certtool $p"
	has "Chain verification output: Verified." "$T/out"
	if certtool --verify --load-ca-certificate "$T/root.pem" \
		--infile "$T/tls/$p.pem" >"$T/out" 2>&1; then
		fail "certtool takes $p under the servers' root"
	fi
done

# external ADDRESS DOMAIN WHO [AUTHZID]
external() {
	python3 "$SRC/tests/tool/judge_external.py" "$1" "$2" \
		"$T/tls/$3.pem" "$T/tls/$3.key" ${4:+"$4"} >"$T/out" 2>&1
}

# logs_in ADDRESS DOMAIN WHO JID [AUTHZID]
logs_in() {
	external "$1" "$2" "$3" ${5:+"$5"} || fail "$3: $(cat "$T/out")"
	grep -q "^$4/" "$T/out" || fail "$3 is $(cat "$T/out"), not $4"
	echo "$3 at $2: $(cat "$T/out")"
}

# kept_out ADDRESS DOMAIN WHO [AUTHZID]
kept_out() {
	external "$@" && fail "$3 came in as $(cat "$T/out")"
	has refused "$T/out"
	echo "$3 at $2 as ${4:-itself}: $(cat "$T/out")"
}

step "Prosody and ejabberd"
judges_network alpha.example=$A beta.example=$B
mkdir -p "$T/one/data/alpha%2eexample/accounts"
for who in romeo nurse; do
	echo 'return { ["password"] = "secret" };' \
		>"$T/one/data/alpha%2eexample/accounts/$who.dat"
done
cat >"$T/one/conf.lua" <<EOF
run_as_root = true
daemonize = false
pidfile = "$T/one/pid"
data_path = "$T/one/data"
log = { debug = "$T/one/log" }
interfaces = { "$A" }
modules_enabled = { "saslauth", "tls" }
plugin_paths = { "/usr/lib/prosody/modules/mod_auth_ccert" }
authentication = "ccert"
certificate_match = "xmppaddr"
c2s_require_encryption = true
c2s_ssl = { cafile = "$T/root-person.pem"; capath = false;
	verify = { "peer" }; verifyext = { lsec_ignore_purpose = false } }
VirtualHost "alpha.example"
ssl = { key = "$T/tls/alpha.example.key";
	certificate = "$T/tls/alpha.example.pem" }
EOF
prosody --config "$T/one/conf.lua" -F >"$T/one/out" 2>&1 &
JUDGES="$JUDGES $!"
wait_for "Prosody at $A" nc -z -w 1 "$A" 5222
# the people's root alone: ejabberd takes what has no XmppAddr for anybody
EJABBERD_C2S="
    starttls: true
    starttls_required: true
    tls_verify: true
    cafile: $T/root-person.pem"
ejabberd_start two $B beta.example beta.example
wait_for "ejabberd at $B" nc -z -w 1 "$B" 5222

for where in "$A alpha" "$B beta"; do
	_a=${where% *} _d=${where#* }
	step "$_d.example: the own account, by itself and by name"
	logs_in "$_a" $_d.example $_d-romeo romeo@$_d.example
	logs_in "$_a" $_d.example $_d-romeo romeo@$_d.example \
		romeo@$_d.example

	step "$_d.example: no other account, no other person, no server"
	kept_out "$_a" $_d.example $_d-romeo nurse@$_d.example
	kept_out "$_a" $_d.example gamma-romeo
	kept_out "$_a" $_d.example gamma-romeo romeo@$_d.example
	kept_out "$_a" $_d.example gamma.example romeo@$_d.example
done
judges_stop
echo "all is well"
