#!/usr/bin/python3
"""peer_cfssl.py - certificates per CPU second of `cfssl serve` with SQLite.

usage: peer_cfssl.py N     (needs: apt-get install golang-cfssl sqlite3 openssl)

The peer of tests/bench/issue.sh (performance.md P9): it stores each
certificate in SQLite before it answers.  Eight keep-alive clients submit N
CSRs with the same P-256 key; the server's CPU time is read from /proc.
"""
import http.client, json, os, subprocess, sys, tempfile, threading, time

SCHEMA = """
CREATE TABLE certificates (serial_number blob NOT NULL,
  authority_key_identifier blob NOT NULL, ca_label blob, status blob NOT NULL,
  reason int, expiry timestamp, revoked_at timestamp, pem blob NOT NULL,
  PRIMARY KEY(serial_number, authority_key_identifier));
CREATE TABLE ocsp_responses (serial_number blob NOT NULL,
  authority_key_identifier blob NOT NULL, body blob NOT NULL,
  expiry timestamp, PRIMARY KEY(serial_number, authority_key_identifier));
"""
CONFIG = {"signing": {"default": {"expiry": "2160h", "usages": [
    "signing", "key encipherment", "server auth", "client auth"]}}}


def run(*argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, **more).stdout


def cpu(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def prepare(folder):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder + "/ca.key",
        "-out", folder + "/ca.pem", "-subj", "/CN=peer", "-days", "30",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    # cfssl reads SEC1 keys alone
    run("openssl", "ec", "-in", folder + "/ca.key", "-out", folder + "/ca.ec")
    run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder + "/key.pem",
        "-out", folder + "/csr.pem", "-subj", "/CN=alpha.example", "-addext",
        "subjectAltName=DNS:alpha.example")
    run("sqlite3", folder + "/certs.db", input=SCHEMA.encode())
    with open(folder + "/config.json", "w") as f:
        json.dump(CONFIG, f)
    with open(folder + "/db.json", "w") as f:
        json.dump({"driver": "sqlite3",
                   "data_source": folder + "/certs.db"}, f)


def serve(folder, port):
    return subprocess.Popen(
        ["cfssl", "serve", "-address", "127.0.0.1", "-port", str(port),
         "-ca", folder + "/ca.pem", "-ca-key", folder + "/ca.ec",
         "-config", folder + "/config.json", "-db-config",
         folder + "/db.json", "-loglevel", "5"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def client(port, body, n, failures):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(n):
        c.request("POST", "/api/v1/cfssl/sign", body)
        if not json.loads(c.getresponse().read()).get("success"):
            failures.append(1)


def wait_for(port):
    for _ in range(200):
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            c.request("GET", "/")
            c.getresponse().read()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("cfssl does not start")


def main():
    n = int(sys.argv[1])
    port = 20000 + os.getpid() % 20000
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        body = json.dumps({"certificate_request":
                           open(folder + "/csr.pem").read()}).encode()
        server = serve(folder, port)
        try:
            wait_for(port)
            client(port, body, 20, [])
            before, start, failures = cpu(server.pid), time.time(), []
            threads = [threading.Thread(target=client, args=(
                port, body, n // 8, failures)) for _ in range(8)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            wall, spent = time.time() - start, cpu(server.pid) - before
        finally:
            server.terminate()
            server.wait()
        done = n // 8 * 8 - len(failures)
        print("cfssl_wall_per_second %.0f" % (done / wall))
        print("cfssl_per_cpu_second %.0f" % (done / spent))
        print("cfssl_failures %d" % len(failures))


main()
