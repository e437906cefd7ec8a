# sshd.sh - OpenSSH's server as a peer for the measurements over SSH.
# shellcheck shell=sh

# sshd_start ACCOUNT: on a free loopback port, let in by that account's key;
# sets PEER (the port) and SSHD (its process, for the caller to end).
sshd_start() {
	PEER=$(free_port)
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$T/peer_host"
	cat "$T/keys/$1.pub" >"$T/authorized"
	cat >"$T/sshd_config" <<EOF
Port $PEER
ListenAddress 127.0.0.1
HostKey $T/peer_host
AuthorizedKeysFile $T/authorized
StrictModes no
UsePAM no
PermitRootLogin yes
MaxStartups 1000
LogLevel QUIET
PidFile $T/sshd.pid
EOF
	"$(command -v sshd || echo /usr/sbin/sshd)" -f "$T/sshd_config" </dev/null \
		>/dev/null 2>&1 || fail sshd
	wait_for sshd test -s "$T/sshd.pid"
	SSHD=$(cat "$T/sshd.pid")
}
