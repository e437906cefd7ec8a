# dns.sh - a name server of our own for stories: nsd on a loopback port that
# is authoritative for whatever the story writes, signed or not.
# Source it behind lib.sh, call dns_start, then trial_start $DNS_KEYS ...
# shellcheck shell=sh

# zone NAME: its records from standard input, put under an SOA and an NS.
zone() {
	_zone=$1
	_serial=$(($(cat "$D/serial" 2>/dev/null || echo 1) + 1))
	echo "$_serial" >"$D/serial"
	{
		echo "\$ORIGIN ${_zone%.}."
		echo '$TTL 1'
		echo "@ SOA ns hostmaster $_serial 3600 600 86400 1"
		echo '@ NS ns'
		echo 'ns A 127.0.0.1'
		cat
	} >"$D/$_zone.zone"
}

# zone_sign NAME [ldns-signzone OPTION...]: by a key of its own, whose DS is
# a trust anchor (tests have no root that signs).
zone_sign() {
	_zone=$1
	shift
	if [ ! -f "$D/$_zone.key" ]; then
		_key=$(cd "$D" && ldns-keygen -a ECDSAP256SHA256 -k \
			-r /dev/urandom "$_zone") || fail "ldns-keygen"
		mv "$D/$_key.key" "$D/$_zone.key"
		mv "$D/$_key.private" "$D/$_zone.private"
		cat "$D/$_key.ds" >>"$D/anchors"
	fi
	(cd "$D" && ldns-signzone "$@" -f "$_zone.zone.signed" \
		"$_zone.zone" "$_zone") >"$D/sign.out" 2>&1 ||
		fail "ldns-signzone: $(cat "$D/sign.out")"
	mv "$D/$_zone.zone.signed" "$D/$_zone.zone"
}

# dns_start: in $D, on $DNS_PORT.
dns_start() {
	D=$(mktemp -d "${TMPDIR:-/tmp}/dns.XXXXXX") || exit 1
	DNS_PORT=$(free_port)
	: >"$D/anchors"
	DNS_KEYS="dns.resolver=127.0.0.1 dns.port=$DNS_PORT
		dns.trust_anchor=$D/anchors dns.seconds=3"
	printf '$ORIGIN .\n$TTL 60\n@ SOA ns.root. h.root. 1 60 60 60 1\n@ NS ns.root.\nns.root. A 127.0.0.1\n' \
		>"$D/root.zone"
}

# dns_load [DEAD...]: serve the zones as they are now; DEAD ones fail.
dns_load() {
	dns_stop
	{
		cat <<-END
		server:
		 ip-address: 127.0.0.1@$DNS_PORT
		 username: ""
		 chroot: ""
		 zonesdir: "$D"
		 database: ""
		 pidfile: "$D/nsd.pid"
		 xfrdfile: ""
		 zonelistfile: "$D/zone.list"
		 server-count: 1
		 rrl-ratelimit: 0
		remote-control:
		 control-enable: no
		zone:
		 name: "."
		 zonefile: "root.zone"
		END
		for _f in "$D"/*.zone; do
			_name=${_f##*/}
			_name=${_name%.zone}
			[ "$_name" = root ] || printf \
				'zone:\n name: "%s"\n zonefile: "%s.zone"\n' \
				"$_name" "$_name"
		done
		for _name; do
			printf 'zone:\n name: "%s"\n zonefile: "none"\n' "$_name"
		done
	} >"$D/nsd.conf"
	_nsd=$(PATH=$PATH:/usr/sbin command -v nsd) || fail "no nsd"
	"$_nsd" -c "$D/nsd.conf" -d >"$D/nsd.log" 2>&1 </dev/null &
	DNS_PID=$!
	wait_for "the name server" dns_answers
}

dns_answers() {
	grep -q 'nsd started' "$D/nsd.log"
}

dns_stop() {
	[ -n "${DNS_PID:-}" ] || return 0
	kill -CONT "$DNS_PID" 2>/dev/null
	kill "$DNS_PID" 2>/dev/null
	wait "$DNS_PID" 2>/dev/null
	DNS_PID=
}

# In the place of trial_stop, when the story ends.
dns_end() {
	_ended=$?
	dns_stop
	rm -rf "$D"
	(exit $_ended)
	trial_stop
}
