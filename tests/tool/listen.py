"""listen.py PORT|0 PORTFILE PROGRAM [ARG]... - run PROGRAM as the master would
run the gate: with a listening socket on loopback as descriptor 3."""
import os
import socket
import sys

s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen(512)
with open(sys.argv[2], "w") as f:
    f.write(str(s.getsockname()[1]))
fd = s.detach()
if fd != 3:
    os.dup2(fd, 3)
    os.close(fd)
os.set_inheritable(3, True)
os.execv(sys.argv[3], sys.argv[3:])
