#!/bin/sh
# 31-log.sh - the log with proofs: heads that are signed and published, proofs
# that a stranger checks, a log made anew or cut, a database that is older
# than the published log, witnesses.  S11.2 S11.3 S11.5 S11.6
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"

verify_log() {
	"$SRC/share/verify-log" "$@"
}
head_size() {
	sed -n 2p "$T/published/log/checkpoint" 2>/dev/null
}
# The head covers everything up to entry N.
head_covers() {
	[ "$(head_size)" -ge "$1" ]
}

XDG_CACHE_HOME=$(mktemp -d) && export XDG_CACHE_HOME
# shellcheck disable=SC2119
trial_start
member alice
member mallory
prove alice alpha.example
N=$(issue alice alpha.example)

step "proofs of issuance and approval, checked by a stranger"
as alice proof "$N" >"$T/proofs" 2>"$T/err" || fail "proof"
KEY=$(cat "$T/published/log/vkey")
has "$KEY" "$T/err"
verify_log --vkey "$KEY" proof "$T/proofs" >"$T/out" 2>"$T/err" ||
	fail "a good proof is refused"
has "action request.approve" "$T/out"
has "action certificate.issue" "$T/out"
SERIAL=$(as alice status "$N" --json | sed 's/.*"serial": *"\([0-9a-f]*\)".*/\1/')
has "object $SERIAL" "$T/out"
as auditor proof "$N" --json >"$T/out" 2>"$T/err" || fail "the auditor's"
has '"checkpoint"' "$T/out"
expect 3 as mallory proof "$N" >"$T/out" 2>"$T/err"

step "a proof with one byte changed, of another key, or cut, is refused"
for line in 2 3 4 6 8; do
	awk -v n=$line 'NR == n { c = substr($0, 12, 1)
		$0 = substr($0, 1, 11) (c == "A" ? "B" : "A") substr($0, 13) }
		NR == n && n == 3 { $0 = "index 3" } { print }' \
		"$T/proofs" >"$T/bad"
	cmp -s "$T/proofs" "$T/bad" && continue
	expect 1 verify_log --vkey "$KEY" proof "$T/bad" >"$T/out" 2>"$T/err"
done
head -n 5 "$T/proofs" >"$T/bad"
expect 1 verify_log --vkey "$KEY" proof "$T/bad" >"$T/out" 2>"$T/err"
expect 2 verify_log proof "$T/proofs" >"$T/out" 2>"$T/err"

step "a whole copy: a folder, and from the web; nothing personal in it"
cp -R "$T/published/log" "$T/copy"
verify_log --vkey "$KEY" tree "$T/copy" >"$T/out" 2>"$T/err" || fail "tree"
cat "$T"/copy/tile/entries/*.p/* >"$T/leaves"
has "object $SERIAL" "$T/leaves"
grep -aqE 'alice|alpha\.example' "$T/leaves" && fail "a name is in the log"
verify_log --vkey "$KEY" tree "$URL/log" >"$T/out" 2>"$T/err" ||
	fail "tree of the URL"
OLD=$(head_size)
printf x | dd of="$T/copy/tile/entries/000.p/$OLD" bs=1 seek=100 conv=notrunc 2>/dev/null
expect 1 verify_log --vkey "$KEY" tree "$T/copy" >"$T/out" 2>"$T/err"
cp "$T/copy/checkpoint" "$T/old"

step "the log goes on: the new head continues the old one"
ctl backup "$T/old.db" >"$T/out" 2>"$T/err" || fail "backup"
prove alice beta.example
issue alice beta.example >/dev/null
wait_for "a newer head" head_covers $((OLD + 5))
verify_log --vkey "$KEY" consistency "$T/old" "$T/published/log/checkpoint" \
	"$T/published/log" >"$T/out" 2>"$T/err" || fail "consistency"

step "a witness cosigns"
cat >"$T/witness.py" <<'PY'
import base64, hashlib, struct, subprocess, sys
key, note, out = sys.argv[1:]
raw = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform",
    "DER"], stdout=subprocess.PIPE, check=True).stdout[-32:]
name = b"witness.example/w1"
kid = hashlib.sha256(name + b"\n\x04" + raw).digest()[:4]
if note == "key":
    print(name.decode() + "+" + kid.hex() + "+" +
        base64.b64encode(b"\x04" + raw).decode())
    sys.exit(0)
text = open(note, "rb").read()
body = text[:text.rindex(b"\n\n") + 1]
with open(out + ".tbs", "wb") as f:
    f.write(b"cosignature/v1\ntime 1790000000\n" + body)
sig = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key,
    "-in", out + ".tbs"], stdout=subprocess.PIPE, check=True).stdout
with open(out, "wb") as f:
    f.write(text + "\u2014 ".encode() + name + b" " + base64.b64encode(
        kid + struct.pack(">Q", 1790000000) + sig) + b"\n")
PY
openssl genpkey -algorithm ed25519 -out "$T/witness.key" 2>/dev/null
WITNESS=$(python3 "$T/witness.py" "$T/witness.key" key -)
cosign() {
	python3 "$T/witness.py" "$T/witness.key" \
		"$T/published/log/checkpoint" "$T/cosigned"
}
cosign || fail "the witness"
expect 1 ctl checkpoint cosign "$T/cosigned" >"$T/out" 2>"$T/err"
ctl witness add "$WITNESS" >"$T/out" 2>"$T/err" || fail "witness add"
cosign
ctl checkpoint cosign "$T/cosigned" >"$T/out" 2>"$T/err" || fail "cosign"
verify_log --vkey "$KEY" --witness "$WITNESS" --quorum 1 checkpoint \
	"$T/published/log/witnessed" >"$T/out" 2>"$T/err" || fail "witnessed"
has "cosigned by witness.example/w1" "$T/out"
sed 's/^\(.* witness.*\)....$/\1AAA=/' "$T/cosigned" >"$T/bad"
expect 1 ctl checkpoint cosign "$T/bad" >"$T/out" 2>"$T/err"
ctl witness list >"$T/out" 2>"$T/err"
has "$WITNESS" "$T/out"

step "an insider who makes the whole chain anew is found, and the row named"
cat >"$T/insider.py" <<'PY'
import hashlib, sqlite3, struct, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DROP TRIGGER audit_stays")
db.execute("DROP TRIGGER audit_only_erased")
rows = db.execute("SELECT number, at, role, action, noun, object, outcome,"
    " commitment FROM audit ORDER BY number").fetchall()
b = lambda v: struct.pack(">I", len(v)) + v
last = bytes(32)
for n, at, role, action, noun, obj, outcome, com in rows:
    if n == int(sys.argv[2]):
        action = "nothing.happened"
    h = hashlib.sha256(b(last) + struct.pack(">qq", n, at) + b"".join(
        b(x.encode()) for x in (role, action, noun, obj, outcome)) +
        b(com)).digest()
    db.execute("UPDATE audit SET action = ?, previous = ?, hash = ?"
        " WHERE number = ?", (action, last, h, n))
    last = h
if len(sys.argv) > 3:
    for t in ("log_leaves", "log_node", "log_checkpoint"):
        db.execute("DELETE FROM " + t)
db.commit()
PY
daemon_stop || fail "stop"
ctl backup "$T/now.db" >"$T/out" 2>"$T/err" || fail "backup"
cp "$T/now.db" "$T/bad.db"
python3 "$T/insider.py" "$T/bad.db" 7 || fail "the insider"
expect 1 ctl verify --db "$T/bad.db" >"$T/out" 2>"$T/err"
cp "$T/now.db" "$T/bad.db"
python3 "$T/insider.py" "$T/bad.db" 7 all || fail "the insider"
ctl verify --db "$T/bad.db" >"$T/out" 2>"$T/err" ||
	fail "without an anchor a log made anew is whole"
expect 1 ctl verify --db "$T/bad.db" --anchor "$T/published/log/checkpoint" \
	>"$T/out" 2>"$T/err"
has "row 7:" "$T/out"
ctl verify --db "$T/now.db" --anchor "$T/published/log/checkpoint" \
	>"$T/out" 2>"$T/err" || fail "the true one"

step "a cut tail"
cp "$T/now.db" "$T/bad.db"
SIZE=$(head_size)
sqlite3 "$T/bad.db" "DROP TRIGGER audit_stays;
	DELETE FROM audit WHERE number > $((SIZE - 3));
	DELETE FROM log_checkpoint"
expect 1 ctl verify --db "$T/bad.db" --anchor "$T/published/log/checkpoint" \
	>"$T/out" 2>"$T/err"
has "row $((SIZE - 2)):" "$T/out"

step "a database older than the published log: nothing is issued"
ctl restore "$T/old.db" >"$T/out" 2>"$T/err" || fail "restore"
cp "$T/published/log/checkpoint" "$T/before"
daemon_start
wait_for "ssh" as alice whoami
ctl state >"$T/out" 2>"$T/err"
has "log-loss" "$T/out"
as staff alarms >"$T/out" 2>"$T/err"
has "log-loss" "$T/out"
make_csr "$T/gamma" alpha.example
expect 5 as alice request --domain alpha.example <"$T/gamma.csr" >"$T/out" \
	2>"$T/err"
has "log-loss" "$T/err"
[ ! -s "$T/out" ] || fail "a request was taken"

step "recorded: issuing goes on, and the log has no fork"
expect 1 ctl log-loss --reason "" >"$T/out" 2>"$T/err"
ctl log-loss --reason "the disk died, a backup was put back" >"$T/out" \
	2>"$T/err" || fail "log-loss"
expect 1 ctl log-loss --reason again >"$T/out" 2>"$T/err"
prove alice delta.example
issue alice delta.example >/dev/null
as auditor audit verify >"$T/out" 2>"$T/err" || fail "the chain"
wait_for "a head after the loss" head_covers $((SIZE + 8))
verify_log --vkey "$KEY" consistency "$T/before" \
	"$T/published/log/checkpoint" "$T/published/log" >"$T/out" \
	2>"$T/err" || fail "consistency over the loss"
ctl verify >"$T/out" 2>"$T/err" || fail "verify"
rm -rf "$XDG_CACHE_HOME"
echo "all is well"
