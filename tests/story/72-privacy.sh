#!/bin/sh
# 72-privacy.sh - what is held on a member: he reads who looked, takes all of
# it with him, and leaves; nothing public names him.  The website's key can
# register and ask for a state.  A new agreement comes before the next
# certificate.  S3.2 S3.3 S4.2 S4.3 S4.6 S4.7 J4.2 J7.1 J1.1
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

trial_start
for who in alice bob; do
	member $who
done
prove alice alpha.example
prove bob beta.example
n=$(issue alice alpha.example)
m=$(issue bob beta.example)

step "a look is logged, and the member reads it"
as staff show "$n" >"$T/out" || fail "show"
as staff member show alice >"$T/out" || fail "member show"
has "alice@mail.example" "$T/out"
as auditor member show alice >"$T/out" || fail "member show"
has "a****@mail.example" "$T/out"
as auditor member show alice --reason "'sample of the quarter'" >"$T/out"
has "alice@mail.example" "$T/out"
as staff member list >"$T/out"
grep -q 'alice@mail' "$T/out" && fail "a list shows addresses"
as alice account looks >"$T/out" || fail "account looks"
has "sample of the quarter" "$T/out"
[ "$(grep -c auditor "$T/out")" -eq 2 ] || fail "two looks of the auditor"
has "request $n" "$T/out"
as bob account looks 2>&1 | grep -q "sample" && fail "another's looks"
as auditor audit --filter alice --limit 200 >"$T/out"
grep -q 'alice@mail' "$T/out" && fail "the log shows addresses to an auditor"

step "whose data was held, from when to when"
ctl breach --from 2020-01-01 >"$T/out" || fail "breach"
grep -q "^alice	alice@mail.example	1	0	1	1	1	" "$T/out" ||
	fail "breach: alice"
as staff breach --from 2020-01-01 --to 2020-01-02 >"$T/out" 2>/dev/null
grep -q alice "$T/out" && fail "before there was anybody"
expect 2 as staff breach --from yesterday 2>/dev/null
expect 1 as alice breach --from 2020-01-01 2>/dev/null

step "all that is held on alice, and nothing of bob"
as alice export-me >"$T/alice.json" || fail "export-me"
python3 - "$T/alice.json" <<'PY' || fail "the export"
import json, sys
d = json.load(open(sys.argv[1]))
assert d['v'] == 1 and d['command'] == 'export-me'
text = json.dumps(d)
assert 'bob' not in text and 'beta.example' not in text
assert d['account'][0]['email'] == 'alice@mail.example'
for s in ('ssh_key', 'domain', 'challenge', 'request', 'certificate',
          'notice', 'log', 'log_about', 'acceptance'):
    assert len(d[s]) > 0, s
PY

step "an export that breaks off books nothing; the next is whole"
as alice export-me 2>/dev/null | head -c 200 >"$T/half"
as alice export-me >"$T/again.json" || fail "export-me after half of one"
python3 -c 'import json, sys
a, b = (json.load(open(f)) for f in sys.argv[1:3])
assert set(a) == set(b)' "$T/alice.json" "$T/again.json" || fail "export again"

step "the website's key registers, asks for a state, and nothing else"
key_make website
key_make dora
ctl account add website --email web@mail.example --role website \
	--key "$T/keys/website.pub" >/dev/null || fail "account"
as website register dora dora@mail.example --accept <"$T/keys/dora.pub" \
	2>"$T/err" || fail "register"
wait_for "the code" mail_code dora@mail.example
expect 1 guest website confirm dora "$(mail_code dora@mail.example)" 2>/dev/null
guest dora confirm dora "$(mail_code dora@mail.example)" >/dev/null 2>&1 ||
	fail "confirm"
as dora whoami >/dev/null || fail "dora"
as website status "$n" --json >"$T/out" || fail "status"
grep -q '"state":"issued"' "$T/out" || fail "state"
grep -q 'alice\|alpha' "$T/out" && fail "the website learns more than a state"
as website version >/dev/null && as website whoami >/dev/null || fail "whoami"
for c in "approve $n" "member list" "queue" "cert $n" "list" "domain list" \
	"revoke $n superseded" "request" "audit" "contact list" "key list" \
	"key add" "search alice" "export-me" "show $n" "mail" "system"; do
	# shellcheck disable=SC2086
	expect 1 as website $c >/dev/null 2>&1 </dev/null
done

step "a new agreement comes before the next certificate"
daemon_stop || fail "stop"
sed -i 's/^\[policy\]$/[policy]\nagreement_version = 2/' "$T/xmpp-ica.conf"
daemon_start
wait_for "ssh" as bob whoami
make_csr "$T/b2" beta.example
expect 1 as bob request --domain beta.example <"$T/b2.csr" 2>"$T/err"
has "(agreement)" "$T/err"
as bob whoami 2>&1 | grep -q "agreement" || fail "whoami does not tell"
as bob agreement --accept >/dev/null 2>&1 || fail "accept"
as bob request --domain beta.example <"$T/b2.csr" >/dev/null 2>&1 ||
	fail "request"
[ "$(sqlite3 "$T/db/ica.db" "SELECT group_concat(version) FROM acceptance
	WHERE account = (SELECT number FROM account WHERE name = 'bob')")" = \
	1,2 ] || fail "acceptances"

step "with a good certificate alice is not let go, then she is"
expect 1 as alice close-account >/dev/null 2>"$T/err"
has "close-account --confirm alice" "$T/err"
expect 1 as alice close-account --confirm alice >"$T/out" 2>"$T/err"
has "alpha.example" "$T/out"
has "close-certificates" "$T/err"
as alice cert "$n" --leaf >"$T/leaf.pem" || fail "cert"
as alice close-account --revoke --confirm alice >"$T/out" 2>"$T/err" ||
	fail "close-account"
expect 255 as alice whoami >/dev/null 2>&1
revoked() {
	[ "$(ocsp_of "$T/leaf.pem")" = revoked ]
}
wait_for "the revocation" revoked
closing_letter() {
	for _f in $(letters_to alice@mail.example); do
		letter_body "$_f"
	done | grep -q "was closed"
}
wait_for "the last letter" closing_letter

step "nothing of her is left but the name, and the log verifies"
ctl verify >"$T/out" 2>&1 || fail "verify: $(cat "$T/out")"
[ "$(sqlite3 "$T/db/ica.db" "SELECT state || email FROM account
	WHERE name = 'alice'")" = closed ] || fail "the row"
expect 1 guest bob register alice x@mail.example --accept 2>/dev/null
gone() {
	! sqlite3 "$T/db/ica.db" .dump | grep -q 'alice@mail.example'
}
wait_for "her address to be gone" gone
[ "$(sqlite3 "$T/db/ica.db" "SELECT count(*) FROM audit
	WHERE actor = 'alice'")" -eq 0 ] || fail "the log has her openings"
ctl verify >"$T/out" 2>&1 || fail "verify: $(cat "$T/out")"

step "nothing public has an address or a member's name"
mkdir "$T/public"
curl -sf "$URL/feed.json" -o "$T/public/feed.json" || fail "feed"
curl -sf "$URL/crl/ica-server-1.crl" -o "$T/public/the.crl" || fail "crl"
curl -sf "$URL/metrics" -o "$T/public/metrics" || fail "metrics"
cp -R "$T/published/." "$T/public/"
for w in '@mail.example' alice bob dora staff2 'hostmaster@'; do
	if grep -rqaF -- "$w" "$T/public"; then
		fail "public: '$w' in $(grep -rlaF -- "$w" "$T/public" | head -n 1)"
	fi
done
grep -E '[a-z0-9]@[a-z]' "$T/log/xmpp-icad.log" >"$T/out" &&
	fail "an address in the operator's log"
python3 - "$T/public/feed.json" "$SRC/share/doc/feed.md" <<'PY' || fail "feed"
import json, re, sys
feed = json.load(open(sys.argv[1]))
doc = open(sys.argv[2]).read()
known = set(re.findall(r'^\| `([a-z_.\[\]0-9]+)` \|', doc, re.M))
seen = set()
def walk(v, at):
    if isinstance(v, dict):
        for k in v:
            walk(v[k], at + '.' + k if at else k)
    elif isinstance(v, list):
        for x in v:
            walk(x, at + '[]')
    else:
        seen.add(at)
walk(feed, '')
assert seen <= known, 'not in feed.md: %s' % sorted(seen - known)
PY
step "neither reports nor what auditors, other members and the operator see"
NOW=$(date -u +%YQ)$((($(date -u +%-m) - 1) / 3 + 1))
mkdir "$T/reports" "$T/auditor"
as auditor report "$NOW" --draft >"$T/reports/text" || fail "report"
for form in csv html json; do
	as auditor report "$NOW" --draft --$form >"$T/reports/$form" ||
		fail "report --$form"
done
if grep -raE 'alice|bob|dora|mail\.example|(alpha|beta)\.example' \
	"$T/reports"; then
	fail "a report names somebody"
fi
k=0
for c in "member list" "audit --limit 500" "queue" "list" "search bob" \
	"mail" "show $m" "domain list" "alarms" "recovery list" "system" \
	"audit --export csv" "audit --export jsonl"; do
	k=$((k + 1))
	case $c in
	*--export*) json= ;;
	*) json=--json ;;
	esac
	# shellcheck disable=SC2086
	as auditor $c $json >"$T/auditor/$k" 2>/dev/null </dev/null
done
if grep -raE '(alice|bob|dora)@mail' "$T/auditor"; then
	fail "an auditor reads an address without a reason"
fi
ctl evidence --out "$T/pack.tar" >/dev/null 2>"$T/err" || fail "evidence"
if tar xOf "$T/pack.tar" | grep -aE '(alice|bob|dora)@mail'; then
	fail "the evidence has an address"
fi
python3 - "$T/mail" <<'PY' || fail "letters"
import email, os, sys
from email import policy
people = ('alice', 'bob', 'dora')
n = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), 'rb') as f:
            m = email.message_from_binary_file(f, policy=policy.default)
        n += 1
        to = str(m['To'])
        text = str(m['Subject']) + ''.join(p.get_content()
            for p in m.walk() if p.get_content_type().startswith('text/'))
        for who in people:
            mine = who + '@mail.example' in to
            assert mine or who + '@mail.example' not in text, (to, who)
            # another member's letter has not even the name
            assert mine or not any(o + '@mail.example' in to
                for o in people if o != who) or who not in text, (to, who)
assert n > 10, n
PY
# neither a code of a letter nor an address in the operator's log
for f in "$T"/mail/new/*; do
	letter_body "$f"
done | grep -oE '([A-Z2-7]{4}-){6}[A-Z2-7]{4}' | sort -u >"$T/codes"
[ -s "$T/codes" ] || fail "no code was found"
if grep -F -f "$T/codes" "$T/log/xmpp-icad.log"; then
	fail "a code in the operator's log"
fi
exit 0
