#!/bin/sh
# 75-reports.sh - the ledger, the forecast and a quarter's report: booked by
# finance, read by the auditor, submitted by the director; made again from the
# log alone, which names a figure that was changed.
# P1.1 P2.1 P2.2 P2.3 P3.2 P5.1 - P5.5 R8.1
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# says STATUS CLAUSE NAME COMMAND...: exit status, and the rule on stderr.
says() {
	_status=$1 _clause=$2
	shift 2
	expect "$_status" as "$@" </dev/null >"$T/out" 2>"$T/err"
	[ -z "$_clause" ] || has "($_clause)" "$T/err"
}

# figure NAME QUARTER: its value.
figure() {
	as auditor report "$2" --draft --csv | awk -F, -v n="$1" \
		'$1 == n { print $2 }'
}

# is VALUE NAME QUARTER
is() {
	_is=$(figure "$2" "$3")
	[ "$_is" = "$1" ] || fail "$2 is '$_is', not '$1'"
}

# The quarter now, and the one before, with a day in it.
NOW=$(date -u +%YQ)$((($(date -u +%-m) - 1) / 3 + 1))
case ${NOW#*Q} in
1) LAST=$((${NOW%Q*} - 1))Q4 DAY=$((${NOW%Q*} - 1))-11-15 ;;
2) LAST=${NOW%Q*}Q1 DAY=${NOW%Q*}-02-15 ;;
3) LAST=${NOW%Q*}Q2 DAY=${NOW%Q*}-05-15 ;;
4) LAST=${NOW%Q*}Q3 DAY=${NOW%Q*}-08-15 ;;
esac
YEAR=$(date -u +%Y)

trial_start
member alice
member bob
prove alice alpha.example
prove alice beta.example postmaster

step "what is no amount, no day, no line is refused"
says 1 cost-amount finance cost add --payee Bank -- -12.50 EUR
says 1 cost-amount finance cost add 1,50 EUR --payee Bank
says 1 cost-amount finance cost add 0.00 EUR --payee Bank
says 1 cost-digits finance cost add 12.505 EUR --payee Bank
says 1 cost-digits finance cost add 12.50 JPY --payee Bank
says 1 cost-currency finance cost add 12.50 EURO --payee Bank
says 1 cost-large finance cost add 99999999999999 EUR --payee Bank
says 1 cost-date finance cost add 12.50 EUR --payee Bank --date 2099-01-01
says 2 "" finance cost add 12.50 EUR
says 1 "" director cost add 12.50 EUR --payee Bank
says 1 "" alice cost list
expect 3 as finance cost reverse 77 2>"$T/err"

step "the ledger: costs, income, a line taken back, terms, a budget"
A=$(as finance cost add 100.00 USD --kind fixed --date "$DAY" \
	--payee "'Host \"Ltd\"<script>x</script>&<b>'" --text server --evidence inv-7 2>"$T/err") ||
	fail "cost add"
B=$(as finance cost add 12.50 USD --payee Printer --date "$DAY" \
	2>"$T/err") || fail "cost add"
says 1 cost-date finance cost reverse "$B" --date 2001-01-01
says 0 "" finance cost reverse "$B" --date "$DAY" --text mistyped
says 1 cost-reversed finance cost reverse "$B"
says 1 cost-reversal finance cost reverse "$((B + 1))"
says 0 "" finance income add 500 USD --from Sponsor --date "$DAY"
says 0 "" finance cost terms 0.40 USD --text upstream
says 0 "" finance budget "$YEAR" 300.00 USD
as auditor cost list --json | jq -e '.rows | length == 4' >/dev/null ||
	fail "cost list"
as director cost list --json | jq -e '.balances[0].shown == "400.00"' \
	>/dev/null || fail "the balance"
says 0 "" finance forecast
has "Balance of the subsidy: 400.00 USD" "$T/out"
as auditor forecast --json | jq -e '.rows[0].unit_shown == "0.60" and
	.rows[0].over == false and .rows[2].certificates == 10000' >/dev/null ||
	fail "the forecast"

step "more spent than the budget allows is an alarm, until it is taken back"
N=$(as finance cost add 9999.99 USD --payee Oops 2>"$T/err")
as finance alarms --state open 2>/dev/null | grep -q budget || fail "no alarm"
says 0 "" finance cost reverse "$N"
if as finance alarms --state open 2>/dev/null | grep -q budget; then
	fail "the alarm stays"
fi

step "certificates, refusals and codes are counted"
C=$(issue alice alpha.example)
issue alice beta.example >/dev/null
as alice revoke "$C" superseded >/dev/null 2>&1 || fail "revoke"
printf nonsense >"$T/bad.csr"
expect 1 as alice request --domain alpha.example <"$T/bad.csr" 2>"$T/err"
says 1 report-not-over auditor report "$NOW"
says 1 report-quarter auditor report 2026Q5
says 1 report-not-begun auditor report 2999Q1 --draft
says 1 "" alice report "$NOW" --draft
is 2 issued "$NOW"
is 1 active "$NOW"
is 1 revoked.superseded "$NOW"
is 2 domains "$NOW"
is 1 mailbox.hostmaster.proved "$NOW"
is 1 mailbox.postmaster.sent "$NOW"
is 80 fees.USD.by-terms "$NOW"
is 7 members "$NOW"
is 0 pending "$NOW"
as auditor report "$NOW" --draft --csv >"$T/now.csv"
grep -q '^refused\.' "$T/now.csv" || fail "no refusal by rule"
! grep -qE 'alice|@|alpha\.example' "$T/now.csv" || fail "personal data"
as auditor report "$NOW" --draft --json | jq -e '.draft' >/dev/null ||
	fail "json"

step "the log alone gives the same figures, and names one that was changed"
ctl backup "$T/copy.db" >/dev/null 2>"$T/err" || fail "backup"
expect 0 ctl report "$NOW" --db "$T/copy.db" >"$T/out" 2>"$T/err"
expect 0 ctl report "$NOW" >"$T/out" 2>"$T/err"	# of the database itself
has "good: $NOW" "$T/out"
expect 0 ctl report "$LAST" --db "$T/copy.db" >"$T/out" 2>"$T/err"
sqlite3 "$T/copy.db" "UPDATE certificate SET not_after = 1000000
	WHERE state = 'good'"
expect 1 ctl report "$NOW" --db "$T/copy.db" >"$T/out" 2>"$T/err"
has "differs: active: " "$T/out"

step "ruling documents: kept with version, hash and dates; named by issuances"
echo "the upstream's terms" >"$T/terms.txt"
expect 0 ctl document add upstream-agreement "$T/terms.txt" --version 1 \
	--from 2026-01-01 --until "$(date -u -d '+30 days' +%F)" >"$T/out"
has "$(sha256sum <"$T/terms.txt" | cut -d' ' -f1)" "$T/out"
expect 1 ctl document add upstream-agreement "$T/terms.txt" --version 1 \
	>"$T/out" 2>"$T/err"
has document-version "$T/err"
expect 1 ctl document add ca-policy "$T/terms.txt" --version ../x \
	>"$T/out" 2>"$T/err"
expect 2 ctl document add no-kind "$T/terms.txt" --version 1 \
	>"$T/out" 2>"$T/err"
SET=$(as alice documents --json | jq -r .set)
as alice documents --json | jq -e '.rows[0] | .current and .good' \
	>/dev/null || fail "documents"
issue alice alpha.example >/dev/null
as auditor audit --filter certificate.issue --json | jq -e --arg s "$SET" \
	'[.rows[] | select(.action == "certificate.issue")][0].detail | contains("documents " + $s)' >/dev/null ||
	fail "the issuance does not name its documents"
as bob document upstream-agreement --raw 2>"$T/err" |
	cmp - "$T/terms.txt" || fail "the text of a document"
says 0 "" bob document upstream-agreement 1
has "the upstream's terms" "$T/out"
says 0 "" bob document member-agreement
says 3 document bob document practice-statement
says 1 document bob document ../../ica.db
as bob documents --json | jq -e '[.rows[] | select(.number == 0)] | length == 2
	and (map(select(.kind == "member-agreement"))[0] | .accepted >= 2 and
	.word_at != null)' >/dev/null || fail "the agreement in force"
echo changed >"$T/db/documents/upstream-agreement-1"
says 5 document bob document upstream-agreement
as alice documents --json | jq -e '.rows[0].good == false' >/dev/null ||
	fail "a changed document is good"
cp "$T/terms.txt" "$T/db/documents/upstream-agreement-1"

step "a report is signed, submitted once, and stays as it is"
says 0 "" auditor report "$LAST"
as auditor report "$LAST" --csv >"$T/last.csv"
HASH=$(sha256sum <"$T/last.csv" | cut -d' ' -f1)
as auditor report "$LAST" --note >"$T/note"
has "sha256 $HASH" "$T/note"
has "quarter $LAST" "$T/note"
# the note by openssl: its last line holds key hash and signature
sed '/^$/,$d' "$T/note" >"$T/note.body"
tail -n 1 "$T/note" | sed 's/.* //' | base64 -d | tail -c 64 >"$T/note.sig"
VKEY=$(sed 's/^[^+]*+[^+]*+//' "$T/published/log/vkey")
{
	printf '\060\052\060\005\006\003\053\145\160\003\041\000'
	echo "$VKEY" | base64 -d | tail -c 32
} >"$T/log.der"
openssl pkeyutl -verify -pubin -inkey "$T/log.der" -keyform DER -rawin \
	-in "$T/note.body" -sigfile "$T/note.sig" >"$T/out" 2>&1 ||
	fail "openssl does not verify the note"
log_check() {
	"$SRC/share/verify-log" --vkey "$T/published/log/vkey" report "$@" \
		>"$T/out" 2>"$T/err"
}
log_check "$T/note" "$T/last.csv" "$T/published/log" || fail "verify-log"
has "the report of $LAST is signed" "$T/out"
sed 's/,1[0-9]*,/,77,/' "$T/last.csv" >"$T/other.csv"
expect 1 log_check "$T/note" "$T/other.csv"
sed "s/^quarter .*/quarter $NOW/" "$T/note" >"$T/other.note"
expect 1 log_check "$T/other.note" "$T/last.csv"
says 1 "" finance report submit "$LAST"
says 1 report-open finance report addend "$LAST" --text early
says 1 report-not-over director report submit "$NOW"
says 1 report-digest director report submit "$LAST" --digest "$(printf %064d 0)"
says 0 "" director report submit "$LAST" --digest "$HASH"
says 1 report-submitted director report submit "$LAST"
says 1 cost-closed finance cost add 1.00 USD --payee Late --date "$DAY"
says 0 "" finance cost add 1.00 USD --payee Late --text "'belongs to $LAST'"
says 0 "" director report addend "$LAST" \
	--text "'one invoice came late <img src=x>'"
as auditor report "$LAST" --csv | cmp - "$T/last.csv" ||
	fail "the report changed"
as auditor report "$LAST" --html >"$T/page.html"
has "one invoice came late" "$T/page.html"
has "Host &quot;Ltd&quot;&lt;script&gt;" "$T/page.html"
! grep -qiE '<script|<img|https?://' "$T/page.html" || fail "it loads something"
python3 - "$T/page.html" <<'PY' || fail "the page is no good HTML"
import html.parser, sys
void, seen, stack = {'meta'}, set(), []
class page(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        seen.add(tag)
        assert tag in {'html', 'head', 'meta', 'title', 'style', 'body', 'h1',
            'h2', 'h3', 'p', 'table', 'tr', 'td', 'div', 'pre', 'code'}, tag
        for name, _ in attrs:
            assert name in {'lang', 'charset', 'http-equiv', 'content',
                'class', 'style'}, name
        if tag not in void:
            stack.append(tag)
    def handle_endtag(self, tag):
        assert stack.pop() == tag, tag
    def handle_decl(self, decl):
        assert decl == 'DOCTYPE html'
p = page(convert_charrefs=True)
p.feed(open(sys.argv[1], encoding='utf-8').read())
p.close()
assert not stack and {'title', 'table', 'pre', 'h3'} <= seen
PY
as director report list --json | jq -e --arg q "$LAST" '.rows[] |
	select(.quarter == $q) | .state == "submitted" and .addenda == 1' \
	>/dev/null || fail "report list"
sqlite3 "$T/db/ica.db" "UPDATE report SET made = 0" 2>"$T/err" &&
	fail "a submitted report was changed"
ctl backup "$T/copy2.db" >/dev/null 2>"$T/err" || fail "backup"
expect 0 ctl report "$LAST" --db "$T/copy2.db" >"$T/out" 2>"$T/err"
has "as it was submitted" "$T/out"
sqlite3 "$T/copy2.db" "DROP TRIGGER report_unchanged; UPDATE report SET csv =
	CAST(replace(CAST(csv AS TEXT), 'cost.USD.fixed,10000',
	'cost.USD.fixed,90000') AS BLOB)"
expect 1 ctl report "$LAST" --db "$T/copy2.db" >"$T/out" 2>"$T/err"
has "differs: cost.USD.fixed: the report says 90000, the log says 10000" \
	"$T/out"
has "differs: sha256" "$T/out"

step "an account that closes takes nothing of the figures with it"
as alice close-account --revoke --confirm alice >"$T/out" 2>"$T/err" ||
	fail "close-account"
is 6 members "$NOW"
is 0 domains "$NOW"
is 0 active "$NOW"
ctl backup "$T/copy3.db" >/dev/null 2>"$T/err" || fail "backup"
expect 0 ctl report "$NOW" --db "$T/copy3.db" >"$T/out" 2>"$T/err"
has "good: $NOW" "$T/out"

step "who counts may die: the report comes all the same"
PID=$(cat "$T/xmpp-icad.pid")
COUNTER=$(pgrep -P "$(child registrar)")
[ -n "$COUNTER" ] || fail "nobody counts beside the loop"
kill -9 "$COUNTER"
is 6 members "$NOW"
is 0 active "$NOW"
has "their process is gone" "$T/log/xmpp-icad.log"

step "the evidence in one archive, with its manifest"
echo "431 passed, 0 failed" >"$T/tests.txt"
expect 0 ctl document add test-results "$T/tests.txt" --version 1.0 >"$T/out"
[ "$(as bob documents --json | jq -r .set)" = "$SET" ] ||
	fail "test results rule"
# a pen that breaks off leaves nothing that looks whole
(
	ulimit -f 8
	ctl evidence --out "$T/pack.tar"
) >"$T/out" 2>"$T/err" && fail "an archive of 8 blocks"
[ ! -e "$T/pack.tar" ] || fail "half an archive"
expect 0 ctl evidence --out "$T/pack.tar" >"$T/out" 2>"$T/err"
expect 1 ctl evidence --out "$T/pack.tar" >"$T/out" 2>"$T/err"
mkdir "$T/pack"
tar xf "$T/pack.tar" -C "$T/pack" || fail "tar"
(cd "$T/pack" && sha256sum --quiet -c evidence/MANIFEST.sha256) >"$T/out" \
	2>&1 || fail "the manifest"
cmp "$T/terms.txt" "$T/pack/evidence/documents/upstream-agreement-1" ||
	fail "the document"
cmp "$T/last.csv" "$T/pack/evidence/reports/$LAST.csv" || fail "the report"
cmp "$T/note" "$T/pack/evidence/reports/$LAST.note" ||
	log_check "$T/pack/evidence/reports/$LAST.note" "$T/last.csv" ||
	fail "the note in the archive"
cmp "$T/tests.txt" "$T/pack/evidence/documents/test-results-1.0" ||
	fail "the test results"
[ "$(wc -l <"$T/pack/evidence/agreement-acceptances.csv")" -eq 2 ] ||
	fail "acceptances"
has "good: " "$T/pack/evidence/verification.txt"
has "certificate.issue" "$T/pack/evidence/audit.csv"
has "director" "$T/pack/evidence/access-review.csv"
curl -sf "$URL/metrics" | grep -q '^xmpp_ica_' || fail "metrics"
expect 0 as auditor audit verify >/dev/null 2>"$T/err"
