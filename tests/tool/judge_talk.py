"""judge_talk.py message FROM-ADDRESS FROM-JID TO-ADDRESS TO-JID
   judge_talk.py room ADDRESS JID ROOM-JID
Logs in with SASL PLAIN (password: secret) at port 5222 of the addresses, sends
one message to the other side, or enters a room and speaks in it, and prints
what was seen: `delivered` (status 0), `refused CONDITION TEXT` (status 1),
`silence` (status 2)."""
import base64
import select
import socket
import sys
import time
import uuid
from xml.etree.ElementTree import XMLPullParser
from xml.sax.saxutils import quoteattr

PATIENCE = 25
STANZAS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"


class Client:
    def __init__(self, address, jid):
        self.user, self.domain = jid.split("@")
        self.socket = socket.create_connection((address, 5222), 10)
        self.open()
        plain = base64.b64encode(b"\0" + self.user.encode() + b"\0secret").decode()
        self.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>" % plain)
        self.need("success")
        self.open()
        self.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        self.jid = [e.text for e in self.need("iq").iter() if e.tag.endswith("}jid")][0]
        self.send("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")
        self.need("iq")

    def open(self):
        self.parser, self.depth = XMLPullParser(("start", "end")), 0
        self.send("<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' "
                  "xmlns:stream='http://etherx.jabber.org/streams' to=%s>" % quoteattr(self.domain))
        self.need("features")

    def send(self, text):
        self.socket.sendall(text.encode())

    def read(self, until):
        """The next stanza, or None when the time is over."""
        while True:
            for event, element in self.parser.read_events():
                self.depth += 1 if event == "start" else -1
                if event == "end" and self.depth == 1:
                    return element
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return None
            data = self.socket.recv(65536)
            if not data:
                raise SystemExit("%s closed the stream" % self.domain)
            self.parser.feed(data)

    def need(self, name):
        element = self.read(time.monotonic() + PATIENCE)
        if element is None or element.tag.split("}")[-1] != name:
            raise SystemExit("%s: wanted <%s>, got %s" % (
                self.domain, name, None if element is None else element.tag))
        return element


def refused(stanza):
    error = [e for e in stanza if e.tag.endswith("}error")][0]
    words = [e.text for e in error if e.tag == STANZAS + "text"]
    conditions = [e.tag[len(STANZAS):] for e in error if e.tag.startswith(STANZAS)]
    print("refused", conditions[0], *words)
    return 1


def watch(clients, heard):
    """heard(stanza) of the first stanza that tells; None is no answer yet."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for client in clients:
            stanza = client.read(time.monotonic() + 0.02)
            status = None if stanza is None else heard(stanza)
            if status is not None:
                return status
    print("silence")
    return 2


def body_of(stanza):
    return "".join(e.text or "" for e in stanza if e.tag == "{jabber:client}body")


def message(from_address, from_jid, to_address, to_jid):
    receiver = Client(to_address, to_jid)
    sender = Client(from_address, from_jid)
    token = uuid.uuid4().hex

    def heard(stanza):
        if not stanza.tag.endswith("}message"):
            return None
        if stanza.get("type") == "error":
            return refused(stanza)
        if body_of(stanza) != token or stanza.get("from") != sender.jid:
            return None
        print("delivered")
        return 0

    sender.send("<message type='chat' to=%s><body>%s</body></message>" % (
        quoteattr(receiver.jid), token))
    return watch((receiver, sender), heard)


def room(address, jid, to):
    client = Client(address, jid)
    token = uuid.uuid4().hex

    def heard(stanza):
        if stanza.get("type") == "error":
            return refused(stanza)
        if stanza.tag.endswith("}presence") and stanza.get("from") == to + "/" + client.user:
            client.send("<message type='groupchat' to=%s><body>%s</body></message>" % (
                quoteattr(to), token))
        if stanza.tag.endswith("}message") and body_of(stanza) == token and \
                stanza.get("from") == to + "/" + client.user:
            print("delivered")
            return 0
        return None

    client.send("<presence to=%s><x xmlns='http://jabber.org/protocol/muc'/></presence>" %
                quoteattr(to + "/" + client.user))
    return watch((client,), heard)


sys.exit({"message": message, "room": room}[sys.argv[1]](*sys.argv[2:]))
