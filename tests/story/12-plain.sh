#!/bin/sh
# 12-plain.sh - the main job by the dialogue in lines: without a terminal
# (`ssh HOST plain`), and on a dumb one (TERM=dumb, no command).  S2.1 S2.5
# J1.2 S2.3
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

# shellcheck disable=SC2119
trial_start

# dumb NAME: the dialogue on a pty of a terminal that can do nothing; what is
# typed waits until the console asks.
dumb() {
	{ sleep 1; cat; sleep 1; } | TERM=dumb as "$1" -tt | tr -d '\r'
}

# plain_number NAME WORDS: the number of a way in the menu.
plain_number() {
	echo 0 | as "$1" plain 2>/dev/null |
		sed -n "s/^\([0-9]*\) $2.*/\1/p" | head -n 1
}

step "a guest registers without a terminal, by numbers"
key_make carol
printf '2\ncarol\ncarol@mail.example\nyes\n\n0\n' |
	ssh_to carol register plain >"$T/out" 2>"$T/err" || fail "register"
has "MEMBER AGREEMENT" "$T/out"
has "A letter with a code goes to carol@mail.example." "$T/err"
wait_for "the letter" mail_code carol@mail.example
printf '3\ncarol\nAAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA\n%s\n0\n' \
	"$(mail_code carol@mail.example)" |
	ssh_to carol register plain >"$T/out" 2>"$T/err" || fail "confirm"
has "carol is active" "$T/err"

step "she proves a domain and asks for a certificate on a dumb terminal"
prove carol gamma.example
make_csr "$T/gamma" gamma.example
{
	printf '%s\rgamma.example\r\rplease\r' \
		"$(plain_number carol 'Request a certificate')"
	sleep 1
	tr '\n' '\r' <"$T/gamma.csr"
	sleep 1
	printf 'yes\r0\r'
} | dumb carol >"$T/out" 2>"$T/err" || fail "dumb dialogue"
has "Verdict: accept" "$T/out"
has "waits for approval" "$T/out"
has "Goodbye." "$T/out"
expect 4 as carol status 1 >/dev/null 2>&1

step "nothing there moves a cursor"
if LC_ALL=C grep -q "$(printf '\033')" "$T/out"; then
	fail "an escape sequence on a dumb terminal"
fi

step "staff see the evidence and approve, in lines too"
printf '%s\n1\n1\nfine\n\n0\n' "$(plain_number staff 'Decide')" |
	as staff plain >"$T/out" 2>"$T/err" || fail "decide"
has "Proof: gamma.example" "$T/out"
wait_for "the certificate" as carol cert 1
printf '%s\n1\n\n0\n' "$(plain_number carol 'Fetch')" |
	as carol plain >"$T/out" 2>/dev/null || fail "fetch"
sed -n '/-BEGIN CERT/,/-END CERT/p' "$T/out" >"$T/chain.pem"
openssl verify -CAfile "$T/root.pem" -untrusted "$T/ica.pem" \
	"$T/chain.pem" >"$T/err" 2>&1 || fail "openssl verify"

step "a typing error costs nothing"
printf 'stauts\n99\nstatus 1\n\004' | as carol plain >"$T/out" \
	2>"$T/err" || fail "typing errors"
has "Did you mean: status?" "$T/err"
has "There is no number 99 here." "$T/err"
has "State: good" "$T/out"

echo "all is well"
