#!/bin/sh
# layers.sh - the arrows of share/doc/house.md hold: what each folder
# includes, and which libraries each binary needs (S12.2).  BIN, SRC.
: "${SRC:=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)}"
: "${BIN:=$SRC/build/bin}"
cd "$SRC" || exit 1
bad=0

complain() {
	echo "layers: $*"
	bad=$((bad + 1))
}

# arrow FOLDER MAY...: a file of FOLDER includes from itself and from MAY.
arrow() {
	_from=$1
	shift
	_may=$_from/
	for _m; do
		_may="$_may|$_m/"
	done
	_wrong=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' \
		--include='*.[ch]' --include='*.def' "$_from" |
		grep -vE "include[[:space:]]*\"($_may)")
	[ -z "$_wrong" ] || complain "$_from may include $* only:
$_wrong"
}

arrow core/base
arrow core/model core/base
arrow core/x509 core/base core/model
arrow core/wire core/base core/model
arrow core/registrar core/base core/model core/x509 core/wire
arrow core/signer core/base core/model core/x509 core/wire
arrow core/publisher core/base core/model core/x509
arrow core/courier core/base core/model core/wire
arrow core/master core/base
arrow core/ctl core/base core/model core/wire
arrow console core/base core/model core/wire

# the gate and the console share a folder, not their insides
wrong=$(grep -n '#include "console/' console/gate*.[ch] |
	grep -v '"console/gate')
[ -z "$wrong" ] || complain "the gate includes the console:
$wrong"
wrong=$(grep -n '#include "console/gate' console/*.[ch] |
	grep -v '^console/gate')
[ -z "$wrong" ] || complain "the console includes the gate:
$wrong"

# only HEADER FILE-PATTERN...: the library's header is included there alone.
only() {
	_header=$1
	shift
	_where=$(grep -rlE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<$_header" \
		core console)
	for _file in $_where; do
		_ok=no
		for _p; do
			# shellcheck disable=SC2254
			case $_file in $_p) _ok=yes ;; esac
		done
		[ $_ok = yes ] || complain "$_file includes <$_header>"
	done
}

only sqlite3.h core/registrar/db_parts.h
wrong=$(grep -rl 'registrar/db_parts.h' core console --include='*.[ch]' |
	grep -v '^core/registrar/db')
[ -z "$wrong" ] || complain "db_parts.h is included by $wrong"
only curl/ 'core/courier/*'
only unbound 'core/courier/*'
only libssh/ 'console/gate*'
only 'n?curses' 'console/[!g]*' 'console/g[!a]*'
only panel 'console/[!g]*' 'console/g[!a]*'
only jansson 'console/[!g]*' 'console/g[!a]*' 'core/ctl/*' 'core/registrar/*'
only microhttpd 'core/publisher/*'
only openssl/ 'core/x509/*' 'core/signer/*' 'core/registrar/*' 'core/publisher/*' \
	'core/courier/*'
only seccomp.h 'core/base/jail*'
only ini.h core/base/conf.c
only idn2 'core/x509/*' 'core/registrar/*'
only libpsl 'core/x509/*' 'core/registrar/*'

# needs BINARY LIBRARY...: exactly these, besides libc.
needs() {
	_binary=$1
	shift
	_have=$(readelf -d "$BIN/$_binary" 2>/dev/null |
		sed -n 's/.*(NEEDED).*\[\(lib[a-z0-9]*\)[.-].*/\1/p' |
		grep -vxE 'libc|ld|libgcc_s' | sort | tr '\n' ' ')
	_want=$(printf '%s\n' "$@" | sort | tr '\n' ' ')
	[ -x "$BIN/$_binary" ] || complain "$BIN/$_binary is not there"
	[ "$_have" = "$_want" ] ||
		complain "$_binary needs '$_have', not '$_want'"
}

needs xmpp-icad libinih
needs xmpp-icactl libinih
needs xmpp-ica-signer libinih libseccomp libcrypto libidn2 libpsl
needs xmpp-ica-registrar libinih libseccomp libcrypto libidn2 libpsl \
	libsqlite3 libjansson
needs xmpp-ica-publisher libinih libseccomp libcrypto libmicrohttpd
needs xmpp-ica-courier libinih libseccomp libcurl libunbound libssl libcrypto
needs xmpp-ica-gate libinih libseccomp libssh
needs xmpp-ica-console libseccomp libncursesw libtinfo libjansson

# what nobody calls
wrong=$(grep -nwE 'sprintf|vsprintf|strcpy|strcat|atoi|system|popen|alloca|gets' \
	-r core console --include='*.[ch]' |
	grep -E '\b(sprintf|vsprintf|strcpy|strcat|atoi|system|popen|alloca|gets)[[:space:]]*\(' |
	grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)')
[ -z "$wrong" ] || complain "calls that we do not make:
$wrong"

[ $bad -eq 0 ] && echo "layers: as drawn"
[ $bad -eq 0 ]
