#!/bin/sh
# 70-recovery.sh - an account whose key is lost is recovered through the guests'
# door: a code to its address, time in which anybody of it can stop it, staff's
# word for an account of the staff; nothing tells a stranger which names exist.
# S12.1 S2.1 S6.1
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

trial_start policy.recovery_hours=0 mail.staff_to=desk@ca.example \
	policy.registrations_per_source_day=60 \
	policy.registrations_per_address_day=12

member alice
prove alice alpha.example
key_make new
key_make new2
key_make thief

# begin NAME KEY: has a code mailed for NAME, shows it.
begin() {
	_before=$(letters_count "$1@mail.example")
	guest "$2" recover "$1" >"$T/out" 2>"$T/err" || fail "recover $1"
	wait_for "the letter" letters_beyond "$1@mail.example" "$_before"
	mail_code "$1@mail.example"
}

opened() {
	ssh_to "$1" "$2" whoami >"$T/out" 2>/dev/null
}

step "a name that does not exist is answered like one that does"
guest thief recover alice >"$T/out1" 2>"$T/err1" || fail "recover"
guest thief recover alicf >"$T/out2" 2>"$T/err2" || fail "recover"
sed 's/alicf/alice/' "$T/err2" | cmp - "$T/err1" || fail "an oracle: words"
cmp "$T/out1" "$T/out2" || fail "an oracle: data"
bad=AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA
expect 1 guest thief recover alice $bad 2>"$T/err1"
expect 1 guest thief recover alicf $bad 2>"$T/err2"
cmp "$T/err1" "$T/err2" || fail "an oracle: wrong code"
expect 1 guest thief recover alice $bad --stop 2>"$T/err1"
expect 1 guest thief recover alicf $bad --stop 2>"$T/err2"
cmp "$T/err1" "$T/err2" || fail "an oracle: stop"
expect 2 guest thief recover alice --stop 2>/dev/null
guest thief recover alicf --json 2>/dev/null |
	grep -q '"number":0.*"state":"mailed"' || fail "json"

step "the code, with a new key, opens the account; the old key does not"
before=$(letters_count hostmaster@alpha.example)
code=$(begin alice new)
has "a letter with a code goes to its address" "$T/err"
guest new recover alice "$(echo "$code" | tr 'A-Z' 'a-z' | tr -d -)" \
	>"$T/out" 2>"$T/err" || [ $? -eq 4 ] || fail "recover with the code"
wait_for "the new key" opened new alice
expect 255 ssh_to alice alice whoami >/dev/null 2>&1
as_alice() { ssh_to new alice "$@"; }
as_alice key list >"$T/out" || fail "key list"
[ "$(grep -c SHA256 "$T/out")" -eq 1 ] || fail "old keys are there still"
as_alice domain list | grep -q 'alpha.example.*proven' || fail "domains"
wait_for "the proof mailbox hears of it" letters_beyond \
	hostmaster@alpha.example $((before + 1))
letters_to hostmaster@alpha.example | while read -r f; do
	letter_body "$f"
done >"$T/letters"
has "this SSH key will open the account" "$T/letters"
has "was recovered" "$T/letters"

step "the same code again opens nothing"
expect 1 guest thief recover alice "$code" 2>"$T/err"
has "(code)" "$T/err"

step "an account of the staff needs somebody else's word"
code=$(begin staff new2)
expect 4 guest new2 recover staff "$code" >"$T/out" 2>"$T/err"
has "nobody yet" "$T/out"
as staff2 alarms | grep -q "recovery.*staff" || fail "no alarm"
expect 1 as staff recovery approve staff 2>"$T/err"
has "approval-own" "$T/err"
expect 1 as staff2 recovery approve staff --key SHA256:wrong 2>"$T/err"
has "recovery-key" "$T/err"
expect 1 as auditor recovery approve staff 2>/dev/null
expect 255 ssh_to new2 staff whoami >/dev/null 2>&1
as staff2 recovery list | grep -q "staff.*waiting.*SHA256.*nobody" ||
	fail "recovery list"

step "its own key is told at login, and stops it"
as staff whoami 2>&1 | grep -q "recovery stop" || fail "whoami does not tell"
as staff recovery stop >"$T/out" 2>&1 || fail "recovery stop"
expect 3 as staff recovery stop >/dev/null 2>&1
expect 3 as staff2 recovery approve staff >/dev/null 2>&1
as staff2 alarms --state open | grep -q recovery && fail "the alarm stays"
opened staff staff || fail "staff lost the key"

step "the code of the letter stops it as well, with any key"
code=$(begin staff new2)
before=$(letters_count staff@mail.example)
expect 4 guest new2 recover staff "$code" >/dev/null 2>&1
wait_for "the letter that tells" letters_beyond staff@mail.example "$before"
stop=$(mail_code staff@mail.example)
expect 1 guest thief recover staff "$code" --stop 2>/dev/null
guest thief recover staff "$stop" --stop >"$T/out" 2>&1 || fail "stop"
has "stopped" "$T/out"

step "approved by a colleague the new key opens it"
code=$(begin staff new2)
expect 4 guest new2 recover staff "$code" >/dev/null 2>&1
key=$(ssh-keygen -lf "$T/keys/new2.pub" | cut -d' ' -f2)
as staff2 recovery approve staff --key "$key" >"$T/out" 2>&1 || fail "approve"
wait_for "the new key" opened new2 staff
expect 255 ssh_to staff staff whoami >/dev/null 2>&1

step "a key that opens an account opens no second one"
code=$(begin finance auditor)
expect 1 guest auditor recover finance "$code" 2>"$T/err"
has "key-in-use" "$T/err"

step "no code is in the database or the log, and the chain holds"
ctl verify >"$T/out" 2>&1 || fail "verify"
for c in "$code" "$stop"; do
	grep -qF "$c" "$T/log/xmpp-icad.log" && fail "a code in the log"
done
[ "$(sqlite3 "$T/db/ica.db" "SELECT count(*) FROM notice
	WHERE state = 'sent' AND length(blanks) > 0")" -eq 0 ] ||
	fail "a letter that has left is kept"

step "letters of a day are counted by name, real or not"
for name in finance nobody-here; do
	n=0
	while guest thief recover $name >/dev/null 2>"$T/err"; do
		n=$((n + 1))
		[ $n -lt 30 ] || fail "no end of letters"
	done
	has "limit-recover" "$T/err"
done
exit 0
