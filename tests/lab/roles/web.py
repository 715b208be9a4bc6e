"""The web server under all roles: any method, one reply in one piece, IIS-like authentication."""
import base64
import gzip
import http.server
import socket
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import unquote

from configmgr.ntlm import ACCOUNTS, Acceptor, kind_of
from roles.scenario import Scenario

REASONS = {401: "Unauthorized", 404: "Not Found"}


class WebHandler(http.server.BaseHTTPRequestHandler):
    """One connection; subclasses say what answers a request."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    scenario: Scenario

    def setup(self):
        super().setup()
        self.acceptor = Acceptor(self.scenario.options.name)
        self.authenticated = False
        self.body = b""

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def serve(self):
        """Read the body, then answer."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status = self.scenario.answer_to(self.command, self.target())
        if status is not None:
            self.reply(status)
        else:
            self.answer()

    def answer(self):
        """Answer the request."""
        self.reply(404)

    def target(self) -> str:
        """The request target in origin form, percent-decoded once."""
        target = self.path
        if "://" in target:
            target = "/" + target.split("://", 1)[1].partition("/")[2]
        return unquote(target)

    def reply(self, status: int, body: bytes = b"", kind: str = "", headers=()):
        """Send a whole reply in one piece, header fields in the order IIS has them."""
        options = self.scenario.options
        fields = []
        if body and options.gzip and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            fields.append(("Content-Encoding", "gzip"))
        chunked = options.chunked and body and self.command != "HEAD"
        if chunked:
            fields.append(("Transfer-Encoding", "chunked"))
        elif options.unsized and body and self.command == "GET":
            fields.append(("Connection", "close"))
            self.close_connection = True
        elif status != 304:
            fields.append(("Content-Length", str(len(body))))
        if kind:
            fields.append(("Content-Type", kind))
        fields += [*headers, ("Server", options.server), ("Date", formatdate(usegmt=True))]
        reason = REASONS.get(status) or HTTPStatus(status).phrase
        head = f"HTTP/1.1 {status} {reason}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields)
        if chunked:
            parts = [body[i:i + 600] for i in range(0, len(body), 600)]
            body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"
        if self.command == "HEAD":
            body = b""
        self.wfile.write(head.encode() + b"\r\n" + body)
        if self.headers.get("Connection", "").lower() == "close":
            self.close_connection = True

    def file(self, data: bytes | None, kind: str = "application/octet-stream"):
        """Send a file, whole or the range that was asked for."""
        if data is None:
            return self.reply(404)
        extra = [("Last-Modified", "Fri, 09 Jan 2026 10:00:00 GMT"), ("Accept-Ranges", "bytes")]
        wanted = self.headers.get("Range", "")
        if wanted.startswith("bytes=") and self.command == "GET":
            first, _, last = wanted[6:].partition("-")
            start, end = int(first), min(int(last or len(data) - 1), len(data) - 1)
            if start >= len(data):
                return self.reply(416, headers=[("Content-Range", f"bytes */{len(data)}")])
            extra.append(("Content-Range", f"bytes {start}-{end}/{len(data)}"))
            return self.reply(206, data[start:end + 1], kind, extra)
        return self.reply(200, data, kind, extra)

    def permitted(self, scheme: str) -> bool:
        """Is the connection authenticated? If not, a challenge has been sent."""
        if scheme == "none" or self.authenticated:
            return True
        given, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme == "basic":
            user, _, password = base64.b64decode(token or "").decode().partition(":")
            if ACCOUNTS.get(user.rpartition("\\")[2].lower()) == password:
                return True
            self.reply(401, headers=[("WWW-Authenticate", 'Basic realm="corp.example"')])
            return False
        message = base64.b64decode(token) if given.upper() in ("NTLM", "NEGOTIATE") else b""
        if kind_of(message) == 1:
            challenge = base64.b64encode(self.acceptor.answer(message)).decode()
            self.reply(401, headers=[("WWW-Authenticate", f"{given} {challenge}")])
            return False
        if kind_of(message) == 3 and self.acceptor.accept(message):
            self.authenticated = True
            return True
        offers = ["Negotiate", "NTLM"] if scheme == "ntlm" else ["Negotiate"]
        self.reply(401, headers=[("WWW-Authenticate", offer) for offer in offers])
        return False

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        if self.scenario.options.log:
            super().log_message(format, *args)


class WebServer(http.server.ThreadingHTTPServer):
    """Listens on IPv4 and IPv6."""
    address_family = socket.AF_INET6
    daemon_threads = True

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super(http.server.HTTPServer, self).server_bind()
        self.server_name, self.server_port = "lab", self.server_address[1]
