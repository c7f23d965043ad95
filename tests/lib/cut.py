"""Runs a program with a PostgreSQL URL that ends at its n-th COMMIT.

cut.py URL before|after|gone N PROGRAM...

The program gets the URL of a proxy as --url. The proxy closes both connections before it passes the n-th COMMIT on, or
when the server has answered it. Gone: it takes no further connection then.
"""

import socket
import struct
import subprocess
import sys
import threading
import urllib.parse


def read(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


class Proxy:
    def __init__(self, host, port, when, n):
        self.server = (host, port)
        self.when, self.left = when, n
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            server = socket.create_connection(self.server)
            for s in client, server:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.pump, args=(self.requests, client, server), daemon=True).start()
            threading.Thread(target=self.pump, args=(self.answers, client, server), daemon=True).start()

    def pump(self, work, client, server):
        try:
            work(client, server)
        except (EOFError, OSError):
            pass
        for s in (client, server):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def requests(self, client, server):
        head = read(client, 4)
        server.sendall(head + read(client, struct.unpack("!I", head)[0] - 4))
        while True:
            head = read(client, 5)
            body = read(client, struct.unpack("!I", head[1:])[0] - 4)
            is_commit = head[:1] in b"PQ" and b"COMMIT\0" in body[:8]
            if is_commit and self.when == "before":
                self.left -= 1
                if self.left == 0:
                    return
            server.sendall(head + body)

    def answers(self, client, server):
        while True:
            head = read(server, 5)
            body = read(server, struct.unpack("!I", head[1:])[0] - 4)
            if self.when != "before" and head[:1] == b"C" and body.startswith(b"COMMIT"):
                self.left -= 1
                if self.left == 0:
                    if self.when == "gone":
                        self.socket.shutdown(socket.SHUT_RDWR)
                        self.socket.close()
                    return
            client.sendall(head + body)


def main():
    url, when, n, program = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    parts = urllib.parse.urlsplit(url)
    proxy = Proxy(parts.hostname, parts.port or 5432, when, n)
    user = parts.netloc.rpartition("@")[0]
    ours = parts._replace(netloc=f"{user}@127.0.0.1:{proxy.port}", query="sslmode=disable&gssencmode=disable")
    done = subprocess.run([program[0], "--url", urllib.parse.urlunsplit(ours), *program[1:]], stdin=subprocess.DEVNULL)
    sys.exit(done.returncode)


main()
