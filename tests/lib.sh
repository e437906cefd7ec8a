# lib.sh - what the stories share: a trial authority in a folder of its own,
# people with keys, letters read from the Maildir, waiting without guessing.
# Source it:  . "$SRC/tests/lib.sh"     (BIN and SRC are set by tests/run)
# shellcheck shell=sh

: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}"
: "${BIN:=$SRC/build/bin}"
: "${PATIENCE:=30}"		# seconds that wait_for gives
export LC_ALL=C.UTF-8
unset SSH_AUTH_SOCK DISPLAY TERM
T=
STEP=start

# Say what comes next; a failure names it.
step() {
	STEP=$*
	echo "== $*"
}

exec 9>&2			# for fail, wherever its caller's stderr goes

fail() {
	{
		if [ -n "$T" ] && [ -f "$T/log/xmpp-icad.log" ]; then
			echo "---- the end of $T/log/xmpp-icad.log"
			grep -v '^gate: info: login' "$T/log/xmpp-icad.log" |
				tail -n 30
		fi
		for _f in "$T/out" "$T/err"; do
			[ -s "$_f" ] || continue
			echo "---- $_f"
			head -c 2000 "$_f"
		done
		echo "FAILED at '$STEP': $*"
	} >&9
	exit 1
}

# expect STATUS COMMAND...: its exit status must be this one.
expect() {
	_want=$1
	shift
	_got=0
	"$@" || _got=$?
	[ "$_got" -eq "$_want" ] || fail "$* ended with $_got, not $_want"
}

# has TEXT FILE: fixed text in a file.
has() {
	grep -qF -- "$1" "$2" || {
		[ "$2" = "$T/out" ] || head -n 60 "$2" >&9
		fail "'$1' is not in $2"
	}
}

# Beside a running authority: wait for its lock rather than fail.
sqlite3() {
	command sqlite3 -cmd '.timeout 20000' "$@"
}

# wait_for WHAT COMMAND...: poll until the command succeeds.
wait_for() {
	_what=$1
	shift
	_until=$(($(date +%s) + PATIENCE))
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$_until" ] ||
			fail "waited $PATIENCE s in vain for: $_what"
		sleep 0.05
	done
}

# A port below the range that the kernel hands out by itself.
free_port() {
	while :; do
		_port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
		cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
			grep -qi "^ *[0-9]*: [0-9A-F]*:$(printf %04X $_port) " ||
			break
	done
	echo "$_port"
}

# conf_write [SECTION.KEY=VALUE]...: the configuration of $T.
conf_write() {
	{
		printf '[service]\nname = localhost\nshare = %s\n' "$SRC/share"
		printf '[ssh]\nport = %s\n' "$SSH_PORT"
		printf '[http]\nport = %s\nbase_url = %s\n' "$HTTP_PORT" \
			"http://127.0.0.1:$HTTP_PORT"
		printf '[signer]\npassphrase_file = passphrase\n'
		printf '[policy]\nspecial_names = yes\n'
		printf 'acknowledgement = no\n'	# 74-roles.sh has it
		printf 'issuer_second = no\n'	# 41-rollover.sh has it
		for _kv; do
			_key=${_kv%%=*}
			printf '[%s]\n%s = %s\n' "${_key%%.*}" "${_key#*.}" \
				"${_kv#*=}"
		done
	} >"$T/xmpp-ica.conf"
}

# A folder with a configuration, keys for the staff, nothing else yet.
trial_folder() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/ica.XXXXXX") || exit 1
	trap 'trial_stop' EXIT
	trap 'exit 1' INT TERM HUP
	SSH_PORT=$(free_port)
	HTTP_PORT=$(free_port)
	URL=http://127.0.0.1:$HTTP_PORT
	mkdir -m 700 "$T/keys" "$T/ssh"
	(umask 077 && echo 'a trial needs no secret' >"$T/passphrase")
	conf_write "$@"
	for _who in staff staff2 auditor finance director; do
		key_make $_who
	done
	ssh-keygen -q -t ed25519 -N '' -C host -f "$T/ssh/host_ed25519"
	echo "[127.0.0.1]:$SSH_PORT $(cut -d' ' -f1,2 \
		"$T/ssh/host_ed25519.pub")" >"$T/ssh/known_hosts"
}

key_make() {
	[ -f "$T/keys/$1" ] ||
		ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$T/keys/$1"
}

ctl() {
	"$BIN/xmpp-icactl" -c "$T/xmpp-ica.conf" "$@"
}

staff_make() {
	for _who in staff staff2 auditor finance director; do
		ctl account add $_who --email "$_who@mail.example" \
			--role "${_who%2}" --key "$T/keys/$_who.pub" >/dev/null ||
			fail "account $_who"
	done
}

daemon_start() {
	"$BIN/xmpp-icad" -c "$T/xmpp-ica.conf" --detach || fail "xmpp-icad"
	PID=$(cat "$T/xmpp-icad.pid")
}

# trial_start [SECTION.KEY=VALUE]...: a running trial authority in $T, with
# SSH_PORT, HTTP_PORT, URL, PID.
trial_start() {
	trial_folder "$@"
	ctl init --trial >"$T/init.out" 2>&1 || {
		cat "$T/init.out" >&2
		fail "xmpp-icactl init"
	}
	staff_make
	daemon_start
	wait_for "the first CRL" curl -sf -o "$T/first.crl" \
		"$URL/crl/ica-server-1.crl"
	wait_for "ssh" as staff whoami
}

daemon_stop() {
	[ -s "$T/xmpp-icad.pid" ] || return 0
	PID=$(cat "$T/xmpp-icad.pid")
	kill "$PID" 2>/dev/null
	_n=0
	while kill -0 "$PID" 2>/dev/null; do
		_n=$((_n + 1))
		[ $_n -lt 600 ] || {
			kill -9 "$PID"
			echo "xmpp-icad did not end in 30 s" >&2
			return 1
		}
		sleep 0.05
	done
}

# Also run when the story ends in any way; a sanitizer's word is a failure.
trial_stop() {
	_status=$?
	trap - EXIT
	[ -n "$T" ] && [ -d "$T" ] || exit $_status
	daemon_stop || _status=1
	if grep -E 'ERROR: (Address|Leak)Sanitizer|runtime error:' \
		"$T/log/xmpp-icad.log" >&2 2>/dev/null; then
		echo "a sanitizer spoke: $T/log/xmpp-icad.log" >&2
		_status=1
	fi
	if [ $_status -ne 0 ] && [ -n "${KEEP:-}" ]; then
		cp -R "$T" "$KEEP" 2>/dev/null
	fi
	rm -rf "$T"
	exit $_status
}

# ssh_to KEY USER [COMMAND...]: one connection, with nothing of ours in it.
ssh_to() {
	_key=$1 _user=$2
	shift 2
	timeout 60 ssh -F none -p "$SSH_PORT" -i "$T/keys/$_key" \
		-o IdentitiesOnly=yes -o IdentityAgent=none \
		-o BatchMode=yes -o ConnectTimeout=20 -o LogLevel=ERROR \
		-o UserKnownHostsFile="$T/ssh/known_hosts" \
		-o GlobalKnownHostsFile=/dev/null \
		-o StrictHostKeyChecking=yes "$_user@127.0.0.1" "$@"
}

# as NAME COMMAND...: with that name's own key.
as() {
	_name=$1
	shift
	ssh_to "$_name" "$_name" "$@"
}

# guest KEY COMMAND...: through the guests' door.
guest() {
	_name=$1
	shift
	ssh_to "$_name" register "$@"
}

# letters_to ADDRESS: their files, oldest first.
letters_to() {
	for _f in "$T"/mail/new/* "$T"/mail/cur/*; do
		[ -f "$_f" ] || continue
		if sed '/^$/q' "$_f" | tr -d '\r' |
			grep -qixF -e "To: $1" -e "To: <$1>"; then
			echo "$_f"
		fi
	done | awk -F/ '{ n = $NF; sub(/[^0-9].*/, "", n); print n, $0 }' |
		sort -n | cut -d' ' -f2-
}

letters_count() {
	letters_to "$1" | wc -l
}

# Are there more letters to ADDRESS than COUNT?
letters_beyond() {
	[ "$(letters_count "$1")" -gt "$2" ]
}

# letter_body FILE
letter_body() {
	if sed '/^$/q' "$1" | grep -qi '^Content-Transfer-Encoding: base64'; then
		sed '1,/^$/d' "$1" | base64 -d
	else
		sed '1,/^$/d' "$1"
	fi
}

# mail_code ADDRESS: the code in the newest letter to it.
mail_code() {
	_letter=$(letters_to "$1" | tail -n 1)
	[ -n "$_letter" ] || return 1
	letter_body "$_letter" | grep -Eo '([A-Z2-7]{4}-){6}[A-Z2-7]{4}' |
		head -n 1
}

# member NAME: registers, reads the letter, confirms.
member() {
	key_make "$1"
	_before=$(letters_count "$1@mail.example")
	guest "$1" register "$1" "$1@mail.example" --accept 2>"$T/err" ||
		fail "register $1: $(cat "$T/err")"
	wait_for "the code for $1" letters_beyond "$1@mail.example" "$_before"
	guest "$1" confirm "$1" "$(mail_code "$1@mail.example")" \
		>/dev/null 2>"$T/err" || fail "confirm $1: $(cat "$T/err")"
}

# prove NAME DOMAIN [LOCALPART]
prove() {
	_box=${3:-hostmaster}@$2
	_before=$(letters_count "$_box")
	as "$1" domain add "$2" --to "${3:-hostmaster}" >/dev/null \
		2>"$T/err" || fail "domain add $2: $(cat "$T/err")"
	wait_for "the code for $2" letters_beyond "$_box" "$_before"
	as "$1" domain confirm "$2" "$(mail_code "$_box")" \
		>/dev/null 2>"$T/err" || fail "domain confirm $2: $(cat "$T/err")"
}

# make_csr FILE DOMAIN...: FILE.key and FILE.csr (P-256).
make_csr() {
	_file=$1
	shift
	_san=
	for _d; do
		_san=$_san,DNS:$_d
	done
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$_file.key" -out "$_file.csr" -subj "/CN=$1" \
		-addext "subjectAltName=${_san#,}" 2>"$T/err" ||
		fail "openssl req: $(cat "$T/err")"
}

# issue NAME DOMAIN: proven already; prints the request's number.
issue() {
	make_csr "$T/$2" "$2"
	_n=$(as "$1" request --domain "$2" <"$T/$2.csr" 2>"$T/err") ||
		fail "request: $(cat "$T/err")"
	# 4: approved, and the signer has not answered yet
	as staff approve "$_n" >/dev/null 2>"$T/err" || [ $? -eq 4 ] ||
		fail "approve: $(cat "$T/err")"
	wait_for "certificate $_n" as "$1" cert "$_n"
	echo "$_n"
}

# ocsp_of LEAF: what the publisher says, by openssl: "good", "revoked", ...
ocsp_of() {
	openssl ocsp -no_nonce -issuer "$T/ica.pem" -cert "$1" \
		-CAfile "$T/root.pem" -url "$URL/ocsp" 2>"$T/ocsp.err" |
		sed -n "s|^$1: ||p"
}

# child PROCESS: its process number under our master.
child() {
	for _p in /proc/[0-9]*; do
		if [ "$(awk '/^PPid:/ { print $2 }' "$_p/status" 2>/dev/null)" = \
			"$PID" ] && tr '\0' ' ' <"$_p/cmdline" 2>/dev/null |
			grep -q "^xmpp-ica-$1 "; then
			echo "${_p#/proc/}"
		fi
	done | head -n 1
}
