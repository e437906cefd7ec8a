# judges.sh - what the stories with real XMPP servers share: a network of their
# own with a name server, Prosody and ejabberd from Debian's packages in
# foreground with everything in $T, bad certificates, and messages between them.
# Source it after lib.sh.
# shellcheck shell=sh

A=192.0.2.1			# the two servers, on the loopback of the network
B=192.0.2.2
DNS=192.0.2.53
JUDGES=				# process numbers to end

skip() {
	echo "SKIPPED: $*"
	echo "******** SKIPPED, NOTHING WAS PROVEN: $* ********" >&2
	exit 77
}

# judges_install PROGRAM PACKAGE...: only where they are missing, only as root;
# no service is started by it.
judges_install() {
	command -v "$1" >/dev/null 2>&1 && return 0
	shift
	[ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 ||
		skip "no $*, and only root can install it"
	exec 8<"$SRC/tests/judges.sh"	# one story at a time
	flock 8
	_deny=/usr/sbin/policy-rc.d
	if [ -e $_deny ]; then
		_deny=
	else
		printf '#!/bin/sh\nexit 101\n' >$_deny && chmod 755 $_deny
	fi
	echo "installing $*"
	_bad=0
	{
		DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq -y \
			-o DPkg::Lock::Timeout=200 --no-install-recommends \
			install "$@" || {
			timeout 100 apt-get -qq update
			DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq \
				-y -o DPkg::Lock::Timeout=200 \
				--no-install-recommends install "$@"
		}
	} >/dev/null || _bad=1
	[ -z "$_deny" ] || rm -f "$_deny"
	exec 8<&-
	[ $_bad -eq 0 ] || skip "apt-get could not install $*"
}

# judges_enter "$0": the story starts again in namespaces of its own (network,
# mounts, processes); whatever it starts ends with it, and the machine's
# /etc/hosts, resolver and ports are not touched.
judges_enter() {
	_here=$(readlink /proc/self/ns/mnt)
	case ${JUDGED:-} in
	"" | "$_here") ;;
	mnt:*)
		ip link set lo up || fail "no loopback"
		return 0 ;;
	esac
	_as=
	[ "$(id -u)" -eq 0 ] || _as="--map-current-user --keep-caps"
	# shellcheck disable=SC2086
	unshare $_as -mnpf --mount-proc ip link set lo up 2>/dev/null ||
		skip "unshare -mnp or ip is refused here"
	JUDGED=$_here
	export JUDGED
	# shellcheck disable=SC2086
	exec unshare $_as -mnpf --kill-child --mount-proc sh "$1"
}

# judges_network NAME=ADDRESS...: after trial_start.
judges_network() {
	for _a in $A $B $DNS; do
		ip addr add $_a/32 dev lo || fail "address $_a"
	done
	echo "nameserver $DNS" >"$T/resolv.conf"
	echo "127.0.0.1 localhost" >"$T/hosts"
	mount --bind "$T/resolv.conf" "$(readlink -f /etc/resolv.conf)" &&
		mount --bind "$T/hosts" /etc/hosts || fail "mount --bind"
	python3 "$SRC/tests/tool/judge_dns.py" $DNS "$@" >"$T/dns.out" 2>&1 &
	JUDGES="$JUDGES $!"
	wait_for "the name server" grep -q ready "$T/dns.out"
}

judges_stop() {
	for _p in $JUDGES; do
		kill "$_p" 2>/dev/null
	done
	JUDGES=
}

# chain NAME PROFILE DOMAIN...: NAME.key and NAME.pem in $T/tls, from the
# member's request to the certificate he fetches; the apexes are alice's.
chain() {
	_out=$T/tls/$1 _profile=$2
	shift 2
	make_csr "$_out" "$@"
	_args=
	for _d; do
		_args="$_args --domain $_d"
	done
	# shellcheck disable=SC2086
	_n=$(as alice request --profile "$_profile" $_args <"$_out.csr" \
		2>"$T/err") || fail "request: $(cat "$T/err")"
	cp "$T/err" "$_out.words"
	as staff approve "$_n" >/dev/null 2>"$T/err" ||
		fail "approve: $(cat "$T/err")"
	wait_for "certificate $_n" as alice cert "$_n"
	as alice cert "$_n" >"$_out.pem" 2>"$T/err" || fail "cert $_n"
	[ "$(grep -c BEGIN "$_out.pem")" -eq 2 ] ||
		fail "$_out.pem is not leaf and issuer"
	for _s in prosody ejabberd openfire; do
		as alice setup "$_n" $_s >"$_out.$_s" 2>"$T/err" ||
			fail "setup $_n $_s: $(cat "$T/err")"
	done
}

# setup_lines FILE SERVER HEAD: what `setup` says belongs under that head, with
# the paths of this test.
setup_lines() {
	awk -v head="$3" '/^## / { on = index($0, head); next } on' \
		"$T/tls/$1.$2" | sed \
		-e "s|/etc/prosody/certs/xmpp-ica-root.pem|$T/tls/anchors.pem|" \
		-e "s|/etc/prosody/certs/[^\"]*\.key|$T/tls/$1.key|" \
		-e "s|/etc/prosody/certs/[^\"]*\.crt|$T/tls/$1.pem|" \
		-e "s|/etc/ejabberd/ca.pem|$T/tls/anchors.pem|"
}

# throwaway NAME: an authority of a moment, in $T/tls.
throwaway() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 30 -subj "/CN=Throw-away $1" -keyout "$T/tls/$1.key" \
		-out "$T/tls/$1.pem" 2>"$T/err" || fail "openssl: $1"
	mkdir "$T/tls/$1.db"
	: >"$T/tls/$1.db/index"
	printf '[ca]\ndefault_ca = c\n[c]\ndatabase = %s\nrand_serial = yes
default_md = sha256\nnew_certs_dir = %s\npolicy = p\nx509_extensions = e
unique_subject = no\n[p]\ncommonName = supplied\n[e]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = ${ENV::SAN}\n' "$T/tls/$1.db/index" "$T/tls/$1.db" \
		>"$T/tls/$1.cnf"
}

# thrown AUTHORITY DOMAIN FROM TO: DOMAIN.pem by it, with these dates.
thrown() {
	make_csr "$T/tls/$2" "$2"
	SAN=DNS:$2 openssl ca -batch -notext -config "$T/tls/$1.cnf" \
		-cert "$T/tls/$1.pem" -keyfile "$T/tls/$1.key" \
		-startdate "$3" -enddate "$4" -in "$T/tls/$2.csr" \
		-out "$T/tls/$2.pem" 2>"$T/err" || fail "openssl ca: $2"
}

# from_now DATE-WORDS: as openssl ca wants it.
from_now() {
	date -u -d "$1" +%Y%m%d%H%M%SZ
}

# The certificates that nobody may accept, and thrown.example, which differs from
# expired.example and early.example by its dates alone; wrong.example shows what
# was issued for another domain.  The anchors: our root, and the throw-away
# authority for the sake of the dates.
BAD_ONES="thrown expired early foreign self wrong"
bad_ones() {
	throwaway trusted
	throwaway stranger
	thrown trusted thrown.example "$(from_now '1 day ago')" \
		"$(from_now '1 day')"
	thrown trusted expired.example "$(from_now '9 days ago')" \
		"$(from_now '1 day ago')"
	thrown trusted early.example "$(from_now '1 day')" \
		"$(from_now '9 days')"
	thrown stranger foreign.example "$(from_now '1 day ago')" \
		"$(from_now '1 day')"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 9 -subj /CN=self.example \
		-addext subjectAltName=DNS:self.example \
		-keyout "$T/tls/self.example.key" \
		-out "$T/tls/self.example.pem" 2>"$T/err" ||
		fail "openssl req -x509"
	cat "$T/root.pem" "$T/tls/trusted.pem" >"$T/tls/anchors.pem"
}

# prosody_start NAME ADDRESS HOST[=FILE]...: FILE.key and .pem, HOST's own when
# left out; conference.* becomes a component with rooms.
prosody_start() {
	_home=$T/$1 _address=$2
	shift 2
	mkdir -p "$_home/data"
	{
		cat <<-EOF
		run_as_root = true
		daemonize = false
		pidfile = "$_home/pid"
		data_path = "$_home/data"
		log = { debug = "$_home/log" }
		interfaces = { "$_address" }
		modules_enabled = { "saslauth", "tls" }
		modules_disabled = { "s2s_auth_dane", "dialback" }
		authentication = "internal_plain"
		c2s_require_encryption = false
		allow_unencrypted_plain_auth = true
		EOF
		if [ -f "$T/tls/$1.prosody" ]; then
			setup_lines "$1" prosody "above the first VirtualHost"
		else
			cat <<-EOF
			s2s_require_encryption = true
			s2s_secure_auth = true
			ssl = { cafile = "$T/tls/anchors.pem"; capath = false }
			EOF
		fi
		for _h; do
			_file=${_h#*=}
			_h=${_h%%=*}
			_t="ssl = { key = \"$T/tls/$_file.key\"; certificate ="
			_t="$_t \"$T/tls/$_file.pem\"; cafile ="
			_t="$_t \"$T/tls/anchors.pem\"; capath = false }"
			case $_h in
			conference.*)
				echo "Component \"$_h\" \"muc\"" ;;
			*)
				echo "VirtualHost \"$_h\"" ;;
			esac
			# our certificates: with the lines that members get
			if [ -f "$T/tls/$_file.prosody" ]; then
				setup_lines "$_file" prosody "under VirtualHost"
			else
				echo "$_t"
			fi
		done
	} >"$_home/conf.lua"
	for _h; do
		_d=$(echo "${_h%%=*}" | sed 's/\./%2e/g; s/-/%2d/g')
		mkdir -p "$_home/data/$_d/accounts"
		echo 'return { ["password"] = "secret" };' \
			>"$_home/data/$_d/accounts/user.dat"
	done
	prosody --config "$_home/conf.lua" -F >"$_home/out" 2>&1 &
	JUDGES="$JUDGES $!"
	wait_for "Prosody at $_address" nc -z -w 1 "$_address" 5222
	wait_for "Prosody at $_address" nc -z -w 1 "$_address" 5269
}

# talk DIRECTION-WORDS ARGUMENT...: judge_talk.py, its words in $T/out.
talk() {
	python3 "$SRC/tests/tool/judge_talk.py" "$@" >"$T/out" 2>&1
}

# delivered FROM-ADDRESS FROM-HOST TO-ADDRESS TO-HOST
delivered() {
	expect 0 talk message "$1" "user@$2" "$3" "user@$4"
	has delivered "$T/out"
	echo "$2 -> $4: delivered"
}

# not_delivered FROM-ADDRESS FROM-HOST TO-ADDRESS TO-HOST [REASON]: refused, in
# those words.
not_delivered() {
	expect 1 talk message "$1" "user@$2" "$3" "user@$4"
	has refused "$T/out"
	echo "$2 -> $4: $(cat "$T/out")"
	[ -z "${5:-}" ] || grep -qiE -- "$5" "$T/out" ||
		fail "refused, but not for '$5'"
}

# logged NAME TEXT: in the log of Prosody NAME, at the latest soon.
logged() {
	wait_for "'$2' in the log of $1" grep -qaF -- "$2" "$T/$1/log"
}

# verified NAME: what openssl and GnuTLS say of a chain, as server and as client.
verified() {
	for _purpose in sslserver sslclient; do
		openssl verify -x509_strict -purpose $_purpose \
			-CAfile "$T/root.pem" -untrusted "$T/tls/$1.pem" \
			"$T/tls/$1.pem" >"$T/out" 2>&1 ||
			fail "openssl verify -x509_strict -purpose $_purpose $1"
	done
	certtool --verify --load-ca-certificate "$T/root.pem" \
		--infile "$T/tls/$1.pem" >"$T/out" 2>&1 ||
		fail "certtool --verify $1"
	has "Chain verification output: Verified." "$T/out"
}

# room_works ADDRESS HOST COMPONENT: somebody of HOST enters a room and speaks.
room_works() {
	expect 0 talk room "$1" "user@$2" "room@$3"
	has delivered "$T/out"
	echo "$2 <-> $3: delivered"
}

# ejabberd_start NAME ADDRESS FILE HOST...: FILEs joined by commas; each HOST
# has rooms at conference.HOST.  EJABBERD_C2S: more lines for the clients' port.
ejabberd_start() {
	_home=$T/$1 _address=$2 _files=$3
	shift 3
	mkdir -p "$_home/data" "$_home/log"
	{
		echo "hosts:"
		printf '  - %s\n' "$@"
		echo "certfiles:"
		for _f in $(echo "$_files" | tr , ' '); do
			cat "$T/tls/$_f.pem" "$T/tls/$_f.key" \
				>"$_home/$_f.pem" || fail "$_f"
			echo "  - $_home/$_f.pem"
		done
		# the lines that members get, and here more than one file
		setup_lines "${_files%%,*}" ejabberd ejabberd.yml |
			sed '/^certfiles:/d; /^  - /d'
		cat <<-EOF
		loglevel: debug
		log_rotate_count: 0
		auth_method: anonymous
		anonymous_protocol: login_anon
		s2s_max_retry_delay: 1
		listen:
		  - port: 5222
		    ip: "$_address"
		    module: ejabberd_c2s${EJABBERD_C2S:-}
		  - port: 5269
		    ip: "$_address"
		    module: ejabberd_s2s_in
		modules:
		  mod_disco: {}
		  mod_muc: {}
		EOF
	} >"$_home/ejabberd.yml"
	printf '{lookup, ["native"]}.\n{file, resolv, "%s"}.\n' \
		/etc/resolv.conf >"$_home/inetrc"
	(
		cd "$_home/data" || exit 1
		EJABBERD_CONFIG_PATH=$_home/ejabberd.yml
		EJABBERD_LOG_PATH=$_home/log/ejabberd.log
		ERL_CRASH_DUMP=$_home/log/crash
		ERL_INETRC=$_home/inetrc
		ERL_LIBS=$(dirname "$(dirname "$(ls -d \
			/usr/lib/*/ejabberd-*/ebin | head -n 1)")")
		HOME=$_home
		export EJABBERD_CONFIG_PATH EJABBERD_LOG_PATH ERL_CRASH_DUMP \
			ERL_INETRC ERL_LIBS HOME
		exec erl -noinput +S 1:1 +sbwt none -mnesia dir \
			"\"$_home/data\"" -s ejabberd
	) >"$_home/out" 2>&1 &
	JUDGES="$JUDGES $!"
	wait_for "ejabberd at $_address" nc -z -w 1 "$_address" 5222
	wait_for "ejabberd at $_address" nc -z -w 1 "$_address" 5269
}
