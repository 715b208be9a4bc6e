"""BITS uploads: the sessions that a server keeps for BITS_POST (http.md 2.3 and 9.8)."""
import re

from configmgr.clock import new_guid

PROTOCOL = "{7df0354d-249b-430f-820d-3d2a9bef4931}"
RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)$")
Headers = list[tuple[str, str]]


class Uploads:
    """Create-Session, Fragment ... Fragment, Close-Session."""

    def __init__(self):
        self.sessions: dict[str, bytearray] = {}
        self.finished: list[bytes] = []

    def handle(self, headers, body: bytes) -> tuple[int, Headers]:
        """Status and headers of the answer to one BITS_POST."""
        kind = headers.get("BITS-Packet-Type", "").lower()
        session = headers.get("BITS-Session-Id", "")
        if kind == "ping":
            return self._ack()
        if kind == "create-session":
            if PROTOCOL not in headers.get("BITS-Supported-Protocols", "").lower():
                return self._error("0x80070057")
            session = new_guid()
            self.sessions[session] = bytearray()
            return self._ack(("BITS-Protocol", PROTOCOL), ("BITS-Session-Id", session))
        if session not in self.sessions:
            return self._error("0x8020001F")
        if kind == "fragment":
            return self._fragment(session, headers.get("Content-Range", ""), body)
        if kind == "close-session":
            self.finished.append(bytes(self.sessions.pop(session)))
            return self._ack(("BITS-Session-Id", session))
        if kind == "cancel-session":
            self.sessions.pop(session)
            return self._ack(("BITS-Session-Id", session))
        return self._error("0x80070057")

    def _fragment(self, session: str, content_range: str, body: bytes) -> tuple[int, Headers]:
        found = RANGE.match(content_range)
        stored = self.sessions[session]
        if not found or int(found[1]) != len(stored) or int(found[2]) + 1 - int(found[1]) != len(
                body):
            return self._error("0x80070057", 416)
        stored += body
        return self._ack(("BITS-Session-Id", session),
                         ("BITS-Received-Content-Range", str(len(stored))))

    @staticmethod
    def _ack(*more: tuple[str, str]) -> tuple[int, Headers]:
        return 200, [("BITS-Packet-Type", "Ack"), *more]

    @staticmethod
    def _error(code: str, status: int = 400) -> tuple[int, Headers]:
        return status, [("BITS-Packet-Type", "Ack"), ("BITS-Error-Code", code),
                        ("BITS-Error-Context", "0x5")]
