"""A proxy before a database server that closes its connections in the middle, for cut.py and cut_mysql.py.

With kill-before and kill-after the program is killed, too: otherwise it connects again and continues.
"""

import socket
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
    """A subclass knows the protocol: requests() and answers() pass messages on, and return to close both connections."""

    default_port = None
    query = None  # of the URL that the program gets; None: that of the server's

    def __init__(self, parts, when, n):
        self.server = (parts.hostname, parts.port or self.default_port)
        self.kills = when.startswith("kill-")
        self.when, self.left = when.removeprefix("kill-"), n
        self.socket = socket.create_server(("127.0.0.1", 0))
        user = parts.netloc.rpartition("@")[0]
        self.url = urllib.parse.urlunsplit(parts._replace(
            netloc="%s@127.0.0.1:%d" % (user, self.socket.getsockname()[1]),
            query=parts.query if self.query is None else self.query))
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
            for work in self.requests, self.answers:
                threading.Thread(target=self.pump, args=(work, client, server), daemon=True).start()

    def pump(self, work, client, server):
        try:
            work(client, server)
            if self.kills:
                self.process.kill()
                self.process.wait()
        except (EOFError, OSError):
            pass
        for s in (client, server):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def is_last(self):
        """Counts a commit."""
        self.left -= 1
        return self.left == 0

    @classmethod
    def main(cls):
        url, when, n, program = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:]
        proxy = cls(urllib.parse.urlsplit(url), when, n)
        proxy.process = subprocess.Popen([program[0], "--url", proxy.url, *program[1:]], stdin=subprocess.DEVNULL)
        status = proxy.process.wait()
        sys.exit(status if status >= 0 else 128 - status)
