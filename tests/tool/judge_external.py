"""judge_external.py ADDRESS DOMAIN CHAIN KEY [AUTHZID]
Logs in at port 5222 with STARTTLS, a client certificate and SASL EXTERNAL, and
prints the address that the server binds (status 0), or `refused WHY` (1)."""
import base64
import socket
import ssl
import sys
from xml.etree.ElementTree import XMLPullParser
from xml.sax.saxutils import quoteattr


class Refused(Exception):
    pass


class Client:
    def __init__(self, address, domain):
        self.domain = domain
        self.socket = socket.create_connection((address, 5222), 10)
        self.socket.settimeout(10)

    def send(self, text):
        self.socket.sendall(text.encode())

    def open(self):
        self.parser, self.depth = XMLPullParser(("start", "end")), 0
        self.send("<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' "
                  "xmlns:stream='http://etherx.jabber.org/streams' to=%s>" % quoteattr(self.domain))
        return self.need("features")

    def read(self):
        while True:
            for event, element in self.parser.read_events():
                self.depth += 1 if event == "start" else -1
                if event == "end" and self.depth == 1:
                    return element
            data = self.socket.recv(65536)
            if not data:
                raise Refused("the stream was closed")
            self.parser.feed(data)

    def need(self, name):
        element = self.read()
        if element.tag.split("}")[-1] != name:
            raise Refused(" ".join(e.tag.split("}")[-1] for e in element.iter()))
        return element

    def secure(self, chain, key):
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self.need("proceed")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(chain, key)
        self.socket = context.wrap_socket(self.socket)


def login(address, domain, chain, key, authzid):
    client = Client(address, domain)
    client.open()
    client.secure(chain, key)
    offered = [e.text for e in client.open().iter() if e.tag.endswith("}mechanism")]
    if "EXTERNAL" not in offered:
        raise Refused("EXTERNAL is not offered: %s" % " ".join(offered))
    word = base64.b64encode(authzid.encode()).decode() or "="
    client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>%s</auth>" % word)
    client.need("success")
    client.open()
    client.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
    found = [e.text for e in client.need("iq").iter() if e.tag.endswith("}jid")]
    if not found:
        raise Refused("nothing was bound")
    return found[0]


try:
    print(login(*sys.argv[1:5], sys.argv[5] if len(sys.argv) > 5 else ""))
except (Refused, OSError) as error:
    print("refused", error)
    sys.exit(1)
