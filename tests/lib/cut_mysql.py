"""Runs a program with a MySQL URL that ends at its n-th statement that commits.

cut_mysql.py URL [kill-]before|[kill-]after N PROGRAM...

The program gets the URL of a proxy as --url. The proxy closes both connections before it passes the n-th such statement
on, or when the server has answered it.
"""

import re
import threading

from cut_proxy import Proxy, read

# A record of the progress commits by itself, too.
COMMITS = re.compile(rb"\s*((COMMIT|CREATE|ALTER|DROP|RENAME)\b|(INSERT INTO|UPDATE) `cmig_progress`)", re.I)
COM_QUERY = 3


def packet(sock):
    head = read(sock, 4)
    return head, read(sock, int.from_bytes(head[:3], "little"))


class MysqlProxy(Proxy):
    default_port = 3306

    def __init__(self, *arguments):
        self.cuts_answer = threading.Event()
        super().__init__(*arguments)

    def requests(self, client, server):
        while True:
            head, body = packet(client)
            if head[3] == 0 and body[:1] == bytes([COM_QUERY]) and COMMITS.match(body[1:]) and self.is_last():
                if self.when == "before":
                    return
                self.cuts_answer.set()
            server.sendall(head + body)

    def answers(self, client, server):
        while True:
            head, body = packet(server)
            if self.cuts_answer.is_set():
                self.cuts_answer.clear()
                return
            client.sendall(head + body)


MysqlProxy.main()
