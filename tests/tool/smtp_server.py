#!/usr/bin/python3
"""smtp_server.py - a real SMTP server on loopback that fails on demand.

usage: smtp_server.py DIR CERT KEY     (CERT "-": no STARTTLS offered)

Takes a free port and writes it to DIR/port once it listens.  Each accepted
message is appended to DIR/messages as one JSON line.  Recipients decide what
happens: perm@ is refused with 550, temp@ with 451, drop@ loses the connection
after DATA.  While DIR/temp exists every recipient is refused with 451; while
DIR/hold exists no message is answered, and DIR/held exists once one came.
"""
import asyncio, json, os, ssl, sys

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self, folder):
        self.folder = folder

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        if local == "perm":
            return "550 5.1.1 no such mailbox"
        if local == "temp" or os.path.exists(self.folder + "/temp"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("drop@"):
            server.transport.abort()
            return "421 gone"
        while os.path.exists(self.folder + "/hold"):
            open(self.folder + "/held", "w").close()
            await asyncio.sleep(0.05)
            if server.transport is None or server.transport.is_closing():
                return "421 gone"
        with open(os.path.join(self.folder, "messages"), "a") as f:
            f.write(json.dumps({
                "from": envelope.mail_from, "to": envelope.rcpt_tos,
                "tls": session.ssl is not None,
                "data": envelope.content.decode("utf-8", "replace"),
            }) + "\n")
        return "250 2.0.0 queued as T1"


async def main():
    folder, cert, key = sys.argv[1:4]
    context = None
    if cert != "-":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert, key)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(folder), tls_context=context,
                     require_starttls=context is not None, loop=loop,
                     enable_SMTPUTF8=True),
        "127.0.0.1", 0)
    temporary = os.path.join(folder, "port.new")
    with open(temporary, "w") as f:
        f.write(str(server.sockets[0].getsockname()[1]))
    os.rename(temporary, os.path.join(folder, "port"))
    await server.serve_forever()

asyncio.run(main())
