#!/bin/sh
# 60-prosody.sh - two Prosody servers that know no dialback and trust our root
# judge the certificates: xmpp-server and xmpp-s2s federate both ways, bad ones
# do not, a component federates by its own name.  G3 G7 R3.3 R3.4
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"
. "$SRC/tests/judges.sh"

judges_install prosody prosody lua-unbound
judges_install ip iproute2
judges_install certtool gnutls-bin
judges_enter "$0"

step "certificates: three profiles, and the ones that must fail"
# shellcheck disable=SC2119
trial_start
member alice
for d in alpha beta gamma delta; do
	prove alice $d.example
done
mkdir "$T/tls"
chain alpha.example xmpp-server alpha.example conference.alpha.example
chain gamma.example xmpp-s2s gamma.example
chain beta.example xmpp-server beta.example
chain delta.example xmpp-s2s delta.example
chain old.delta.example xmpp-rfc3920 old.delta.example
bad_ones

step "openssl -x509_strict and GnuTLS agree with the chains"
for d in alpha gamma beta delta old.delta; do
	verified $d.example
done

step "two servers"
set --
for d in alpha conference.alpha gamma conference.gamma; do
	set -- "$@" $d.example=$A
done
for d in beta delta old.delta $BAD_ONES; do
	set -- "$@" $d.example=$B
done
judges_network "$@"
prosody_start one $A alpha.example conference.alpha.example=alpha.example \
	gamma.example conference.gamma.example=gamma.example
prosody_start two $B beta.example delta.example old.delta.example \
	thrown.example expired.example early.example foreign.example \
	self.example wrong.example=beta.example

step "xmpp-server and xmpp-s2s, each with each, in both roles"
for one in alpha.example gamma.example; do
	for two in beta.example delta.example; do
		delivered $A $one $B $two
		delivered $B $two $A $one
	done
done
for d in alpha gamma; do
	has "Accepting SASL EXTERNAL identity from $d.example" "$T/two/log"
done
for d in beta delta; do
	has "Accepting SASL EXTERNAL identity from $d.example" "$T/one/log"
done
grep -qi 'dialback' "$T/one/log" "$T/two/log" && fail "dialback was spoken"

step "xmpp-rfc3920 is good for Prosody"
delivered $A alpha.example $B old.delta.example
delivered $B old.delta.example $A alpha.example

step "bad certificates: refused in both roles, for the right reason"
delivered $A alpha.example $B thrown.example
delivered $B thrown.example $A alpha.example
for d in $BAD_ONES; do
	case $d in
	thrown) continue ;;
	expired) why="certificate has expired" ;;
	wrong) why="certificate is not valid for this name" ;;
	*) why="certificate is not trusted" ;;
	esac
	not_delivered $A alpha.example $B $d.example "Remote server's $why"
	not_delivered $B $d.example $A alpha.example "Your server's $why"
	# who refuses says it in its log, whoever dialled; who is refused hears it
	for way in "Outgoing alpha.example->$d.example" \
		"Incoming $d.example->alpha.example"; do
		logged one "${way% *} s2s stream ${way#* } closed: Your server's $why"
	done
	for way in "Incoming alpha.example->$d.example" \
		"Outgoing $d.example->alpha.example"; do
		logged two "${way% *} s2s stream ${way#* } closed: not-authorized (Your server's $why)"
	done
done
# the words that the messages above leave out, in both roles
for why in "not yet valid" "self.signed" "unable to get local issuer"; do
	[ "$(grep -c "certificate error(s).*$why" "$T/one/log")" -ge 2 ] ||
		fail "'$why' is not twice in the log"
done

step "a component by its own name"
room_works $B beta.example conference.alpha.example
expect 1 talk room $B user@beta.example room@conference.gamma.example
has "not valid for this name" "$T/out"
judges_stop
echo "all is well"
