#!/bin/sh
# 43-crl-shards.sh - shards of the CRL, fixed at issuance, and CRLs made ahead
# for the time when the signer is away, released by a clock that moves on.
# S8.3 S8.5 S8.6
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

cdp() {
	openssl x509 -in "$1" -noout -ext crlDistributionPoints |
		sed -n 's/.*URI://p'
}

# listed LEAF URL: is it on that list?
listed() {
	curl -sf "$2" | openssl crl -inform DER -noout -text | grep -q \
		"Serial Number: $(openssl x509 -in "$1" -noout -serial |
		cut -d= -f2)"
}

# checked LEAF [DAYS]: openssl's word with the CRL that the certificate names,
# now or so many days later.
checked() {
	curl -sf "$(cdp "$1")" | openssl crl -inform DER >"$T/its.crl" \
		2>"$T/err" || return 2
	cat "$T/root.pem" "$T/its.crl" >"$T/anchor"
	openssl verify -crl_check -CAfile "$T/anchor" -untrusted \
		"$T/ica.pem" -attime $(($(date +%s) + ${2:-0} * 86400)) \
		"$1" >"$T/out" 2>&1
}

says_revoked() {
	checked "$1" && return 1
	grep -q "certificate revoked" "$T/out"
}

number_of() {
	curl -sf "$1" | openssl crl -inform DER -noout -crlnumber |
		sed 's/.*0x//'
}

step "without shards"
# shellcheck disable=SC2119
trial_start
member alice
for d in one two three four five; do
	prove alice $d.example
done
A=$(issue alice one.example)
as alice cert "$A" --leaf >"$T/one.pem" 2>"$T/err" || fail cert
[ "$(cdp "$T/one.pem")" = "$URL/crl/ica-server-1.crl" ] || fail "its CDP"
checked "$T/one.pem" || fail "openssl verify -crl_check: $(cat "$T/out")"

step "with shards: each new certificate names its own, whose CRL says so"
daemon_stop || fail "stop"
conf_write publish.crl_shards=3 publish.crl_ahead_days=20
daemon_start
wait_for "ssh" as alice whoami
for k in 1 2 3; do
	wait_for "shard $k" curl -sf -o "$T/s$k.crl" \
		"$URL/crl/ica-server-1-$k.crl"
	openssl crl -inform DER -in "$T/s$k.crl" -noout -text -CAfile \
		"$T/ica.pem" >"$T/text" 2>&1 || fail "openssl crl"
	has "verify OK" "$T/text"
	has "Issuing Distribution Point: critical" "$T/text"
	has "$URL/crl/ica-server-1-$k.crl" "$T/text"
done
for d in two three four; do
	_n=$(issue alice $d.example)
	as alice cert "$_n" --leaf >"$T/$d.pem" 2>"$T/err" || fail cert
	cdp "$T/$d.pem" | grep -q "^$URL/crl/ica-server-1-[123].crl$" ||
		fail "the CDP of $d"
	checked "$T/$d.pem" || fail "openssl: $(cat "$T/out")"
done

step "the number changes: an earlier certificate keeps its shard"
daemon_stop || fail "stop"
conf_write publish.crl_shards=1 publish.crl_ahead_days=20
daemon_start
wait_for "ssh" as alice whoami
E=$(issue alice five.example)
as alice cert "$E" --leaf >"$T/five.pem" 2>"$T/err" || fail cert
[ "$(cdp "$T/five.pem")" = "$URL/crl/ica-server-1.crl" ] || fail "its CDP"
as alice revoke two.example superseded >"$T/out" 2>"$T/err" ||
	as alice revoke "$(openssl x509 -in "$T/two.pem" -noout -serial |
	cut -d= -f2)" superseded >"$T/out" 2>"$T/err" || fail "revoke"
wait_for "its shard lists it" says_revoked "$T/two.pem"
wait_for "so does the whole list" listed "$T/two.pem" \
	"$URL/crl/ica-server-1.crl"
for k in 1 2 3; do
	_url=$URL/crl/ica-server-1-$k.crl
	[ "$_url" = "$(cdp "$T/two.pem")" ] || ! listed "$T/two.pem" "$_url" ||
		fail "in the wrong shard"
done
as alice revoke "$A" superseded >"$T/out" 2>"$T/err" || fail "revoke"
wait_for "the whole list" says_revoked "$T/one.pem"

step "CRLs ahead: made and kept, one a shard and time"
expect 1 ctl crl-ahead --count 300 --every 24 >"$T/out" 2>"$T/err" ||
	expect 2 ctl crl-ahead --count 300 --every 24
has crl_ahead_days "$T/err"
ctl crl-ahead --count 3 --every 24 >"$T/out" 2>"$T/err" ||
	fail "crl-ahead: $(cat "$T/err")"
has "CRLs ahead of ica-server-1-2: 3 of 3 made" "$T/out"
has "CRLs ahead of ica-server-1: 3 of 3 made" "$T/out"
[ "$(ls "$T/db/ahead" | wc -l)" -eq 24 ] || fail "not 24 files in db/ahead"
OLD=$(number_of "$URL/crl/ica-server-1.crl")

step "the signer goes away, the clock moves on: they are released"
sqlite3 "$T/db/ica.db" "UPDATE crl_ahead SET this_update = this_update -
	86400 * 2" || fail "sqlite3"
daemon_stop || fail "stop"
mkdir "$T/away" && mv "$T"/ca/*.key "$T/away" || fail "mv"
daemon_start
wait_for "ssh" as alice whoami
newer() {
	_now=$(number_of "$URL/crl/ica-server-1.crl")
	[ $((0x$_now)) -gt $((0x$OLD)) ]
}
wait_for "the release" newer
NEW=$(number_of "$URL/crl/ica-server-1.crl")
[ $((0x$NEW)) -eq $((0x$OLD + 2)) ] || fail "released $NEW after $OLD"
wait_for "of the shards too" checked "$T/three.pem" 2

step "a revocation without a signer: accepted, and an alarm says that it waits"
as alice revoke "$E" keyCompromise >"$T/out" 2>"$T/err" || fail "revoke"
sqlite3 "$T/db/ica.db" "UPDATE crl_ahead SET this_update = this_update -
	86400" || fail "sqlite3"
alarmed() {
	as staff alarms >"$T/out" 2>"$T/err" &&
		grep -q "bring the signer back" "$T/out"
}
wait_for "the alarm" alarmed

step "the signer is back: a newer one at once, with the revocation"
daemon_stop || fail "stop"
mv "$T"/away/*.key "$T/ca" || fail "mv"
daemon_start
wait_for "ssh" as alice whoami
wait_for "the revocation" says_revoked "$T/five.pem"
ctl crl-ahead >"$T/out" 2>"$T/err" || fail "crl-ahead"
NOW=$(number_of "$URL/crl/ica-server-1.crl")
[ $((0x$NOW)) -gt $((0x$NEW)) ] || fail "the number went from $NEW to $NOW"
echo "all is well"
