#!/bin/sh
# 63-setup.sh - what `setup` prints is run as it is printed, with the real paths
# (in mounts of our own): Prosody and ejabberd take it and show the certificate,
# with Java's keytool for Openfire.  S3.5 R3.4
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
. "$SRC/tests/lib.sh"
. "$SRC/tests/judges.sh"

judges_install prosody prosody lua-unbound
judges_install ejabberdctl ejabberd
judges_install ip iproute2
judges_enter "$0"
[ "$(id -u)" -eq 0 ] || skip "other users' files are made here: not without root"

step "a certificate, and the key where a member has it"
# shellcheck disable=SC2119
trial_start
member alice
prove alice alpha.example
prove alice beta.example
mkdir "$T/tls" "$T/member" "$T/shims"
chain alpha.example xmpp-server alpha.example beta.example
cp "$T/tls/alpha.example.key" "$T/member/"
# only where the host is and whose key it is; the words are those printed
cat >"$T/shims/ssh" <<END
#!/bin/sh
exec $(command -v ssh) -F none -i "$T/keys/alice" -o IdentitiesOnly=yes \\
	-o IdentityAgent=none -o BatchMode=yes -o LogLevel=ERROR \\
	-o HostKeyAlias=127.0.0.1 -o StrictHostKeyChecking=yes \\
	-o UserKnownHostsFile="$T/known" -o GlobalKnownHostsFile=/dev/null "\$@"
END
chmod 755 "$T/shims/ssh"
sed 's/^[^ ]* /127.0.0.1 /' "$T/ssh/known_hosts" >"$T/known"
PATH=$T/shims:$PATH

# part SERVER HEAD: what stands under that head, as it is printed.
part() {
	awk -v head="$2" '/^## / { on = index($0, head); next } on' \
		"$T/tls/alpha.example.$1"
}

# typed SERVER HEAD [FOLDER]: those lines in a shell, stopped by the first that
# fails.
typed() {
	part "$1" "$2" >"$T/typed"
	[ -s "$T/typed" ] || fail "$1: nothing under '$2'"
	(cd "${3:-$T/member}" && sh -e "$T/typed") >"$T/out" 2>&1 ||
		fail "$1, $2: $(cat "$T/out")"
}

# empty FOLDER [OWNER]: an empty one in its place, for us alone.
empty() {
	mkdir -p "$1" && mount -t tmpfs tmpfs "$1" && chmod 755 "$1" ||
		fail "mount $1"
	[ -z "${2:-}" ] || chown "$2" "$1"
}

# shown DOMAIN: the server at 5269 shows our certificate for it, and asks for
# one itself.
shown() {
	openssl s_client -connect 127.0.0.1:5269 -starttls xmpp-server \
		-xmpphost "$1" -servername "$1" -CAfile "$T/root.pem" \
		-verify_return_error -verify_hostname "$1" </dev/null \
		>"$T/shown" 2>&1 &&
		grep -q 'Verify return code: 0' "$T/shown" &&
		grep -q 'CN *= *alpha.example' "$T/shown"
}

step "Prosody"
empty /etc/prosody
empty /var/lib/prosody prosody:prosody
empty /var/log/prosody prosody:prosody
empty /run/prosody prosody:prosody
mkdir /etc/prosody/certs
typed prosody "in a shell on the server"
{
	cat <<END
pidfile = "/run/prosody/prosody.pid"
log = { info = "/var/log/prosody/prosody.log" }
interfaces = { "127.0.0.1" }
modules_enabled = { "saslauth", "tls", "posix" }
authentication = "internal_hashed"
END
	part prosody "above the first VirtualHost"
	for d in alpha beta; do
		echo "VirtualHost \"$d.example\""
		part prosody 'under VirtualHost "alpha.example"'
	done
} >/etc/prosody/prosody.cfg.lua
has "and the VirtualHost or Component of each of beta.example" \
	"$T/tls/alpha.example.prosody"
[ "$(stat -c '%U %G %a' /etc/prosody/certs/alpha.example.key)" = \
	"root prosody 640" ] || fail "the key is $(stat -c '%U %G %a' \
	/etc/prosody/certs/alpha.example.key)"
setpriv --reuid prosody --regid prosody --init-groups env HOME=/var/lib/prosody \
	prosody -F >"$T/prosody.out" 2>&1 &
JUDGES="$JUDGES $!"
wait_for "Prosody" nc -z -w 1 127.0.0.1 5269
wait_for "its number" test -s /run/prosody/prosody.pid
for d in alpha beta; do
	shown $d.example || fail "Prosody, $d.example: $(cat "$T/shown")"
done
typed prosody "look, then take it into use"
cat "$T/out"
shown alpha.example || fail "after the reload: $(cat "$T/shown")"
judges_stop
prosody_gone() { ! nc -z -w 1 127.0.0.1 5269; }
wait_for "the end of Prosody" prosody_gone

step "ejabberd"
empty /etc/ejabberd
empty /var/lib/ejabberd ejabberd:ejabberd
empty /var/log/ejabberd ejabberd:ejabberd
# as Debian's package has it, before anybody changed it
cat >/etc/ejabberd/ejabberd.yml <<END
hosts:
  - alpha.example
  - beta.example
listen:
  - port: 5269
    ip: "127.0.0.1"
    module: ejabberd_s2s_in
END
echo "127.0.0.1 localhost $(hostname)" >"$T/hosts"
mount --bind "$T/hosts" /etc/hosts || fail "mount --bind"
ERL_EPMD_ADDRESS=127.0.0.1 ejabberdctl start >"$T/out" 2>&1 || fail "start: $(cat "$T/out")"
wait_for "ejabberd" nc -z -w 1 127.0.0.1 5269
shown alpha.example && fail "ejabberd has it already"
typed ejabberd "in a shell on the server"
part ejabberd ejabberd.yml >>/etc/ejabberd/ejabberd.yml
typed ejabberd "take it into use"
for d in alpha beta; do
	wait_for "ejabberd shows it for $d.example" shown $d.example
done
ejabberdctl stop >"$T/out" 2>&1
[ "$(cd "$T/member" && echo *)" = "alpha.example.key xmpp-ica-root.pem" ] ||
	fail "left behind: $(ls "$T/member")"

step "Openfire's two files, by keytool, with the words typed at its prompts"
security=$T/openfire/resources/security
mkdir -p "$security"
cp "$T/tls/alpha.example.key" "$security/"
# asked TEXT=ANSWER...: the lines of $T/typed in a shell on a terminal; each
# prompt that ends in TEXT gets its answer.
asked() {
	python3 - "$security" "$T/typed" "$@" <<'END'
import os, pty, sys
answers = [a.encode().split(b"=") for a in sys.argv[3:]]
pid, fd = pty.fork()
if pid == 0:
    os.chdir(sys.argv[1])
    os.execvp("sh", ["sh", "-e", sys.argv[2]])
line = b""
while True:
    try:
        got = os.read(fd, 4096)
    except OSError:
        break
    if not got:
        break
    sys.stdout.buffer.write(got)
    sys.stdout.flush()
    line = (line + got).rsplit(b"\n", 1)[-1]
    for end, answer in answers:
        if line.rstrip().endswith(end):
            os.write(fd, answer + b"\n")
            line = b""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
}
part openfire "in a shell on the server" >"$T/typed"
sh -n "$T/typed" || fail "no shell takes it"
has pkcs12 "$T/typed"
if ! keytool >/dev/null 2>&1; then
	echo "(no Java here: its keytool is left out, openssl looks at what it gets)"
	sed -i '/^keytool/d; /^rm /d' "$T/typed"
	asked "Export Password:=changeit" >"$T/out" 2>&1 ||
		fail "openfire: $(cat "$T/out")"
	openssl pkcs12 -in "$security/alpha.example.p12" -passin pass:changeit \
		-nodes >"$T/p12" 2>"$T/err" || fail "the PKCS12 file"
	[ "$(grep -c 'BEGIN CERT' "$T/p12")" -eq 2 ] || fail "no chain in it"
	grep -q 'BEGIN PRIVATE' "$T/p12" || fail "no key in it"
	echo "all is well"
	exit 0
fi
# as Openfire makes them when it is set up
keytool -genkeypair -keyalg RSA -alias localhost_rsa -dname CN=localhost \
	-storetype jks -keystore "$security/keystore" -storepass changeit \
	-keypass changeit >"$T/out" 2>&1 || fail "keystore: $(cat "$T/out")"
keytool -genkeypair -keyalg RSA -alias any -dname CN=any -storetype jks \
	-keystore "$security/truststore" -storepass changeit \
	-keypass changeit >"$T/out" 2>&1 || fail "truststore: $(cat "$T/out")"
# again: the certificate was renewed
for turn in first again; do
	asked "Export Password:=changeit" "keystore password:=changeit" \
		"[no]:=yes" >"$T/out" 2>&1 || fail "$turn: $(cat "$T/out")"
	keytool -list -v -keystore "$security/keystore" -storepass changeit \
		-alias alpha.example >"$T/out" 2>&1 || fail "$(cat "$T/out")"
	has "Certificate chain length: 2" "$T/out"
	has "Entry type: PrivateKeyEntry" "$T/out"
	if [ $turn = first ]; then
		part openfire "the first time also" >"$T/typed.root"
		[ -s "$T/typed.root" ] || fail "no word on the root"
		cp "$T/typed" "$T/typed.again"
		cp "$T/typed.root" "$T/typed"
		asked "keystore password:=changeit" "[no]:=yes" >"$T/out" \
			2>&1 || fail "root: $(cat "$T/out")"
		cp "$T/typed.again" "$T/typed"
	fi
	keytool -list -keystore "$security/truststore" -storepass changeit \
		-alias xmpp-ica-root >"$T/out" 2>&1 || fail "$(cat "$T/out")"
	has trustedCertEntry "$T/out"
	[ -f "$security/alpha.example.p12" ] && fail "the PKCS12 file stayed"
	cp "$T/tls/alpha.example.key" "$security/"
done
# Java opens a key with the password of its file alone
keytool -certreq -keystore "$security/keystore" -storepass changeit \
	-keypass changeit -alias alpha.example >"$T/again.csr" 2>"$T/err" ||
	fail "the key does not open: $(cat "$T/err" "$T/again.csr")"
echo "all is well"
