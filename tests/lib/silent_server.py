"""A PostgreSQL server that accepts connections and falls silent at a stage: silent_server.py STAGE

Stages: tcp (nothing is answered), ssl, startup, auth, query. Prints its port.
"""
import socket
import sys


def message(kind, body):
    return kind + (len(body) + 4).to_bytes(4, "big") + body


GREETING = (
    message(b"R", bytes(4))
    + message(b"S", b"server_version\x0015.1\0")
    + message(b"S", b"client_encoding\0UTF8\0")
    + message(b"K", bytes(8))
    + message(b"Z", b"I")
)


def packet(connection, kind):
    head = connection.recv(5 if kind else 4, socket.MSG_WAITALL)
    if not head:
        raise ConnectionError
    return connection.recv(int.from_bytes(head[-4:], "big") - 4, socket.MSG_WAITALL)


def serve(connection, stage):
    if stage == "tcp":
        return
    while packet(connection, False)[:4] in (bytes.fromhex("04d2162f"), bytes.fromhex("04d21630")):
        if stage == "ssl":
            return
        connection.send(b"N")
    if stage == "startup":
        return
    connection.send(message(b"R", (3).to_bytes(4, "big")))
    packet(connection, True)
    if stage == "query":
        connection.send(GREETING)


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(16)
connections = []
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    connections.append(connection)
    try:
        serve(connection, sys.argv[1])
    except OSError:
        pass
