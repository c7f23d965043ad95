"""Runs a program with a MySQL URL that ends at its n-th statement that commits.

cut_mysql.py URL before|after N PROGRAM...

The program gets the URL of a proxy as --url. The proxy closes both connections before it passes the n-th such statement
on, or when the server has answered it.
"""

import re
import socket
import subprocess
import sys
import threading
import urllib.parse

COMMITS = re.compile(rb"\s*(COMMIT|CREATE|ALTER|DROP|RENAME)\b", re.I)
COM_QUERY = 3


def read(sock, n):
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def packet(sock):
    head = read(sock, 4)
    return head, read(sock, int.from_bytes(head[:3], "little"))


class Proxy:
    def __init__(self, host, port, when, n):
        self.server, self.when, self.left = (host, port), when, n
        self.is_last = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.socket.accept()
            server = socket.create_connection(self.server)
            for s in client, server:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for work in self.requests, self.answers:
                threading.Thread(target=self.pump, args=(work, client, server), daemon=True).start()

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
        while True:
            head, body = packet(client)
            if head[3] == 0 and body[:1] == bytes([COM_QUERY]) and COMMITS.match(body[1:]):
                self.left -= 1
                if self.left == 0:
                    if self.when == "before":
                        return
                    self.is_last.set()
            server.sendall(head + body)

    def answers(self, client, server):
        while True:
            head, body = packet(server)
            if self.is_last.is_set():
                self.is_last.clear()
                return
            client.sendall(head + body)


def main():
    url, when, n, program = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
    parts = urllib.parse.urlsplit(url)
    proxy = Proxy(parts.hostname, parts.port or 3306, when, n)
    ours = parts._replace(netloc="%s@127.0.0.1:%d" % (parts.netloc.rpartition("@")[0], proxy.port))
    done = subprocess.run([program[0], "--url", urllib.parse.urlunsplit(ours), *program[1:]], stdin=subprocess.DEVNULL)
    sys.exit(done.returncode)


main()
