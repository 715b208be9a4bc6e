#!/usr/bin/python3
"""sql_server.py --encryption VALUE [OPTION...]: as much of SQL Server as logging on needs.

It answers PRELOGIN with the given ENCRYPTION value, does real TLS (of OpenSSL, in memory) inside
TDS packets where both sides' values ask for it, reads LOGIN7 and acknowledges it, and answers
every batch and call with an empty result. With --strict it speaks TDS 8: TLS first, ALPN tds/8.0.
Written from MS-TDS sections 2.2.6.4, 2.2.6.5 and 2.2.7; nothing of SQL itself is understood."""
import argparse
import os
import socketserver
import ssl
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from configmgr import ntlm  # noqa: E402

BATCH, RPC, RESPONSE, LOGIN7, SSPI, PRELOGIN = 1, 3, 4, 0x10, 0x11, 0x12
VALUES = {"off": 0, "on": 1, "not-supported": 2, "required": 3}
SERVER_VERSION = struct.pack(">BBHH", 15, 0, 2000, 0)


class Ended(Exception):
    """The client is gone."""


def agreed(client: int, server: int) -> str:
    """What both values come to: none, login-only, all or refused (MS-TDS 2.2.6.5)."""
    client, insist = client & 0x7F, (1, 3)
    if 2 in (client, server):
        return "refused" if client in insist or server in insist else "none"
    return "all" if client in insist or server in insist else "login-only"


class Wire:
    """Bytes of the connection: plain, or in TLS that stands in packets or by itself."""

    def __init__(self, socket):
        self.socket, self.tls, self.plain = socket, None, b""

    def raw(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise Ended
            data += part
        return data

    def packet(self) -> tuple[int, bytes, bool]:
        """Type and content of a packet, and whether its message ends."""
        kind, status, length = struct.unpack(">BBH", self.read(8)[:4])
        return kind, self.read(length - 8), bool(status & 1)

    def message(self) -> tuple[int, bytes]:
        kind, data, last = self.packet()
        while not last:
            _, part, last = self.packet()
            data += part
        return kind, data

    def send(self, kind: int, data: bytes, number: int = 1):
        self.write(struct.pack(">BBHHBB", kind, 1, len(data) + 8, 0, number, 0) + data)

    def handshake(self, context: ssl.SSLContext):
        """TLS inside PRELOGIN packets."""
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.incoming, self.outgoing, server_side=True)
        done = False
        while not done:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                pass
            if self.outgoing.pending:
                self.send(PRELOGIN, self.outgoing.read())
            if not done:
                self.incoming.write(self.packet()[1])
        self.tls = tls

    def read(self, count: int) -> bytes:
        if not self.tls:
            return self.raw(count)
        while len(self.plain) < count:
            try:
                part = self.tls.read(16384)
                if not part:
                    raise Ended
                self.plain += part
            except ssl.SSLWantReadError:
                head = self.raw(5)
                self.incoming.write(head + self.raw(struct.unpack(">H", head[3:])[0]))
        data, self.plain = self.plain[:count], self.plain[count:]
        return data

    def write(self, data: bytes):
        if not self.tls:
            self.socket.sendall(data)
            return
        self.tls.write(data)
        self.socket.sendall(self.outgoing.read())


def options(message: bytes) -> dict[int, bytes]:
    """The options of a PRELOGIN."""
    found, at = {}, 0
    while message[at] != 0xFF:
        token, offset, length = struct.unpack_from(">BHH", message, at)
        found[token] = message[offset:offset + length]
        at += 5
    return found


def prelogin(values: dict[int, bytes]) -> bytes:
    head, data = b"", b""
    for token, value in values.items():
        head += struct.pack(">BHH", token, 5 * len(values) + 1 + len(data), len(value))
        data += value
    return head + b"\xff" + data


def text(message: bytes, at: int) -> str:
    """One of LOGIN7's texts, by the place of its offset."""
    offset, length = struct.unpack_from("<HH", message, at)
    return message[offset:offset + 2 * length].decode("utf-16le")


def token(kind: int, data: bytes) -> bytes:
    return struct.pack("<BH", kind, len(data)) + data


def short(value: str) -> bytes:
    return bytes([len(value)]) + value.encode("utf-16le")


def done(version: int, status: int = 0) -> bytes:
    """The end of an answer; its count has four bytes before TDS 7.2."""
    return b"\xfd" + bytes([status]) + bytes(11 if version >= 0x72000000 else 7)


def said(kind: int, number: int, severity: int, words: str, version: int) -> bytes:
    """ERROR or INFO; its line number has two bytes before TDS 7.2."""
    return token(kind, struct.pack("<iBBH", number, 1, severity, len(words)) +
                 words.encode("utf-16le") + short("SQL01") + short("") +
                 struct.pack("<I" if version >= 0x72000000 else "<H", 1))


def welcome(database: str, version: int) -> bytes:
    """What follows on a good login."""
    return (token(0xE3, b"\1" + short(database) + short("master")) +
            said(0xAB, 5701, 0, f"Changed database context to '{database}'.", version) +
            token(0xAD, b"\1" + struct.pack(">I", version) + short("Microsoft SQL Server") +
                  b"\x0f\0\x07\xd0") +
            token(0xE3, b"\4" + short("4096") + short("4096")) + done(version))


class Handler(socketserver.BaseRequestHandler):
    """One connection."""

    def handle(self):
        try:
            self.serve()
        except (Ended, OSError, ssl.SSLError, struct.error, IndexError) as error:
            print(f"{self.client_address[0]}: {error!r}", flush=True)

    def serve(self):
        setup, wire, settled = self.server.options, Wire(self.request), "none"
        if setup.strict:
            wire = Wire(self.server.context.wrap_socket(self.request, server_side=True))
        kind, message = wire.message()
        if kind == PRELOGIN:
            asked = options(message)
            client, server = asked.get(1, b"\2")[0], VALUES[setup.encryption]
            settled = "none" if setup.strict else agreed(client, server)
            told = 3 if settled == "all" and server else 1 if settled == "all" else server
            wire.send(RESPONSE, prelogin({0: SERVER_VERSION, 1: bytes([told]), 2: b"\0",
                                          3: bytes(4)}))
            if settled == "refused":
                return
            if settled in ("all", "login-only"):
                wire.handshake(self.server.context)
            kind, message = wire.message()
        if settled == "login-only":
            wire.tls = None
        if kind != LOGIN7:
            raise Ended
        self.login(wire, message)
        while True:
            kind, _ = wire.message()
            wire.send(RESPONSE, done(self.version))

    def login(self, wire: Wire, message: bytes):
        setup = self.server.options
        self.version = struct.unpack_from("<I", message, 4)[0]
        user, database = text(message, 40), text(message, 68) or "master"
        offset, length = struct.unpack_from("<HH", message, 78)
        accepted = not setup.refuse
        print(f"login of {user or 'Windows'} from {text(message, 36)} by {text(message, 48)} to "
              f"{database}", flush=True)
        if length:
            acceptor = ntlm.Acceptor("sql01.corp.example")
            wire.send(RESPONSE, token(0xED, acceptor.answer(message[offset:offset + length])))
            accepted = acceptor.accept(wire.message()[1]) and accepted
            user = acceptor.user
        if not accepted:
            wire.send(RESPONSE, said(0xAA, 18456, 14, f"Login failed for user '{user}'.",
                                     self.version) + done(self.version, 2))
            raise Ended
        wire.send(RESPONSE, welcome(database, self.version))


class Server(socketserver.ThreadingTCPServer):
    """Listens for IPv4 and IPv6."""
    allow_reuse_address, daemon_threads = True, True
    address_family = socketserver.socket.AF_INET6


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encryption", choices=VALUES, default="off")
    parser.add_argument("--strict", action="store_true", help="TDS 8")
    parser.add_argument("--certificate", help="PEM, with its key beside it as .key")
    parser.add_argument("--port", type=int, default=1433)
    parser.add_argument("--refuse", action="store_true", help="no login is good")
    setup = parser.parse_args()
    server = Server(("::", setup.port), Handler)
    server.options, server.context = setup, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if setup.certificate:
        server.context.load_cert_chain(setup.certificate, setup.certificate[:-4] + ".key")
    if setup.strict:
        server.context.set_alpn_protocols(["tds/8.0"])
    else:
        # SQL Server speaks TLS 1.3 with TDS 8 only.
        server.context.maximum_version = ssl.TLSVersion.TLSv1_2
    server.serve_forever()


if __name__ == "__main__":
    main()
