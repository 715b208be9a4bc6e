"""A connection on which every byte of a request is ours: header order, target form, NTLM legs."""
import http.client
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from configmgr.ntlm import Initiator


@dataclass
class Reply:
    """An HTTP reply, read whole."""
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class _Stream:
    """Gives http.client one buffered reader for all replies of a connection."""

    def __init__(self, connection: socket.socket):
        self.reader = connection.makefile("rb")

    def makefile(self, _mode):
        """http.client closes the reader with each reply; ours must live on."""
        return _Unclosed(self.reader)


class _Unclosed:
    def __init__(self, reader):
        self.reader = reader

    def __getattr__(self, name):
        return getattr(self.reader, name)

    def close(self):
        """Not yet."""


class Web:
    """One server, at most one open connection to it."""

    def __init__(self, url: str, ca: str = ""):
        parts = urlsplit(url)
        self.secure = parts.scheme == "https"
        self.host = parts.hostname
        self.port = parts.port or (443 if self.secure else 80)
        default = self.port == (443 if self.secure else 80)
        self.authority = self.host if default else f"{self.host}:{self.port}"
        self.ca, self.connection, self.stream = ca, None, None

    def open(self) -> None:
        """Connect, unless connected."""
        if self.connection:
            return
        self.connection = socket.create_connection((self.host, self.port), timeout=20)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.secure:
            context = ssl.create_default_context(cafile=self.ca or None)
            self.connection = context.wrap_socket(self.connection, server_hostname=self.host)
        self.stream = _Stream(self.connection)

    def close(self) -> None:
        """Close."""
        if self.connection:
            self.stream.reader.close()
            self.connection.close()
            self.connection = None

    def address(self) -> str:
        """Our own address on this connection."""
        self.open()
        return self.connection.getsockname()[0]

    def send(self, method: str, target: str, headers, body: bytes = b"") -> None:
        """Send a request; the fields go out in the order given, Host after them if missing.

        With an Expect field the body waits for the server's 100 Continue."""
        self.open()
        fields = list(headers)
        names = {name.lower() for name, _ in fields}
        if "host" not in names:
            fields.append(("Host", self.authority))
        if (body or method not in ("GET", "HEAD")) and "content-length" not in names:
            fields.append(("Content-Length", str(len(body))))
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields)
        if "expect" in names:
            self.connection.sendall(head.encode() + b"\r\n")
            while self.stream.reader.readline() not in (b"\r\n", b""):
                pass
            self.connection.sendall(body)
        else:
            self.connection.sendall(head.encode() + b"\r\n" + body)

    def receive(self, method: str) -> Reply:
        """Read the next reply."""
        response = http.client.HTTPResponse(self.stream, method=method)
        response.begin()
        reply = Reply(response.status, response.headers, response.read())
        if response.will_close:
            self.close()
        return reply

    def ask(self, method: str, target: str, headers, body: bytes = b"",
            account: tuple[str, str] | None = None, workstation: str = "") -> Reply:
        """A request and its reply; with an account, NTLM when the server asks for it."""
        self.send(method, target, headers, body)
        reply = self.receive(method)
        if reply.status != 401 or not account:
            return reply
        initiator = Initiator(*account, workstation)
        self.send(method, target, [*headers, ("Authorization", initiator.negotiate())])
        reply = self.receive(method)
        challenge = (reply.headers.get("WWW-Authenticate") or "").partition(" ")[2]
        if reply.status != 401 or not challenge:
            return reply
        third = initiator.authenticate(challenge)
        self.send(method, target, [*headers, ("Authorization", third)], body)
        return self.receive(method)
