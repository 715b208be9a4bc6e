"""What tshark reads in a capture, as HTTP transactions: the ground that cases are checked against.

tshark reassembles the streams and names methods, targets and status codes; the bodies are cut out
of the bytes it gives, and the cut is compared with what it named.
"""
import gzip
import re
from dataclasses import dataclass, field
from pathlib import Path

from shark import SEVERAL, follow, rows

REQUEST = re.compile(rb"([A-Z_]+) (\S+) HTTP/1\.[01]\r\n")
STATUS = re.compile(rb"HTTP/1\.[01] (\d+)")


@dataclass
class Transaction:
    """A request with its reply."""
    stream: int
    client: str
    server: str
    from_start: bool
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    reply_headers: dict[str, str] = field(default_factory=dict)
    reply: bytes = b""
    frame: int = 0


def cut(data: bytes, bodyless=lambda head: False):
    """Split the bytes of one side into (first line, headers, body)."""
    while data:
        head, end, data = data.partition(b"\r\n\r\n")
        if not end:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (x.partition(":") for x in lines)}
        if " 100 " in first + " ":
            continue
        body = b""
        if bodyless(first):
            pass
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            body, data = dechunk(data)
        else:
            ends_with_connection = first.startswith("HTTP/") and "content-length" not in headers
            size = len(data) if ends_with_connection else int(headers.get("content-length", 0))
            body, data = data[:size], data[size:]
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        yield first, headers, body


def dechunk(data: bytes) -> tuple[bytes, bytes]:
    """The body in chunks, and what follows it."""
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        body, data = body + data[:length], data[length + 2:]
        if not length:
            return body, data


def transactions(capture: Path) -> list[Transaction]:
    """All HTTP transactions of a capture, in the order of their replies."""
    read = rows(capture, "http || tcp.flags.syn == 1", "frame.number", "tcp.stream",
                "http.request.method", "http.request.uri", "http.response.code",
                "tcp.flags.syn")
    starts = {int(r[1]) for r in read if r[5] in ("1", "True")}
    named = [r[:5] for r in read if r[2] or r[4]]
    streams = sorted({int(r[1]) for r in read if r[5] not in ("1", "True")})
    found = []
    for number, (nodes, sides) in (follow(capture, streams) if streams else {}).items():
        client = next((i for i in (0, 1) if REQUEST.match(sides[i])), None)
        if client is None:
            continue
        mine = []
        for first, headers, body in cut(sides[client]):
            method, target, _ = first.split(" ")
            mine.append(Transaction(number, nodes[client], nodes[1 - client], number in starts,
                                    method, target, headers, body))
        pending = iter(mine)
        replies = cut(sides[1 - client], lambda first, p=pending: bodyless(first, next(p)))
        for transaction, (first, headers, body) in zip(mine, replies):
            transaction.status = int(first.split(" ")[1])
            transaction.reply_headers, transaction.reply = headers, body
        agree(mine, [r for r in named if int(r[1]) == number])
        found += mine
    return sorted(found, key=lambda t: t.frame)


def bodyless(first: str, request: Transaction) -> bool:
    """Has this reply no body whatever its headers say?"""
    return request.method == "HEAD" or first.split(" ")[1] in ("204", "304")


def agree(mine: list[Transaction], named: list[list[str]]) -> None:
    """tshark's names must be those that were cut; they also tell the frame of each reply."""
    requests, replies = [], []
    for frame, _, methods, targets, codes in named:
        requests += zip(methods.split(SEVERAL), targets.split(SEVERAL)) if methods else []
        replies += [(int(c), int(frame)) for c in codes.split(SEVERAL) if c and c != "100"]
    # tshark 4.0 has no name for BITS_POST; it does name the replies.
    if [(t.method, t.target) for t in mine if t.method != "BITS_POST"] != requests:
        raise ValueError(f"tshark names other requests: {requests}")
    if [t.status for t in mine if t.status] != [code for code, _ in replies]:
        raise ValueError(f"tshark names other replies: {replies}")
    for transaction, (_, frame) in zip(mine, replies):
        transaction.frame = frame
