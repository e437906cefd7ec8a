#!/bin/sh
# 50-revocation.sh - taking back: by whoever holds the certified key, with all
# of its certificates, and thousands at once by two persons, over a kill -9.
# S7.1 S7.2 S7.3 S7.6 S10.1 S10.3 J2.1
# shellcheck disable=SC1091
. "$(dirname "$0")/../lib.sh"

MANY=${MANY:-10000}

sql() {
	sqlite3 -cmd '.timeout 5000' "$T/db/ica.db" "$1"
}

serial_of() {
	openssl x509 -in "$1" -noout -serial | cut -d= -f2
}

# rsa_csr FILE DOMAIN
rsa_csr() {
	openssl req -new -newkey rsa:2048 -nodes -keyout "$1.key" \
		-out "$1.csr" -subj "/CN=$2" 2>/dev/null ||
		fail "openssl req"
}

# submit NAME DOMAIN FILE: requested, approved, fetched into FILE.pem
submit() {
	_n=$(as "$1" request --domain "$2" <"$3.csr" 2>"$T/err") ||
		fail "request: $(cat "$T/err")"
	as staff approve "$_n" >/dev/null 2>"$T/err" ||
		fail "approve: $(cat "$T/err")"
	as "$1" cert "$_n" --leaf >"$3.pem" 2>/dev/null || fail "cert $_n"
	echo "$_n"
}

# challenge WHO SERIAL: its text in $T/challenge.txt
challenge() {
	ssh_to "$1" "${3:-register}" revoke-by-key "$2" \
		>"$T/challenge.txt" 2>"$T/err" </dev/null
}

sign_with() {
	openssl dgst -sha256 -sign "$1" "$T/challenge.txt"
}

step "a trial authority with certificates of an EC and of an RSA key"
trial_start
member alice
member bob
prove alice ec.example
prove alice rsa.example
prove alice twin.example
make_csr "$T/ec" ec.example
rsa_csr "$T/rsa" rsa.example
N_EC=$(submit alice ec.example "$T/ec")
N_RSA=$(submit alice rsa.example "$T/rsa")
EC=$(serial_of "$T/ec.pem")
RSA=$(serial_of "$T/rsa.pem")
cp "$T/rsa.key" "$T/twin.key"
openssl req -new -key "$T/twin.key" -subj /CN=twin.example -out "$T/twin.csr"
N_TWIN=$(submit alice twin.example "$T/twin")
TWIN=$(serial_of "$T/twin.pem")
key_make stranger

step "a stranger without an account holds the EC key: two commands (S7.1)"
challenge stranger "$EC" || fail "revoke-by-key: $(cat "$T/err")"
[ "$(wc -l <"$T/challenge.txt")" -eq 1 ] || fail "the challenge is one line"
has "certificate $(echo "$EC" | tr A-F a-f)" "$T/challenge.txt"
has "service localhost" "$T/challenge.txt"
has "openssl dgst -sha256 -sign KEY.pem challenge.txt |" "$T/err"
has "revoke-by-key $EC --answer" "$T/err"
sign_with "$T/rsa.key" >"$T/wrong"
expect 1 ssh_to stranger register revoke-by-key "$EC" --answer \
	<"$T/wrong" >"$T/out" 2>"$T/err"
has "key-proof-signature" "$T/err"
head -c 100000 /dev/urandom | expect 1 ssh_to stranger register \
	revoke-by-key "$EC" --answer >"$T/out" 2>"$T/err"
has "too long for a signature" "$T/err"
cat "$T/ec.key" | expect 1 ssh_to stranger register \
	revoke-by-key "$EC" --answer >"$T/out" 2>"$T/err"
has "private key; it was not sent" "$T/err"
expect 2 ssh_to stranger register revoke-by-key "$EC" \
	--reason cACompromise --answer </dev/null 2>"$T/err"
[ "$(ocsp_of "$T/ec.pem")" = good ] || fail "revoked by a wrong answer"
sign_with "$T/ec.key" >"$T/right"
ssh_to stranger register revoke-by-key "$EC" --answer <"$T/right" \
	>"$T/out" 2>"$T/err" || fail "the right answer: $(cat "$T/err")"
has "is revoked (revocation 1, keyCompromise)" "$T/err"
wait_for "OCSP to say so" sh -c ". '$SRC/tests/lib.sh'; T='$T' URL='$URL'
	[ \"\$(ocsp_of '$T/ec.pem')\" = revoked ]"

step "a challenge counts once; a revoked certificate gives no other"
expect 1 ssh_to stranger register revoke-by-key "$EC" --answer \
	<"$T/right" >"$T/out" 2>"$T/err"
has "key-proof-used" "$T/err"
expect 1 ssh_to stranger register revoke-by-key "$EC" </dev/null \
	>"$T/out" 2>"$T/err"
has "revoked already" "$T/err"
expect 3 ssh_to stranger register revoke-by-key 4fdeadbeef </dev/null \
	>"$T/out" 2>"$T/err"
expect 1 ssh_to stranger register revoke-by-key "$RSA" --answer \
	<"$T/right" >"$T/out" 2>"$T/err"
has "key-proof-none" "$T/err"
[ "$(sql "SELECT count(*) FROM audit WHERE action = 'revocation.prove' AND
	outcome = 'refused'")" -ge 3 ] || fail "refusals are in the log"

step "the owner is told: letter, banner once, exit status 6 (S10.1, S10.3)"
wait_for "the letter" letters_beyond alice@mail.example 3
letter_body "$(letters_to alice@mail.example | tail -n 1)" >"$T/letter"
wait_for "the letter about the revocation" sh -c ". '$SRC/tests/lib.sh'
	T='$T'; for f in \$(letters_to alice@mail.example); do
	letter_body \"\$f\"; done | grep -q 'asked by *the holder of its key'"
as alice domain list >/dev/null 2>"$T/err" || fail "domain list"
as alice list >/dev/null 2>"$T/err" || fail list
has "Revoked since you were told last: 1 of your certificates" "$T/err"
as alice list >/dev/null 2>"$T/err" || fail list
! grep -q "Revoked since" "$T/err" || fail "told twice"
expect 6 as alice status "$N_EC" >"$T/out" 2>"$T/err"
expect 1 as alice request --domain ec.example <"$T/ec.csr" \
	>"$T/out" 2>"$T/err"
has "key-blocked" "$T/err"

step "only the owner, staff and the key's holder may (J2.1, S7.2)"
expect 3 as bob revoke "$N_RSA" superseded 2>"$T/err"
expect 2 as alice revoke "$N_RSA" privilegeWithdrawn 2>"$T/err"
[ "$(sql "SELECT outcome FROM audit WHERE action = 'revocation.request' AND
	actor = 'bob'")" = refused ] || fail "bob's try is in the log"

step "the key of two certificates: named, then revoked together (S7.6)"
as staff member suspend alice >/dev/null 2>&1 || fail suspend
as alice revoke "$N_RSA" keyCompromise 2>"$T/err" ||
	fail "revoke: $(cat "$T/err")"
has "Same key: certificate $(echo "$TWIN" | tr A-F a-f)" "$T/err"
has "revoke $N_RSA keyCompromise --all-with-key" "$T/err"
_first=$(sql "SELECT count(*) FROM revocation")
as alice revoke "$N_RSA" keyCompromise 2>"$T/err" || fail again
[ "$(sql "SELECT count(*) FROM revocation")" -eq "$_first" ] ||
	fail "asking again changed something"
expect 0 as alice revoke "$N_RSA" keyCompromise --all-with-key 2>"$T/err"
has "1 certificates with the same key were revoked too" "$T/err"
expect 6 as alice status "$N_TWIN" >/dev/null 2>"$T/err"
as staff member reinstate alice >/dev/null 2>&1 || fail reinstate

step "$MANY certificates of one member"
prove bob many.example
make_csr "$T/many" many.example
N=$(submit bob many.example "$T/many")
daemon_stop || fail "stop"
sql "
CREATE TEMP TABLE k AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
	SELECT i + 1 FROM n WHERE i < $MANY) SELECT i FROM n;
INSERT INTO request (number, account, state, profile, first, domains,
	subject_cn, note, digest, csr_sha256, spki_sha256, key_words, created,
	decided, serial)
	SELECT 100000 + i, account, state, profile, first, domains, subject_cn,
	note, digest, csr_sha256, randomblob(32), key_words, created, decided,
	'' FROM request, k WHERE number = $N;
INSERT INTO request_domain SELECT 100000 + i, place, domain
	FROM request_domain, k WHERE request = $N;
INSERT INTO certificate (number, request, account, serial, issuer, state,
	not_before, not_after, issued, sha256, spki_sha256, policy)
	SELECT 100000 + i, 100000 + i, account,
	printf('3f%032x', 1000000 + i), issuer, state, not_before, not_after,
	issued, sha256, randomblob(32), policy
	FROM certificate, k WHERE request = $N;
INSERT INTO certificate_der SELECT 100000 + i, d.der
	FROM certificate_der d, k WHERE d.certificate =
	(SELECT number FROM certificate WHERE request = $N);
" || fail "sqlite3"
daemon_start
wait_for ssh as staff whoami

step "a plan is a dry run, and nobody confirms his own"
expect 1 as staff revoke-many superseded 2>"$T/err"
expect 3 as staff revoke-many superseded --domain nobody.example 2>"$T/err"
expect 1 as bob revoke-many superseded --domain many.example 2>"$T/err"
as staff revoke-many cessationOfOperation --domain many.example \
	--account bob --method mail >"$T/out" 2>"$T/err" ||
	fail "revoke-many: $(cat "$T/err")"
has "Count: $((MANY + 1))" "$T/out"
has "Nothing is revoked yet" "$T/err"
PLAN=$(sed -n 's/^Plan: //p' "$T/out")
[ "$(sql "SELECT count(*) FROM certificate WHERE state = 'good'")" -gt \
	"$MANY" ] || fail "a dry run revoked"
expect 1 as staff revoke-many --confirm "$PLAN" 2>"$T/err"
has "revocation-plan-own" "$T/err"
expect 1 as staff2 revoke-many --confirm "$PLAN" --digest \
	0000000000000000000000000000000000000000000000000000000000000001 \
	2>"$T/err"
has "revocation-plan-digest" "$T/err"
CRL=$(sql "SELECT crl_number FROM issuer")

step "a second person confirms; the registrar falls in the middle"
START=$(date +%s%N)
as staff2 revoke-many --confirm "$PLAN" >"$T/out" 2>"$T/err" ||
	fail "confirm: $(cat "$T/err")"
plan_done() { sql "SELECT done FROM revocation_plan WHERE number = $PLAN"; }
started() { [ "$(plan_done)" -gt 0 ]; }
wait_for "the first slice" started
kill -9 "$(child registrar)"
DONE=$(plan_done)
[ "$DONE" -lt "$((MANY + 1))" ] || fail "it was too quick to be killed"
echo "killed after $DONE of $((MANY + 1))"
[ "$(sql "SELECT count(*) FROM revocation WHERE reason = 5")" -eq "$DONE" ] ||
	fail "cursor and rows differ"
finished() {
	[ "$(sql "SELECT state FROM revocation_plan WHERE number = $PLAN")" = \
		"done" ]
}
wait_for "the plan to go on by itself" finished
END=$(date +%s%N)
echo "$((MANY + 1)) revoked in $(((END - START) / 1000000)) ms, with the fall"
[ "$(sql "SELECT count(*), count(DISTINCT certificate) FROM revocation
	WHERE reason = 5")" = "$((MANY + 1))|$((MANY + 1))" ] ||
	fail "each certificate once"
as auditor revoke-many --show "$PLAN" >"$T/out" 2>"$T/err" || fail show
has "State: done" "$T/out"
has "(100 %)" "$T/out"
has "Confirmed by: staff2" "$T/out"

step "one CRL at the end lists them; OCSP says so; letters are queued"
in_crl() {
	curl -sf "$URL/crl/ica-server-1.crl" -o "$T/crl" &&
		[ "$(openssl crl -inform DER -in "$T/crl" -noout -text |
		grep -c 'Cessation Of Operation')" -eq "$((MANY + 1))" ]
}
wait_for "the CRL" in_crl
openssl crl -inform DER -in "$T/crl" -CAfile "$T/ica.pem" -noout 2>"$T/out"
has "verify OK" "$T/out"
CRLS=$(($(sql "SELECT crl_number FROM issuer") - CRL))
echo "$CRLS CRLs since the plan was confirmed"
[ "$CRLS" -le 3 ] || fail "a CRL for each slice"
many_revoked() { [ "$(ocsp_of "$T/many.pem")" = revoked ]; }
wait_for "OCSP" many_revoked
answers_made() {
	[ "$(sql "SELECT count(*) FROM answer_due WHERE due <=
		strftime('%s', 'now')")" -eq 0 ]
}
PATIENCE=60 wait_for "all answers" answers_made
echo "all answers after $((($(date +%s%N) - START) / 1000000)) ms"
[ "$(sql "SELECT count(*) FROM notice WHERE kind = 'revoked'")" -ge \
	"$((MANY + 1))" ] || fail "a letter for each"
# the chain is whole; the many were put in by hand, and that is found
expect 1 as auditor audit verify >"$T/out" 2>"$T/err"
has "table certificate: 3f" "$T/err"
has ": the log does not know its issuance" "$T/err"
expect 1 as staff2 revoke-many --confirm "$PLAN" 2>"$T/err"
as bob list --limit 1 >/dev/null 2>"$T/err" || fail list
has "Revoked since you were told last: $((MANY + 1))" "$T/err"
