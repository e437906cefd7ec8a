#!/bin/sh
# 17-postfix.sh - a code travels through a real Postfix, over verified
# STARTTLS, into a file, and proves a domain.  Needs root (Postfix does).
# G3 S6.2 S12.7
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

skip() {
	echo "SKIPPED: $*: no letter went through a real Postfix"
	exit 77
}
[ "$(id -u)" -eq 0 ] || skip "not root"
PATH=$PATH:/usr/sbin
if ! command -v postfix >/dev/null; then
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		--no-install-recommends install postfix >/dev/null 2>&1 ||
		skip "the package postfix cannot be installed"
fi

# Postfix wants a folder whose parents others may pass through.
P=$(mktemp -d "${TMPDIR:-/tmp}/ica-pf.XXXXXX")
postfix_stop() {
	_s=$?
	postfix -c "$P/etc" stop >/dev/null 2>&1
	_n=0
	while [ -f "$P/spool/pid/master.pid" ] && [ $_n -lt 100 ] && kill -0 \
		"$(tr -d ' ' <"$P/spool/pid/master.pid")" 2>/dev/null; do
		_n=$((_n + 1))
		sleep 0.05
	done
	[ $_s -eq 0 ] || tail -n 20 "$P/log" >&9 2>/dev/null
	rm -rf "$P"
	(exit $_s)
	trial_stop
}
trial_folder
trap 'postfix_stop' EXIT
chmod 755 "$P"
mkdir -m 755 "$P/etc" "$P/spool" "$P/mail"
install -d -o postfix -m 700 "$P/data"
chmod 1777 "$P/mail"
SMTP_PORT=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$T/smtp-ca.key" -out "$T/smtp-ca.pem" -days 2 \
	-subj /CN=test 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$P/etc/key.pem" -out "$P/etc/cert.pem" -days 2 \
	-subj /CN=localhost -addext subjectAltName=DNS:localhost \
	-addext basicConstraints=critical,CA:FALSE \
	-CA "$T/smtp-ca.pem" -CAkey "$T/smtp-ca.key" 2>/dev/null
cat >"$P/etc/main.cf" <<-END
	compatibility_level = 3.6
	queue_directory = $P/spool
	data_directory = $P/data
	command_directory = /usr/sbin
	daemon_directory = /usr/lib/postfix/sbin
	maillog_file = $P/log
	maillog_file_prefixes = /
	multi_instance_enable = no
	myhostname = mx.example
	mydestination =
	mynetworks = 127.0.0.0/8
	inet_interfaces = loopback-only
	inet_protocols = ipv4
	local_recipient_maps =
	virtual_mailbox_domains = mail.example, alpha.example
	virtual_mailbox_base = $P/mail
	virtual_mailbox_maps = static:all/
	virtual_minimum_uid = 1
	virtual_uid_maps = static:$(id -u nobody)
	virtual_gid_maps = static:$(id -g nobody)
	smtpd_tls_cert_file = $P/etc/cert.pem
	smtpd_tls_key_file = $P/etc/key.pem
	smtpd_tls_security_level = encrypt
	smtpd_tls_loglevel = 1
	smtpd_tls_received_header = yes
	smtpd_relay_restrictions = reject_unauth_destination
	smtpd_recipient_restrictions = reject_unauth_destination
	alias_maps =
	alias_database =
END
cat >"$P/etc/master.cf" <<-END
	127.0.0.1:$SMTP_PORT inet n - n - - smtpd
	pickup unix n - n 60 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	tlsmgr unix - - n 1000? 1 tlsmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	verify unix - - n - 1 verify
	flush unix n - n 1000? 0 flush
	error unix - - n - - error
	retry unix - - n - - error
	discard unix - - n - - discard
	virtual unix - n n - - virtual
	anvil unix - - n - 1 anvil
	scache unix - - n - 1 scache
	postlog unix-dgram n - n - 1 postlogd
END
postfix -c "$P/etc" start >"$T/postfix.out" 2>&1 || {
	cat "$T/postfix.out"
	skip "Postfix does not start here"
}
answers() {
	printf 'QUIT\r\n' | timeout 5 nc -q 2 127.0.0.1 "$SMTP_PORT" |
		grep -q '^220'
}
wait_for "Postfix" answers

conf_write "mail.smtp_url=smtp://localhost:$SMTP_PORT" \
	mail.ca_file=smtp-ca.pem
ctl init --trial >"$T/init.out" 2>&1 || fail "init: $(cat "$T/init.out")"
staff_make
daemon_start
wait_for "ssh" as staff whoami

# arrived COUNT: so many letters lie in Postfix's Maildir
arrived() {
	[ "$(find "$P/mail/all/new" -type f 2>/dev/null | wc -l)" -ge "$1" ]
}
# newest_to ADDRESS: its file
newest_to() {
	grep -lix "Delivered-To: $1" "$P"/mail/all/new/* | tail -n 1
}

step "a registration through Postfix"
key_make alice
guest alice register alice alice@mail.example --accept 2>"$T/err" ||
	fail "register: $(cat "$T/err")"
wait_for "the letter" arrived 1
L=$(newest_to alice@mail.example)
cp "$L" "$T/letter"
has "using TLSv1" "$T/letter"
guest alice confirm alice "$(letter_body "$T/letter" |
	grep -Eo '([A-Z2-7]{4}-){6}[A-Z2-7]{4}')" 2>"$T/err" ||
	fail "confirm: $(cat "$T/err")"

step "a domain, a certificate, and the letters about it"
as alice domain add alpha.example >/dev/null 2>"$T/err" || fail "domain add"
wait_for "the code" arrived 2
cp "$(newest_to hostmaster@alpha.example)" "$T/letter"
as alice domain confirm alpha.example "$(letter_body "$T/letter" |
	grep -Eo '([A-Z2-7]{4}-){6}[A-Z2-7]{4}')" >/dev/null 2>"$T/err" ||
	fail "confirm: $(cat "$T/err")"
N=$(issue alice alpha.example)
wait_for "both letters" arrived 4
all_sent() {
	as staff mail --json | jq -e '.rows | length == 4 and
		all(.state == "sent" and (.reply | contains("queued as")))'
}
wait_for "Postfix's word for each" all_sent
as staff mail >"$T/out" 2>&1
has "queued as" "$T/out"

step "what Postfix refuses for good is failed, with its words"
key_make bob
guest bob register bob bob@elsewhere.example --accept 2>"$T/err" ||
	fail "register"
refused() {
	as staff mail --state failed --json | jq -e '.rows | length == 1'
}
wait_for "a refusal" refused
as staff mail --state failed >"$T/out" 2>&1
has "554" "$T/out"
ctl verify >"$T/out" 2>&1 || fail "verify"
as alice cert "$N" >"$T/out" || fail "cert"
echo "all is well"
