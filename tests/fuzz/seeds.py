#!/usr/bin/python3
"""seeds.py - the first inputs of the fuzz targets, written to corpus/NAME/.

usage: seeds.py [FOLDER]      (default: the folder `corpus` beside this file)

What the targets read stands at the top of each NAME_fuzz.c.  What has grown
by fuzzing (kept by `run --keep`) is left alone.  Those of `wire` hold the
numbers of ops: make them anew when ops.def has changed.
"""
import base64, importlib.util, os, re, subprocess, sys, tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "corpus")

spec = importlib.util.spec_from_file_location(
    "make_csr", os.path.join(ROOT, "tests/tool/make_csr.py"))
csr = importlib.util.module_from_spec(spec)
spec.loader.exec_module(csr)


def seed(target, name, data):
    folder = os.path.join(OUT, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "seed-" + name), "wb") as f:
        f.write(data)


def extensions(*list_):
    """The attribute extensionRequest."""
    return csr.seq(csr.oid("1.2.840.113549.1.9.14"),
                   csr.der(0x31, csr.seq(*list_)))


def san(*names):
    return csr.seq(csr.oid("2.5.29.17"), csr.der(4, csr.seq(
        *(csr.NAMES[kind](value.encode()) for kind, value in names))))


def common_name(text, tag=0x0c):
    return csr.der(0x31, csr.seq(csr.oid("2.5.4.3"),
                                 csr.der(tag, text.encode())))


def requests():
    made = {
        "plain": (0, b"", extensions(san(("dns", "xmpp.example")))),
        "srv": (0, common_name("Jabber.ORG."), extensions(san(
            ("srv", "_xmpp-server.jabber.org"), ("dns", "jabber.org"),
            ("xmpp", "jabber.org"), ("srv-utf8", "_xmpp-client.jabber.org")))),
        "idn": (12, common_name("xn--mller-kva.de"), extensions(san(
            ("xmpp", "m\u00fcller.de"), ("dns", "a.xn--mller-kva.de")))),
        "bad": (1, common_name("a\u202eb.example"), extensions(san(
            ("dns", "*.xmpp.example"), ("ip", "1234"), ("mail", "a@b.c"),
            ("uri", "xmpp:a@b.example"), ("dns", "a\x00b.example"),
            ("dns", "gone.example"), ("srv", "_http.xmpp.example")))),
        "uses": (6, b"", extensions(
            csr.seq(csr.oid("2.5.29.19"), csr.der(1, b"\xff"),
                    csr.der(4, csr.seq(csr.der(1, b"\xff")))),
            csr.seq(csr.oid("2.5.29.15"), csr.der(4, b"\x03\x02\x05\xa0")),
            csr.seq(csr.oid("2.5.29.37"), csr.der(4, csr.seq(
                csr.oid("1.3.6.1.5.5.7.3.1"), csr.oid("1.3.6.1.5.5.7.3.9")))),
            csr.seq(csr.oid("1.3.6.1.5.5.7.1.24"),
                    csr.der(4, csr.seq(csr.der(2, b"\x05")))))),
        "password": (3, b"", csr.seq(csr.oid("1.2.840.113549.1.9.7"),
                                     csr.der(0x31, csr.der(0x0c, b"x")))),
    }
    for name, (mode, subject, attributes) in made.items():
        assert len(subject) < 128
        seed("csr", name, bytes([mode, 128 + len(subject)]) + subject +
             attributes)


def blocks():
    with tempfile.TemporaryDirectory() as d:
        key = os.path.join(d, "key")
        run = lambda *a: subprocess.run(a, check=True, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL).stdout
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-out", key)
        pem = run("openssl", "req", "-new", "-key", key, "-subj",
                  "/CN=xmpp.example", "-addext",
                  "subjectAltName=DNS:xmpp.example")
        sec1 = run("openssl", "ec", "-in", key)
        der = base64.b64decode(b"".join(pem.split(b"\n")[1:-2]))
    seed("csr", "pem", bytes([0, 0]) + pem)
    seed("csr", "der", bytes([1, 0]) + der)
    seed("pem", "der", der)
    seed("pem", "good", pem)
    seed("pem", "cr", pem.replace(b"\n", b"\r"))
    seed("pem", "mail", b"\xef\xbb\xbfHello,\n\n> " +
         pem.replace(b"\n", b"\r\n> ") + b"\nyours\n")
    seed("pem", "new", pem.replace(b"CERT", b"NEW CERT"))
    seed("pem", "twice", pem + pem)
    seed("pem", "cut", pem[:200])
    seed("pem", "header", pem.replace(b"-----\n", b"-----\nProc-Type: 4\n\n", 1))
    seed("pem", "key", sec1)
    seed("pem", "bare", base64.b64encode(der))
    rsa = csr.seq(csr.der(2, b"\0"), csr.der(2, b"\x0f"), csr.der(2, b"\x03"),
                  csr.der(2, b"\x03"), csr.der(2, b"\x03"), csr.der(2, b"\x05"))
    seed("pem", "rsa", rsa)
    seed("pem", "pkcs8", csr.seq(
        csr.der(2, b"\0"), csr.seq(csr.oid("1.2.840.113549.1.1.1"),
                                   b"\x05\0"), csr.der(4, rsa)))


def names():
    for i, text in enumerate([
            "jabber.org\nconference.jabber.org", "Example.ORG.",
            "b\u00fccher.de\nxn--bcher-kva.de", "xn--e1afmkfd.org",
            "\u05e9\u05dc\u05d5\u05dd.com", "a.b.c.example\nexample",
            "192.0.2.1", "*.example.org", "co.uk", "foo.co.uk\nco.uk",
            "stra\u00dfe.de", "_xmpp-server.example.org", "[2001:db8::1]",
            "\u4f8b\u5b50.com", "a" * 63 + ".org", "xn--a.de", "fa\u200cx.org",
            "bu\u0308cher.de\nbu\u0308cher.de"]):
        seed("names", "%02d" % i, bytes([i & 1]) + text.encode())


def jids():
    for i, text in enumerate([
            "romeo@alpha.example", "Romeo@Alpha.ORG/phone",
            "a+b.c_d=e!{}@alpha.example.", "d\\27artagnan@jabber.org",
            "J\u00dcrgen@b\u00fccher.de", "ju\u0308rgen@xn--bcher-kva.de",
            "stra\u00dfe.7@alpha.example", "\u0418\u0432\u0430\u043d@jabber.ru",
            "\u05d0\u05d1@jabber.org", "\u05d0\u05d1.abc@alpha.example",
            "j\u00fcrgen_m@jabber.org", "\uff21@jabber.org", "ro meo@jabber.org",
            "@jabber.org", "romeo@", "a@b@jabber.org", "romeo@192.0.2.1",
            "ro\u200bmeo@jabber.org", "\u2665@jabber.org", "a\u30fbb@jabber.org",
            "fa\u200cx@jabber.org", "l\u00b7l@jabber.org",
            "\u0131\u0130@jabber.org", "\u03c3\u03c2@jabber.org",
            "x" * 600 + "@jabber.org", "xn--bcher-kva@jabber.org",
            "..\u00fc..@jabber.org", "-\u00fc-@jabber.org"]):
        seed("jid", "%02d" % i, bytes([i & 1]) + text.encode())


def dns():
    def caa(flags, tag, value):
        record = bytes([flags, len(tag)]) + tag.encode() + value.encode()
        return bytes([len(record)]) + record

    def srv(target):
        return b"\0\1\0\2\x14\x66" + b"".join(
            bytes([len(x)]) + x.encode() for x in target.split(".")) + b"\0"

    list_ = [
        b"\0" + b"\x14xmpp-ica-proof=ABCDE\0\4more",
        b"\0" + b"\xff" + b"x" * 255 + b"\1y",
        b"\1" + srv("xmpp.example.org"),
        b"\1" + b"\0\0\0\0\0\0\0",
        b"\2" + caa(0, "issue", "ca.example"),
        b"\2" + caa(0, "issue", ";") + caa(0, "ISSUEWILD", "a.example"),
        b"\2" + caa(128, "tbs", "x") + caa(0, "iodef", "mailto:a@b.example"),
        b"\2" + caa(0, "issue", "ca.example; accounturi=xmpp-ica:alice; "
                    "validationmethods=ca-dns,http-01"),
        b"\2" + caa(0, "issue", " ca.example ;accounturi=x;accounturi=y"),
    ]
    for i, data in enumerate(list_):
        seed("dns", "%02d" % i, data)


def shapes():
    """{noun: [(kind, arguments)]} of nouns.def."""
    all_, noun = {}, None
    with open(os.path.join(ROOT, "core/model/nouns.def")) as f:
        for line in f:
            m = re.match(r"\s*([A-Z0-9]+)\(([^)]*)\)", line)
            if not m:
                continue
            arguments = [a.strip() for a in m.group(2).split(",")]
            if m.group(1) == "NOUN":
                noun = all_.setdefault(arguments[0], [])
            elif m.group(1) != "END" and noun is not None:
                noun.append((m.group(1), arguments))
    return all_


def encoded(all_, noun, deep=0):
    out = b""
    for kind, a in all_[noun]:
        if kind in ("I64", "TIME"):
            out += (1).to_bytes(8, "big")
        elif kind in ("BOOL", "WORD"):
            out += b"\0"
        elif kind in ("STR", "BLOB"):
            out += (1).to_bytes(4, "big") + b"a"
        elif kind == "BYTES":
            out += bytes(int(a[1]))
        elif kind == "SUB":
            out += encoded(all_, a[1], deep + 1)
        elif kind == "LIST":
            out += (deep == 0).to_bytes(4, "big")
            out += encoded(all_, a[1], 1) if deep == 0 else b""
    return out


def wire():
    all_, number, streams = shapes(), 0, {"REGISTRAR": b"", "SIGNER": b""}
    ops = re.findall(r"^OP\((\w+), (\w+), (\w+), (\w+),", open(os.path.join(
        ROOT, "core/wire/ops.def")).read(), re.M)
    for number, (server, name, argument, answer) in enumerate(ops):
        seed("wire", "ask-" + name, bytes([1, number, 0]) +
             encoded(all_, argument))
        seed("wire", "answer-" + name, bytes([2, number, 1]) +
             encoded(all_, answer))
    change = encoded(all_, "change")
    frame = lambda op, kind, body: (len(body) + 7).to_bytes(4, "big") + \
        bytes(4) + op.to_bytes(2, "big") + bytes([kind]) + body
    seed("wire", "changes", bytes([3, 0, 0]) +
         frame(0xffff, 3, change) * 2 + frame(1, 1, b"x"))
    names_ = [o[1] for o in ops]
    seed("wire", "stream", bytes([0, 1, 0]) + b"".join(
        frame(names_.index(n), 0, encoded(all_, ops[names_.index(n)][2]))
        for n in ("whoami", "key_list", "request_submit", "domain_list")))
    seed("wire", "error", bytes([2, 0, 2]) + b"\1" + b"\0\0\0\1c\0\0\0\1t")


def texts():
    for i, text in enumerate([
            b"plain", "\u202eevil\u200b \u0301\u0301\u0301 \U000e0041".encode(),
            b"\x1b[2J\x07\xc2\x9b\x7f\xff\xc0\x80", b"QUJD", b"QQ==",
            b"00ff7a", b"2026-11-22T15:04:05Z", b"2026-11-22 15:04",
            b"12345", b"a\nb\r\n\tc"]):
        seed("text", "%02d" % i, bytes([i * 9]) + text)
    paste = "\x1b[200~-----BEGIN CERTIFICATE REQUEST-----\r\nAAAA\r\n" \
        "-----END CERTIFICATE REQUEST-----\r\n\x1b[201~"
    plain = paste[6:-6]
    for i, (way, text) in enumerate([
            (0, "\x60\0" + paste), (1, "\x40\0" + plain[:64] + "\x40\1" +
            plain[64:]), (0, "\x20\0\x1b[A\x1bOP\x1b[24~\x1b[[B\x7f\xc3\xa4x"),
            (0, "\x01\x09\x1b\x01\x09[\x05\x20A\x1b[1"), (3, "abc\x7f\x15de "
            "f\x17\x1b[A\x04\r\nexit\r" + plain + "\x04"),
            (2, "one\n" + plain + "two\n.\n"), (3, "e\r\r\x03")]):
        seed("keys", "%02d" % i, bytes([way]) + text.encode("latin-1"))
    with tempfile.TemporaryDirectory() as t:
        for i, kind in enumerate(["ed25519", "ecdsa", "rsa"]):
            key = os.path.join(t, kind)
            subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C",
                            "x", "-f", key], check=True)
            sig = subprocess.run(
                ["ssh-keygen", "-Y", "sign", "-q", "-n", "approve@xmpp-ica",
                 "-f", key], input=b"a statement\n", check=True,
                stdout=subprocess.PIPE).stdout
            seed("sshsig", "%02d" % i, b"\0" + sig)
            with open(key + ".pub", "rb") as f:
                seed("sshsig", "%02d" % (i + 3), b"\2" + f.read())
    seed("sshsig", "06", b"\1log\n12\n" + b"A" * 43 +
         b"=\n\n\xe2\x80\x94 log " + b"A" * 91 + b"=\n")
    seed("sshsig", "07", b"\2PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqi"
         b"BfsVkmqq/LDE4izWy10TW")
    for i, line in enumerate([
            "request --domain a.example --domain b.example --profile xmpp-s2s"
            " --note 'a \"b\" c'", "status 12", "list --expiring 30 --json",
            "cert 3 --leaf --der", "domain add x.example --to postmaster",
            'refuse 4 --reason "no \\"good\\" one"', "audit --since=2026-01-01",
            "revoke -- 3 keyCompromise", "help x y z", "key add a\\ b",
            "register a a@b.example --accept"]):
        seed("command", "%02d" % i, bytes([i]) + line.encode())
    with open(os.path.join(ROOT, "core/base/conf.def")) as f:
        rows = re.findall(r"^CONF_(STR|INT|BOOL)\((\w+), (\w+),", f.read(),
                          re.M)
    value = {"STR": "x", "INT": "5", "BOOL": "no"}
    text, last = "[service]\ndir = .\n", "service"
    for kind, section, key in rows:
        if key != "dir" or section != "service":
            text += "[%s]\n" % section if section != last else ""
            text += "%s = %s\n" % (key, value[kind])
            last = section
    seed("conf", "all", text.encode())
    seed("conf", "few", b"[service]\nname = ca.example ; comment\n dir=.\n"
         b"[ssh]\nport = 2222\n")
    seed("conf", "bad", b"[nothing]\nport = 99999999999999999999\n=\n[")


def gate():
    KEY = 0                          # the first kind
    text = lambda s: len(s).to_bytes(4, "big") + s.encode()
    key = text("alice") + text("ssh-ed25519 AAAA") + text("SHA256:abc")
    seed("gate", "key", bytes([KEY]) + key)
    seed("gate", "open", bytes([KEY + 1]) + key)
    seed("gate", "spawn", bytes([KEY + 2, 1, 1]) + text("xterm-256color") +
         b"\0\x50\0\x18" + text("status 3") + b"\2" + text("LANG=C.UTF-8") +
         text("NO_COLOR=1"))
    for kind in range(KEY + 3, KEY + 7):
        seed("gate", "other-%d" % kind, bytes([kind, 3]) + text("words"))


requests()
blocks()
gate()
names()
jids()
dns()
wire()
texts()
