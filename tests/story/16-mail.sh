#!/bin/sh
# 16-mail.sh - letters by SMTP with STARTTLS: what they say; a server that
# fails for a while, for good, or has a certificate that nobody vouches for;
# a courier that is killed in the middle.  None is lost, none comes twice,
# none goes out in the clear.  S6.1 S6.2 S6.3 S4.7 S12.7
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# serve FOLDER CERT KEY: an SMTP server on a free port, in SMTP_PORT
serve() {
	mkdir -p "$1"
	rm -f "$1/port"
	/usr/bin/python3 "$SRC/tests/tool/smtp_server.py" "$@" >"$1/log" 2>&1 &
	SERVERS="$SERVERS $!"
	wait_for "an SMTP server" test -s "$1/port"
	SMTP_PORT=$(cat "$1/port")
}
mail_stop() {
	_s=$?
	for _p in $SERVERS; do
		kill "$_p" 2>/dev/null
	done
	(exit $_s)
	trial_stop
}
# came FOLDER FILTER: the messages there that the filter finds, one a line
came() {
	[ ! -s "$1/messages" ] || jq -c "select($2)" "$1/messages"
}
came_to() {
	came "$1" ".to == [\"$2\"]"
}
has_come() {
	[ "$(came_to "$1" "$2" | wc -l)" -ge "$3" ]
}
# text ADDRESS: the newest letter to it, decoded
text() {
	came_to "$T/smtp" "$1" | tail -n 1 | python3 -c '
import email, email.policy, json, sys
m = email.message_from_string(json.loads(sys.stdin.read())["data"],
    policy=email.policy.default)
for k, v in m.items():
    print(k + ": " + v)
print()
print(m.get_content())'
}
code() {
	text "$1" | grep -Eo '([A-Z2-7]{4}-){6}[A-Z2-7]{4}' | head -n 1
}
# letter FILTER: of the newest letter in `mail`
letter() {
	as staff mail --json 2>/dev/null | jq -e ".rows[0] | $1" >/dev/null
}
restart() {
	daemon_stop
	[ -z "${1:-}" ] || sqlite3 "$T/db/ica.db" "$1"
	daemon_start
	wait_for "ssh" as staff whoami
}
url_set() {
	conf_write "mail.smtp_url=smtp://localhost:$1" \
		mail.ca_file=smtp-ca.pem policy.challenges_per_account_day=100
}

SERVERS=
trial_folder
trap 'mail_stop' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$T/smtp-ca.key" -out "$T/smtp-ca.pem" -days 2 \
	-subj /CN=test 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$T/smtp.key" -out "$T/smtp.pem" -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost \
	-addext basicConstraints=critical,CA:FALSE \
	-CA "$T/smtp-ca.pem" -CAkey "$T/smtp-ca.key" 2>/dev/null ||
	fail "openssl"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	-keyout "$T/liar.key" -out "$T/liar.pem" -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost 2>/dev/null
serve "$T/smtp" "$T/smtp.pem" "$T/smtp.key"
GOOD=$SMTP_PORT
url_set "$GOOD"
ctl init --trial >"$T/init.out" 2>&1 || fail "init: $(cat "$T/init.out")"
staff_make
daemon_start
wait_for "ssh" as staff whoami

step "the code of a registration comes by SMTP, over TLS"
key_make alice
guest alice register alice alice@mail.example --accept 2>"$T/err" ||
	fail "register"
wait_for "the letter" has_come "$T/smtp" alice@mail.example 1
came_to "$T/smtp" alice@mail.example | jq -e .tls >/dev/null ||
	fail "it came in the clear"
guest alice confirm alice "$(code alice@mail.example)" 2>"$T/err" ||
	fail "confirm: $(cat "$T/err")"

step "a server that fails for a while: kept, shown, tried again later"
: >"$T/smtp/temp"
as alice domain add alpha.example >/dev/null 2>"$T/err" || fail "domain add"
wait_for "the first try" letter '.attempts == 1 and .state == "waiting"'
as staff mail >"$T/out" 2>&1
has 451 "$T/out"
letter '((.next | fromdateiso8601) - now) > 20' ||
	fail "no back-off: $(as staff mail --json | jq -c '.rows[0]')"
[ "$(as alice domain show alpha.example --json |
	jq -r '.challenges[0].state')" = waiting ] || fail "the code counts"
restart "UPDATE notice SET next = unixepoch() WHERE state = 'waiting'"
wait_for "the second try" letter '.attempts == 2 and .state == "waiting"'
letter '((.next | fromdateiso8601) - now) > 200' || fail "no longer wait"
rm "$T/smtp/temp"
restart "UPDATE notice SET next = unixepoch() WHERE state = 'waiting'"
wait_for "the letter" has_come "$T/smtp" hostmaster@alpha.example 1
wait_for "the record" letter '.attempts == 3 and .state == "sent"'
as alice domain confirm alpha.example \
	"$(code hostmaster@alpha.example)" >/dev/null 2>"$T/err" ||
	fail "confirm: $(cat "$T/err")"

step "a mailbox that does not exist: told, not tried for ever"
key_make bob
guest bob register bob perm@mail.example --accept 2>"$T/err" || fail "register"
wait_for "the refusal" letter '.state == "failed" and .attempts == 1'
letter '.reply | contains("550")' || fail "the reply is not shown"

step "letters of issuance: to the contact and the proof mailbox, whole"
make_csr "$T/alpha" alpha.example
N=$(as alice request <"$T/alpha.csr" 2>"$T/err") || fail "$(cat "$T/err")"
as staff approve "$N" >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"
wait_for "the letter to alice" has_come "$T/smtp" alice@mail.example 2
wait_for "the letter to hostmaster" has_come "$T/smtp" \
	hostmaster@alpha.example 2
as alice cert "$N" --leaf >"$T/leaf.pem" || fail "cert"
serial=$(openssl x509 -in "$T/leaf.pem" -noout -serial | cut -d= -f2 |
	tr A-F a-f)
print=$(openssl x509 -in "$T/leaf.pem" -outform DER | sha256sum |
	cut -d' ' -f1)
for to in alice@mail.example hostmaster@alpha.example; do
	text $to >"$T/letter"
	has "$serial" "$T/letter"
	tr -d ': \n' <"$T/letter" | tr A-F a-f >"$T/flat"
	has "$print" "$T/flat"
	has "SRVName _xmpp-server alpha.example" "$T/letter"
	has "cert $N" "$T/letter"
	has "revoke $N" "$T/letter"
	has "Message-ID:" "$T/letter"
	has "Date:" "$T/letter"
done

step "the courier is killed in the middle: nothing lost, nothing twice"
: >"$T/smtp/hold"
rm -f "$T/smtp/held"
for d in a b c d e; do
	as alice domain add $d.example >/dev/null 2>"$T/err" ||
		fail "$(cat "$T/err")"
done
wait_for "a message in the middle" test -e "$T/smtp/held"
courier=$(child courier)
kill -9 "$courier"
gone() {
	_new=$(child courier)
	[ -n "$_new" ] && [ "$_new" != "$courier" ]
}
wait_for "a new courier" gone
rm "$T/smtp/hold"
for d in a b c d e; do
	wait_for "the letter about $d.example" has_come "$T/smtp" \
		hostmaster@$d.example 1
done
all_sent() {
	as staff mail --state waiting --json | jq -e '.rows == []' &&
		as staff mail --state leased --json | jq -e '.rows == []'
}
wait_for "all to be settled" all_sent
for d in a b c d e; do
	[ "$(came_to "$T/smtp" hostmaster@$d.example | wc -l)" -eq 1 ] ||
		fail "hostmaster@$d.example got it twice"
done
jq -r .data "$T/smtp/messages" | grep -i '^Message-ID:' | sort | uniq -d \
	>"$T/out"
[ ! -s "$T/out" ] || fail "twice: $(cat "$T/out")"

step "a server whose certificate nobody vouches for, and one without TLS"
serve "$T/liar" "$T/liar.pem" "$T/liar.key"
url_set "$SMTP_PORT"
restart
as alice domain add liar.example >/dev/null 2>"$T/err" || fail "domain add"
wait_for "the try" letter '.attempts >= 1 and .state == "waiting"'
[ ! -s "$T/liar/messages" ] || fail "a liar got it"
letter '.reply | test("certificate|SSL|TLS"; "i")' ||
	fail "no word about the certificate"
serve "$T/open" - -
url_set "$SMTP_PORT"
restart "UPDATE notice SET next = unixepoch() WHERE state = 'waiting'"
wait_for "the next try" letter '.attempts >= 2 and .state == "waiting"'
[ ! -s "$T/open/messages" ] || fail "it went out in the clear"
url_set "$GOOD"
restart "UPDATE notice SET next = unixepoch() WHERE state = 'waiting'"
wait_for "the letter after all" has_come "$T/smtp" hostmaster@liar.example 1

step "no server at all: kept"
url_set "$(free_port)"
restart
as alice domain add later.example >/dev/null 2>"$T/err" || fail "domain add"
wait_for "the try" letter '.attempts >= 1 and .state == "waiting"'
url_set "$GOOD"
restart "UPDATE notice SET next = unixepoch() WHERE state = 'waiting'"
wait_for "the letter after all" has_come "$T/smtp" hostmaster@later.example 1

step "codes that have left are kept nowhere, and no log has one"
CODE=$(code hostmaster@later.example)
settled() {
	letter '.state == "sent"'
}
wait_for "the record" settled
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
grep -qF "$CODE" "$T/audit" "$T/log/xmpp-icad.log" && fail "a code in a log"
has letter.sent "$T/audit"
has letter.failed "$T/audit"
[ "$(sqlite3 -readonly "$T/db/ica.db" "SELECT count(*) FROM notice WHERE
	instr(blanks, CAST('$CODE' AS BLOB))")" -eq 0 ] || fail "the code is kept"
echo "all is well"
