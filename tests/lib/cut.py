"""Runs a program with a PostgreSQL URL that ends at its n-th COMMIT.

cut.py URL [kill-]before|[kill-]after|gone N PROGRAM...

The program gets the URL of a proxy as --url. The proxy closes both connections before it passes the n-th COMMIT on, or
when the server has answered it. Gone: it takes no further connection then.
"""

import socket
import struct

from cut_proxy import Proxy, read


def message(sock):
    head = read(sock, 5)
    return head, read(sock, struct.unpack("!I", head[1:])[0] - 4)


class PostgresqlProxy(Proxy):
    default_port = 5432
    query = "sslmode=disable&gssencmode=disable"

    def requests(self, client, server):
        head = read(client, 4)
        server.sendall(head + read(client, struct.unpack("!I", head)[0] - 4))
        while True:
            head, body = message(client)
            if self.when == "before" and head[:1] in b"PQ" and b"COMMIT\0" in body[:8] and self.is_last():
                return
            server.sendall(head + body)

    def answers(self, client, server):
        while True:
            head, body = message(server)
            if self.when != "before" and head[:1] == b"C" and body.startswith(b"COMMIT") and self.is_last():
                if self.when == "gone":
                    self.socket.shutdown(socket.SHUT_RDWR)
                    self.socket.close()
                return
            client.sendall(head + body)


PostgresqlProxy.main()
