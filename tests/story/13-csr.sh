#!/bin/sh
# 13-csr.sh - what becomes of a CSR: good ones of every kind are taken, repaired
# and told; hostile ones are refused with their rule, the same by check,
# request and xmpp-icactl check-csr (daemon running or not); a private key is
# burnt.  R3.1 R3.2 R3.3 R3.5 S5.1 S5.3 S5.5 S12.4
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

make_odd() {
	python3 "$SRC/tests/tool/make_csr.py" "$@"
}

# clean FILE...: no raw control, invisible or direction-changing character.
clean() {
	for _c; do
		if LC_ALL=C grep -anP "[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf" \
			"$_c" >"$T/dirt"; then
			cat -v "$T/dirt" >&9
			fail "raw controls in $_c"
		fi
	done
}

# The rule that stands in parentheses behind the first word of a refusal.
rule_said() {
	sed -n 's/^[A-Za-z ]* (\([a-z0-9-]*\)): .*/\1/p' "$T/err" | head -n 1
}

# taken FILE [OPTION...]: check accepts it; the verdict is in $T/out.
taken() {
	_file=$1
	shift
	as alice check "$@" <"$_file" >"$T/out" 2>"$T/err" ||
		fail "check of ${_file##*/}: $(cat "$T/err")"
	clean "$T/out" "$T/err"
}

# refused RULE FILE [OPTION...]: check and request both, by this rule, exit 1.
refused() {
	_rule=$1 _file=$2
	shift 2
	expect 1 as alice check "$@" <"$_file" >"$T/out" 2>"$T/err"
	clean "$T/out" "$T/err"
	[ "$(rule_said)" = "$_rule" ] ||
		fail "check of ${_file##*/}: $(rule_said), not $_rule"
	expect 1 as alice request "$@" <"$_file" >"$T/out" 2>"$T/err"
	[ ! -s "$T/out" ] || fail "${_file##*/}: something on standard output"
	[ "$(rule_said)" = "$_rule" ] ||
		fail "request of ${_file##*/}: $(rule_said), not $_rule"
	clean "$T/err"
}

# judged RULE FILE DOMAINS: check-csr says the same class.
judged() {
	_want=1
	[ "$1" != ok ] || _want=0
	expect $_want ctl check-csr --domains "$3" "$2" >"$T/out" 2>"$T/err"
	clean "$T/out" "$T/err"
	[ "$(tail -n 1 "$T/out")" = "class=$1" ] ||
		fail "check-csr of ${2##*/}: $(tail -n 1 "$T/out"), not class=$1"
}

ec() {
	openssl ecparam -genkey -noout -name "$2" -out "$T/$1.key" 2>"$T/err" ||
		fail "openssl ecparam"
}

plain_csr() {
	openssl req -new -key "$T/$1.key" -subj "${2:-/CN=alpha.example}" \
		-out "$T/$1.csr" 2>"$T/err" || fail "openssl req for $1"
}

# shellcheck disable=SC2119
trial_start
member alice
member bob
prove alice alpha.example
prove alice xn--strae-oqa.example
A="--domain alpha.example"

# ---- what is taken ----

step "keys: RSA 2048 and 4096, P-256, P-384"
ec p256 prime256v1
ec p384 secp384r1
openssl genrsa -out "$T/rsa2048.key" 2048 2>/dev/null
openssl genrsa -out "$T/rsa4096.key" 4096 2>/dev/null
for k in p256 p384 rsa2048 rsa4096; do
	plain_csr $k
	# shellcheck disable=SC2086
	taken "$T/$k.csr" $A
	judged ok "$T/$k.csr" alpha.example
done

step "forms: DER, NEW, CRLF, CR alone, text around, BOM, indented, no SAN"
openssl req -in "$T/p256.csr" -outform DER -out "$T/p256.der"
sed 's/ CERTIFICATE REQUEST/ NEW CERTIFICATE REQUEST/' "$T/p256.csr" \
	>"$T/new.csr"
sed 's/$/\r/' "$T/p256.csr" >"$T/crlf.csr"
tr '\n' '\r' <"$T/p256.csr" >"$T/cr.csr"
{ echo 'Dear CA, here it is:'; cat "$T/p256.csr"; echo 'Yours, A'; } \
	>"$T/around.csr"
openssl req -in "$T/p256.csr" -text >"$T/text.csr"
{ printf '\357\273\277'; cat "$T/p256.csr"; } >"$T/bom.csr"
sed 's/^/    /' "$T/p256.csr" >"$T/indented.csr"
for f in p256.der new.csr crlf.csr cr.csr around.csr text.csr bom.csr \
	indented.csr; do
	# shellcheck disable=SC2086
	taken "$T/$f" $A
	judged ok "$T/$f" alpha.example
done
# shellcheck disable=SC2086
taken "$T/around.csr" $A
has csr-text-around "$T/out"
# shellcheck disable=SC2086
taken "$T/crlf.csr" $A
has csr-normalised "$T/out"

step "what is asked for beside names is told and left out; the CN is ours"
make_odd "$T/p256.key" --cn wrong.alpha.example --san dns:ALPHA.Example. \
	--san mail:a@alpha.example --san xmpp:alpha.example \
	--san srv:_XMPP-Server.alpha.example \
	--extension 1.2.3.4,0500 --extension 2.5.29.15,030205a0,critical \
	>"$T/odd.csr"
# shellcheck disable=SC2086
taken "$T/odd.csr" $A
for rule in san-mail san-xmppaddr name-canonical ext-ignored; do
	has $rule "$T/out"
done
judged ok "$T/odd.csr" alpha.example
as alice check --domain alpha.example --json <"$T/odd.csr" >"$T/out" \
	2>"$T/err" || fail "check --json"
jq -e '.v == 1 and .accepted and
	(.names | map(.kind + " " + .value)) == ["dNSName alpha.example",
	"SRVName _xmpp-server alpha.example",
	"SRVName _xmpp-client alpha.example"]' "$T/out" >/dev/null || fail "the names in --json"

step "no SAN, and nothing in the subject: the words of the member decide"
openssl req -new -key "$T/p256.key" -subj / -out "$T/bare.csr" 2>/dev/null
# shellcheck disable=SC2086
taken "$T/bare.csr" $A
refused name-none "$T/bare.csr"

step "an IDN is typed as people write it, and certified in both forms"
taken "$T/bare.csr" --domain 'straße.example'
has xn--strae-oqa.example "$T/out"
taken "$T/bare.csr" --domain xn--strae-oqa.example --profile xmpp-rfc3920
has 'stra\u{df}e.example' "$T/out"	# no UTF-8 was said to be understood
taken "$T/bare.csr" --domain xn--strae-oqa.example --profile xmpp-rfc3920 \
	--json
[ "$(jq -r '.names[3].value' "$T/out")" = 'straße.example' ] ||
	fail "the XmppAddr in --json"
make_odd "$T/p256.key" --san 'xmpp:STRASSE.example' --san 'xmpp:straße.example' \
	>"$T/idn.csr"
refused name-unproven "$T/idn.csr" --domain 'straße.example'

step "100 domains in one certificate, 101 are refused"
set --
i=0
while [ $i -lt 100 ]; do
	set -- "$@" --san "dns:c$i.alpha.example"
	i=$((i + 1))
done
make_odd "$T/p256.key" "$@" >"$T/hundred.csr"
taken "$T/hundred.csr"
N=$(as alice request <"$T/hundred.csr" 2>"$T/err") ||
	fail "100 domains: $(cat "$T/err")"
as staff approve "$N" >/dev/null 2>"$T/err" || fail "$(cat "$T/err")"
wait_for "certificate $N" as alice cert "$N"
as alice cert "$N" --leaf | openssl x509 -noout -ext subjectAltName |
	grep -o 'DNS:c[0-9]*\.alpha\.example' | sort -u >"$T/out"
[ "$(wc -l <"$T/out")" -eq 100 ] || fail "not 100 names in the certificate"
make_odd "$T/p256.key" "$@" --san dns:one.more.alpha.example >"$T/over.csr"
refused name-too-many "$T/over.csr"

step "the same CSR for the same names twice is the same number"
# shellcheck disable=SC2086
N=$(as alice request $A <"$T/p384.csr" 2>"$T/err") || fail "request"
# shellcheck disable=SC2086
M=$(as alice request $A <"$T/p384.csr" 2>"$T/err") || fail "request again"
[ "$N" = "$M" ] || fail "$N became $M"
M=$(as alice request --domain sub.alpha.example <"$T/p384.csr" \
	2>"$T/err") || fail "$(cat "$T/err")"
has san-not-asked "$T/err"
[ "$N" != "$M" ] || fail "other names gave the same number"

# ---- what is refused ----

step "the cases: what a hostile client would send"
# case_is RULE FILE [DOMAINS]: one row of the list
: >"$T/cases"
case_is() {
	echo "$1 $T/$2 ${3:-alpha.example}" >>"$T/cases"
}
k=$T/p256.key
make_odd "$k" --san 'dns:alpha.example\x00.evil.example' >"$T/nul.csr"
case_is name-control nul.csr
make_odd "$k" --san 'dns:\x1b[2Jalpha.example' >"$T/esc.csr"
case_is name-control esc.csr
make_odd "$k" --cn 'alpha\x1b]0;owned\x07.example' >"$T/cn-esc.csr"
case_is subject-text cn-esc.csr
make_odd "$k" --cn 'a\x00b' >"$T/cn-nul.csr"
case_is subject-text cn-nul.csr
make_odd "$k" --san "xmpp:$(printf 'a\342\200\256b').example" >"$T/bidi.csr"
case_is name-bidi bidi.csr
make_odd "$k" --san "xmpp:$(printf 'a\302\233b').example" >"$T/c1.csr"
case_is name-control c1.csr
cat "$T/p256.csr" "$T/p384.csr" >"$T/two.csr"
case_is csr-several two.csr
{ cat "$T/p256.csr"; sed 's/CERTIFICATE REQUEST/CERTIFICATE/' "$T/p384.csr"; } \
	>"$T/second-label.csr"
case_is csr-several second-label.csr
openssl x509 -in "$T/root.pem" -out "$T/cert.csr"
case_is csr-label cert.csr
head -c 1048576 /dev/zero | tr '\0' A >"$T/mega.csr"
case_is csr-size mega.csr
head -c 1048576 /dev/urandom >"$T/noise.csr"
case_is csr-size noise.csr
make_odd "$k" --cn alpha.example --padding 17000 >"$T/long.csr"
case_is csr-size long.csr
head -c 3000 "$T/rsa4096.csr" | head -n 8 >"$T/cut.csr"
case_is csr-pem cut.csr
sed '5s/./*/' "$T/rsa2048.csr" >"$T/star.csr"
case_is csr-pem star.csr
echo 'hello' >"$T/hello.csr"
case_is csr-none hello.csr
cat "$T/alice.pub" "$T/keys/alice.pub" >"$T/ssh.csr" 2>/dev/null
case_is csr-none ssh.csr
openssl genpkey -algorithm ed25519 -out "$T/ed.key" 2>/dev/null
openssl req -new -key "$T/ed.key" -subj /CN=alpha.example -out "$T/ed.csr" \
	2>/dev/null
case_is key-algorithm ed.csr
ec p521 secp521r1
plain_csr p521
case_is key-ec-curve p521.csr
ec k256 secp256k1
plain_csr k256
case_is key-ec-curve k256.csr
openssl ecparam -genkey -noout -name prime256v1 -param_enc explicit \
	-out "$T/explicit.key" 2>/dev/null
plain_csr explicit
case_is key-ec-explicit explicit.csr
openssl genrsa -out "$T/rsa1024.key" 1024 2>/dev/null
plain_csr rsa1024
case_is key-rsa-short rsa1024.csr
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 \
	-pkeyopt rsa_keygen_pubexp:3 -out "$T/e3.key" 2>/dev/null
plain_csr e3
case_is key-rsa-exponent e3.csr
make_odd "$T/rsa2048.key" --hash md5 --cn alpha.example >"$T/md5.csr"
case_is csr-signature-hash md5.csr
make_odd "$T/rsa2048.key" --hash sha1 --cn alpha.example >"$T/sha1.csr"
case_is csr-signature-hash sha1.csr
make_odd "$k" --hash sha1 --cn alpha.example >"$T/ec-sha1.csr"
case_is csr-signature-hash ec-sha1.csr
openssl req -in "$T/rsa2048.csr" -outform DER | sed '$ s/.$/x/' >"$T/bent.csr"
openssl req -in "$T/rsa2048.csr" -outform DER >"$T/bent.der"
printf '\001' | dd of="$T/bent.der" bs=1 conv=notrunc status=none \
	seek=$(($(wc -c <"$T/bent.der") - 100))
printf '\002' | dd of="$T/bent.der" bs=1 conv=notrunc status=none \
	seek=$(($(wc -c <"$T/bent.der") - 99))
case_is csr-signature bent.der
{ cat "$T/p256.der"; echo more; } >"$T/trailing.der"
case_is csr-trailing trailing.der
make_odd "$k" --cn alpha.example --version 3 >"$T/version.csr"
case_is csr-version version.csr
make_odd "$k" --san dns:foreign.example >"$T/foreign.csr"
case_is name-unproven foreign.csr
make_odd "$k" --san 'dns:*.alpha.example' >"$T/wildcard.csr"
case_is name-wildcard wildcard.csr
make_odd "$k" --san 'ip:\x7f\x00\x00\x01' >"$T/ip.csr"
case_is san-kind ip.csr
make_odd "$k" --san dns:127.0.0.1 >"$T/ip-text.csr"
case_is name-ip ip-text.csr
make_odd "$k" --san uri:xmpp:alpha.example >"$T/uri.csr"
case_is san-kind uri.csr
make_odd "$k" --san xmpp:romeo@alpha.example >"$T/person.csr"
case_is san-localpart person.csr
make_odd "$k" --san srv:_smtp.alpha.example >"$T/smtp.csr"
case_is san-service smtp.csr
make_odd "$k" --cn alpha.example --extension 2.5.29.19,30030101ff,critical \
	>"$T/ca.csr"
case_is ext-ca ca.csr
make_odd "$k" --cn alpha.example --extension 2.5.29.15,03020106,critical \
	>"$T/sign.csr"
case_is ext-key-usage sign.csr
make_odd "$k" --cn alpha.example \
	--extension 2.5.29.37,300a06082b06010505070309 >"$T/eku.csr"
case_is ext-eku eku.csr
make_odd "$k" --cn alpha.example --extension 1.2.3.4,0500,critical \
	>"$T/critical.csr"
case_is ext-critical critical.csr

step "each is refused by its rule, by check and request"
while read -r rule file domains <&3; do
	refused "$rule" "$file" --domain "$domains"
done 3<"$T/cases"

step "nothing at all, and wrong options"
: >"$T/empty.csr"
expect 1 as alice check --domain alpha.example <"$T/empty.csr" >"$T/out" \
	2>"$T/err"
[ "$(rule_said)" = csr-empty ] || fail "an empty input: $(rule_said)"
expect 1 as alice request --domain alpha.example </dev/null >"$T/out" \
	2>"$T/err"
[ ! -s "$T/out" ] || fail "something on standard output"
expect 2 as alice check --frobnicate <"$T/p256.csr" >"$T/out" 2>"$T/err"
expect 2 as alice check --domain <"$T/p256.csr" >"$T/out" 2>"$T/err"
expect 2 as alice request --profile <"$T/p256.csr" >"$T/out" 2>"$T/err"
refused profile-unknown "$T/p256.csr" --domain alpha.example --profile no-such
refused name-unproven "$T/p256.csr" --domain foreign.example
refused name-wildcard "$T/p256.csr" --domain "'*.alpha.example'"
long=$(printf 'a%.0s' $(seq 70))
refused name-length "$T/p256.csr" --domain "$long.example"

step "a refusal in --json is JSON, with the rule"
expect 1 as alice request --domain alpha.example --json <"$T/esc.csr" \
	>"$T/out" 2>"$T/err"
jq -e . "$T/out" >/dev/null || fail "not JSON"
has name-control "$T/out"
clean "$T/out" "$T/err"

step "check-csr says the same class, while the daemon runs"
while read -r rule file domains <&3; do
	judged "$rule" "$file" "$domains"
done 3<"$T/cases"

step "a private key is refused aloud, blocked, and kept nowhere"
ec burnt prime256v1
plain_csr burnt
{ cat "$T/burnt.csr"; cat "$T/burnt.key"; } >"$T/both.csr"
refused csr-private-key "$T/both.csr" --domain alpha.example
has "PRIVATE KEY" "$T/err"
refused key-blocked "$T/burnt.csr" --domain alpha.example
judged csr-private-key "$T/both.csr" alpha.example
openssl genrsa -out "$T/burnt2.key" 2048 2>/dev/null
plain_csr burnt2
refused csr-private-key "$T/burnt2.key" --domain alpha.example
refused key-blocked "$T/burnt2.csr" --domain alpha.example
openssl pkey -in "$T/burnt2.key" -aes256 -passout pass:x -out "$T/enc.key"
refused csr-private-key "$T/enc.key" --domain alpha.example
line=$(sed -n 2p "$T/burnt.key")
if grep -rqF "$line" "$T/db" "$T/log" "$T/mail" 2>/dev/null; then
	fail "a private key was kept"
fi

step "another member's key is refused"
prove bob beta.example
openssl req -new -key "$T/p384.key" -subj /CN=beta.example \
	-out "$T/stolen.csr" 2>/dev/null
expect 1 as bob request --domain beta.example <"$T/stolen.csr" >"$T/out" \
	2>"$T/err"
[ "$(rule_said)" = key-other-account ] || fail "$(cat "$T/err")"

step "the corpus of the unit tests, a sample: the same rule by ssh and on the host"
corpus=${BIN%/bin}/t/corpus_make
[ -x "$corpus" ] || fail "$corpus is not built: make tests"
mkdir "$T/corpus"
prove alice jabber.net
"$corpus" "$T/corpus" 9 >"$T/corpus/list" || fail "corpus_make"
# a trial takes special names; without a domain asked for, the host's check
# has nothing proven
awk '$2 != "name-special-use" && $3 == "jabber.net" && $4 == "-"' \
	"$T/corpus/list" >"$T/corpus/host"
awk '$2 != "name-special-use" && $4 == "-" && NR % 4 == 0' \
	"$T/corpus/list" >"$T/corpus/ssh"
[ "$(wc -l <"$T/corpus/ssh")" -ge 10 ] || fail "too small a sample"
while read -r n rule asked _ <&3; do
	judged "$rule" "$T/corpus/$n.csr" "$asked"
done 3<"$T/corpus/host"
while read -r n rule asked _ <&3; do
	set --
	[ "$asked" = - ] || set -- --domain "$asked"
	if [ "$rule" = ok ]; then
		taken "$T/corpus/$n.csr" "$@"
	else
		refused "$rule" "$T/corpus/$n.csr" "$@"
	fi
done 3<"$T/corpus/ssh"

step "the log says why, and holds no raw control either"
as auditor audit --export jsonl >"$T/audit" 2>"$T/err" || fail "audit"
for rule in name-control csr-several key-algorithm; do
	has "$rule" "$T/audit"
done
clean "$T/audit" "$T/log/xmpp-icad.log"

step "check-csr says the same class, offline"
daemon_stop
while read -r rule file domains <&3; do
	judged "$rule" "$file" "$domains"
done 3<"$T/cases"
judged ok "$T/p256.csr" alpha.example
judged key-blocked "$T/burnt.csr" alpha.example
judged csr-private-key "$T/both.csr" alpha.example
echo "all is well"
