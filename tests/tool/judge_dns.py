"""judge_dns.py ADDRESS NAME=ADDRESS... - a name server of a few names for the
judges' network: A records, and SRV records of _xmpp-server._tcp.NAME that
point to port 5269 of NAME itself; everything else is NXDOMAIN."""
import socket
import struct
import sys

A, SRV = 1, 33
NAMES = dict(pair.split("=") for pair in sys.argv[2:])
SERVICE = "_xmpp-server._tcp."


def wire(name):
    return b"".join(bytes([len(w)]) + w.encode() for w in name.split(".")) + b"\0"


def question(packet):
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode("ascii"))
        at += 1 + packet[at]
    return ".".join(labels).lower(), struct.unpack_from(">H", packet, at + 1)[0], at + 5


def answer(name, kind):
    """(name exists, data or None)"""
    if name in NAMES:
        return True, socket.inet_aton(NAMES[name]) if kind == A else None
    host = name[len(SERVICE):] if name.startswith(SERVICE) else None
    if host in NAMES:
        return True, struct.pack(">HHH", 0, 5, 5269) + wire(host) if kind == SRV else None
    return any(n.endswith("." + name) for n in NAMES) or not name, None


def main():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((sys.argv[1], 53))
    print("ready", flush=True)
    while True:
        packet, who = s.recvfrom(1500)
        try:
            name, kind, end = question(packet)
        except (IndexError, UnicodeDecodeError, struct.error):
            continue
        exists, data = answer(name, kind)
        reply = packet[:2] + struct.pack(">HHHHH", 0x8580 | (0 if exists else 3), 1,
                                         1 if data else 0, 0, 0) + packet[12:end]
        if data:
            reply += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data
        s.sendto(reply, who)


main()
