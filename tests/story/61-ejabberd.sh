#!/bin/sh
# 61-ejabberd.sh - Prosody and ejabberd, neither with dialback, judge the
# certificates: xmpp-server and xmpp-s2s federate both ways, components by their
# own names too, bad ones do not; xmpp-rfc3920 is dropped by ejabberd, as our
# warning says.  G3 G7 R3.3 R3.4
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"
. "$SRC/tests/judges.sh"

judges_install prosody prosody lua-unbound
judges_install ejabberdctl ejabberd
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
chain beta.example xmpp-server beta.example conference.beta.example
chain gamma.example xmpp-s2s gamma.example
chain delta.example xmpp-s2s delta.example
chain old.gamma.example xmpp-rfc3920 old.gamma.example
has ejabberd "$T/tls/old.gamma.example.words"
bad_ones
for d in alpha beta gamma delta old.gamma; do
	verified $d.example
done

step "Prosody and ejabberd"
set --
for d in alpha conference.alpha gamma conference.gamma old.gamma \
	$BAD_ONES; do
	set -- "$@" $d.example=$A
done
for d in beta conference.beta delta conference.delta; do
	set -- "$@" $d.example=$B
done
judges_network "$@"
ejabberd_start two $B beta.example,delta.example beta.example delta.example
prosody_start one $A alpha.example conference.alpha.example=alpha.example \
	gamma.example conference.gamma.example=gamma.example \
	old.gamma.example thrown.example expired.example early.example \
	foreign.example self.example wrong.example=alpha.example

step "xmpp-server and xmpp-s2s, each with each, in both roles"
for one in alpha.example gamma.example; do
	for two in beta.example delta.example; do
		delivered $A $one $B $two
		delivered $B $two $A $one
	done
done

step "components by their own names, on both sides"
room_works $B beta.example conference.alpha.example
room_works $A alpha.example conference.beta.example

# When this fails because a newer ejabberd takes it, the warning of the profile
# (rule profile-rfc3920) has to be written anew.
step "xmpp-rfc3920: ejabberd drops it in both roles"
not_delivered $A old.gamma.example $B beta.example
not_delivered $B beta.example $A old.gamma.example internal-server-error
grep -rq badarg "$T/two/log" || fail "dropped, but not for the XmppAddr"

step "bad certificates: refused in both roles"
delivered $A thrown.example $B beta.example
delivered $B beta.example $A thrown.example
for d in $BAD_ONES; do
	case $d in
	thrown) continue ;;
	expired) why="certificate has expired" ;;
	early) why="certificate is not yet valid" ;;
	foreign) why="unable to " ;;
	self) why="self.signed" ;;
	wrong) why="certificate host name mismatch" ;;
	esac
	not_delivered $A $d.example $B beta.example "not authenticate"
	not_delivered $B beta.example $A $d.example \
		"Peer certificate rejected: $why"
	# ejabberd's log has both, whoever dialled; Prosody's its own failure
	for said in "Failed inbound s2s EXTERNAL authentication $d.example -> beta.example .*: " \
		"outbound s2s connection beta.example -> $d.example: Peer certificate rejected: "; do
		wait_for "'$said$why' in ejabberd's log" grep -qiaE -- \
			"$said$why" "$T/two/log/ejabberd.log"
	done
	wait_for "Prosody's word on $d" grep -qiaE \
		"$d.example:saslauth.*SASL EXTERNAL with beta.example failed: .*$why" \
		"$T/one/log"
done
judges_stop
echo "all is well"
