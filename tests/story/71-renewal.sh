#!/bin/sh
# 71-renewal.sh - contacts, letters and their calendar, and renewal without
# staff when nothing but time has changed.  S5.8 S6.4 S2.1 P1.1
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

trial_start

member alice
prove alice alpha.example
prove alice beta.example

step "a contact is confirmed by its code, and hears from then on"
as alice contact add two@mail.example 2>"$T/err" || fail "contact add"
wait_for "the code" mail_code two@mail.example
expect 1 as alice contact confirm two@mail.example \
	AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA 2>/dev/null
as alice contact confirm two@mail.example "$(mail_code two@mail.example)" \
	2>"$T/err" || fail "confirm"
as alice contact list | grep -q 'two@mail.example.*confirmed' || fail "list"
expect 2 as alice contact add 'x@mail.example
Bcc: y@mail.example' 2>/dev/null
expect 1 as alice contact add "'x@mail.example>'" 2>/dev/null
n=$(issue alice alpha.example)
wait_for "the letter to the contact" letters_beyond two@mail.example 1

step "the same names again need nobody of the staff"
make_csr "$T/again" alpha.example
m=$(as alice renew "$n" <"$T/again.csr" 2>"$T/err") || fail "renew"
wait_for "the new one" as alice cert "$m"
as alice cert "$m" >"$T/chain.pem"
openssl verify -CAfile "$T/root.pem" -untrusted "$T/chain.pem" \
	"$T/chain.pem" >"$T/out" 2>&1 || fail "openssl verify"
as staff show "$m" >"$T/out" || fail "show"
has "$n" "$T/out"

step "with the stored key it is told that a new one is better"
ssh_to alice alice -n renew "$m" --json >"$T/out" 2>"$T/err" || fail "renew"
grep -q '"rule":"key-reused"' "$T/out" || fail "the same key is not told"
grep -q '"state":"\(issued\|approved\)"' "$T/out" || fail "it waits"

step "other names need staff"
make_csr "$T/more" alpha.example beta.example
k=$(as alice request --domain alpha.example --domain beta.example \
	<"$T/more.csr" 2>"$T/err") || fail "request"
expect 4 as alice status "$k" >/dev/null 2>&1
as alice withdraw "$k" 2>/dev/null || fail "withdraw"

step "what one hears of can be chosen"
as alice notify issued off >"$T/out" 2>&1 || fail "notify"
has "Issued: off" "$T/out"
expect 2 as alice notify issued perhaps 2>/dev/null
expect 3 as alice notify 99999 off 2>/dev/null
as alice notify --json | grep -q '"issued":false' || fail "json"
as alice notify issued on >/dev/null 2>&1

step "a reminder comes once, for what is not replaced, with a calendar"
reminders() {
	for _f in $(letters_to alice@mail.example); do
		grep -l 'multipart/mixed' "$_f"
	done
}
one_reminder() {
	[ "$(reminders | wc -l)" -ge 1 ]
}
ran() {
	[ -n "$(sqlite3 "$T/db/ica.db" \
		"SELECT 1 FROM setting WHERE name = 'reminder.30'")" ]
}
wait_for "the first look" ran
daemon_stop || fail "stop"
# 60 days later: the ends come near, a second apart
sqlite3 "$T/db/ica.db" "UPDATE certificate SET not_after = number +
	(SELECT CAST(value AS INTEGER) FROM setting
	WHERE name = 'reminder.30')" || fail "sqlite3"
daemon_start
wait_for "the reminder" one_reminder
f=$(reminders | head -n 1)
python3 - "$f" "$T/root.pem" <<'PY' || fail "the letter or its calendar is wrong"
import email, email.policy, re, sys
m = email.message_from_binary_file(open(sys.argv[1], 'rb'),
                                   policy=email.policy.default)
parts = list(m.walk())
text = m.get_body().get_content()
assert 'ends in 30 days' in m['subject'], m['subject']
assert 'notify reminders off' in text
ics = [p for p in parts if p.get_content_type() == 'text/calendar']
assert len(ics) == 1 and ics[0].get_filename() == 'certificate.ics'
raw = ics[0].get_payload(decode=True)
assert raw.endswith(b'END:VCALENDAR\r\n')
assert raw.count(b'\n') == raw.count(b'\r\n')
for line in raw.split(b'\r\n'):
    assert len(line) <= 75, line
whole = raw.replace(b'\r\n ', b'').decode()
for want in ('BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:', 'BEGIN:VEVENT',
             'UID:', 'DTSTAMP:', 'DTSTART:', 'END:VEVENT'):
    assert ('\r\n' + want in '\r\n' + whole), want
assert re.search(r'\r\nDTSTART:\d{8}T\d{6}Z\r\n', whole)
PY
sleep 1
daemon_stop || fail "stop"
before=$(reminders | wc -l)
daemon_start
wait_for "ssh" as alice whoami
as alice contact remove two@mail.example 2>/dev/null || fail "contact remove"
wait_for "a letter after the start" letters_beyond two@mail.example 3
[ "$(reminders | wc -l)" -eq "$before" ] || fail "reminded twice"
[ "$(sqlite3 "$T/db/ica.db" "SELECT count(*) FROM audit
	WHERE action = 'certificate.remind' AND object = (SELECT serial
	FROM certificate WHERE request = $n)")" -eq 0 ] ||
	fail "a replaced one was spoken of"

step "a quota bounds what a member has, staff give more, and it is logged"
as staff member quota alice 1 2>/dev/null || fail "member quota"
make_csr "$T/beta" beta.example
expect 1 as alice request --domain beta.example <"$T/beta.csr" 2>"$T/err"
has "(quota)" "$T/err"
as staff member quota alice 50 2>/dev/null || fail "member quota"
as alice request --domain beta.example <"$T/beta.csr" >/dev/null 2>&1 ||
	fail "request"
as auditor audit --filter account.quota | grep -q account.quota ||
	fail "not in the log"
exit 0
