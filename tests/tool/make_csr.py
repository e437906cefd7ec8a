#!/usr/bin/python3
"""make_csr.py - a PKCS#10 request of any shape, byte by byte, for the stories.

usage: make_csr.py KEY [--hash NAME] [--cn TEXT] [--san KIND:VALUE]...
                   [--extension OID,HEX[,critical]]... [--version N]
                   [--padding N] > csr.pem

Values are Python escapes ('a\\x00b.example').  KINDs: dns, mail, uri, ip,
srv, srv-utf8, xmpp.  --padding adds an unknown attribute of N octets.  The
openssl command signs; nothing here looks at what is sensible.
"""
import base64, subprocess, sys, tempfile


def der(tag, content):
    n = len(content)
    if n < 128:
        return bytes([tag, n]) + content
    length = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def oid(dotted):
    arcs = [int(a) for a in dotted.split(".")]
    out = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        piece = [arc & 0x7f]
        while arc > 0x7f:
            arc >>= 7
            piece.append(0x80 | arc & 0x7f)
        out += bytes(reversed(piece))
    return der(0x06, out)


def seq(*parts):
    return der(0x30, b"".join(parts))


def octets(text):
    """ASCII with Python escapes, or any Unicode text as UTF-8."""
    try:
        raw = text.encode("ascii")
    except UnicodeEncodeError:
        return text.encode()
    return raw.decode("unicode_escape").encode("latin-1")


def other_name(dotted, tag, value):
    return der(0xa0, oid(dotted) + der(0xa0, der(tag, value)))


NAMES = {
    "dns": lambda v: der(0x82, v),
    "mail": lambda v: der(0x81, v),
    "uri": lambda v: der(0x86, v),
    "ip": lambda v: der(0x87, v),
    "srv": lambda v: other_name("1.3.6.1.5.5.7.8.7", 0x16, v),
    "srv-utf8": lambda v: other_name("1.3.6.1.5.5.7.8.7", 0x0c, v),
    "xmpp": lambda v: other_name("1.3.6.1.5.5.7.8.5", 0x0c, v),
}
SIGNATURES = {          # (hash, is RSA): algorithm
    ("md5", True): "1.2.840.113549.1.1.4",
    ("sha1", True): "1.2.840.113549.1.1.5",
    ("sha256", True): "1.2.840.113549.1.1.11",
    ("sha384", True): "1.2.840.113549.1.1.12",
    ("sha1", False): "1.2.840.10045.4.1",
    ("sha256", False): "1.2.840.10045.4.3.2",
    ("sha384", False): "1.2.840.10045.4.3.3",
}


def extension(dotted, value, critical=False):
    flag = der(0x01, b"\xff") if critical else b""
    return seq(oid(dotted), flag, der(0x04, value))


def main():
    key, args = sys.argv[1], sys.argv[2:]
    hash_name, subject, names, extensions = "sha256", b"", b"", b""
    version, attributes = 0, b""
    while args:
        option, value = args[0], args[1]
        args = args[2:]
        if option == "--hash":
            hash_name = value
        elif option == "--cn":
            subject += der(0x31, seq(oid("2.5.4.3"),
                                     der(0x0c, octets(value))))
        elif option == "--san":
            kind, value = value.split(":", 1)
            names += NAMES[kind](octets(value))
        elif option == "--extension":
            parts = value.split(",")
            extensions += extension(parts[0], bytes.fromhex(parts[1]),
                                    "critical" in parts)
        elif option == "--version":
            version = int(value)
        elif option == "--padding":
            attributes += seq(oid("1.2.3.4"),
                              der(0x31, der(0x04, b"x" * int(value))))
        else:
            sys.exit(__doc__)
    if names:
        extensions = extension("2.5.29.17", der(0x30, names)) + extensions
    if extensions:
        attributes = seq(oid("1.2.840.113549.1.9.14"),
                         der(0x31, der(0x30, extensions))) + attributes
    spki = subprocess.run(["openssl", "pkey", "-in", key, "-pubout",
                           "-outform", "DER"], check=True,
                          capture_output=True).stdout
    body = seq(der(0x02, bytes([version])), der(0x30, subject), spki,
               der(0xa0, attributes))
    with tempfile.NamedTemporaryFile() as f:
        f.write(body)
        f.flush()
        signature = subprocess.run(
            ["openssl", "dgst", "-" + hash_name, "-sign", key, f.name],
            check=True, capture_output=True).stdout
    is_rsa = bytes.fromhex("2a864886f70d010101") in spki
    algorithm = oid(SIGNATURES[hash_name, is_rsa])
    if is_rsa:
        algorithm += der(0x05, b"")
    whole = seq(body, seq(algorithm), der(0x03, b"\x00" + signature))
    text = base64.b64encode(whole).decode()
    print("-----BEGIN CERTIFICATE REQUEST-----")
    for i in range(0, len(text), 64):
        print(text[i:i + 64])
    print("-----END CERTIFICATE REQUEST-----")


if __name__ == "__main__":
    main()
