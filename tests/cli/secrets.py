"""Looks for secrets of captures in what was written about it: secrets.py FILE... -- CAPTURE...

Secrets are obfuscation blobs in policy (also inside deflated and hex-coded parts), the passwords of
the lab, and what clients send to prove who they are. Prints how many the captures hold; says which
file holds one of them, or a part of it, and ends with 1 then.
"""
import re
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cases"))
from pcap import load, take_apart  # noqa: E402

PASSWORDS = {"Lab-Only-Passw0rd!"}
BLOB = re.compile(r"8[9A]130000[0-9A-F]{100,}")
PACKED = re.compile(r"78(?:01|5E|9C|DA)[0-9A-F]{60,}")
PROOF = re.compile(rb"\r\n(?:Authorization|Proxy-Authorization|Cookie|Set-Cookie|"
                   rb"ClientTokenSignature|CCMClientIDSignature|CCMClientTimestampsSignature):"
                   rb" *(?:[A-Za-z]+ )?([^\r\n]{20,})", re.IGNORECASE)
PART = 24


def streams(capture: Path):
    """The bytes that each end sent, in the order of their sequence numbers."""
    sides = {}
    for packet in load(capture)[1]:
        tcp = take_apart(packet.frame)
        if tcp and tcp.payload:
            sequence = int.from_bytes(tcp.header[4:8], "big")
            sides.setdefault(tcp.ends, {})[sequence] = tcp.payload
    for parts in sides.values():
        yield b"".join(parts[n] for n in sorted(parts))


def texts(data: bytes):
    """What can be read in a stream: as it is, as UTF-16, inflated, and in hex of deflated data."""
    queue = [data]
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            queue.append(zlib.decompressobj().decompress(data[start.start():], 1 << 22))
        except zlib.error:
            pass
    for raw in queue:
        for text in (raw.decode("latin-1"), raw.decode("utf-16-le", "replace"),
                     raw[1:].decode("utf-16-le", "replace")):
            yield text
            for packed in PACKED.findall(text):
                try:
                    queue.append(zlib.decompress(bytes.fromhex(packed[:len(packed) & ~1])))
                except (zlib.error, ValueError):
                    pass


def secrets(capture: Path) -> set:
    """All of a capture."""
    found = set()
    for data in streams(capture):
        found.update(match.decode("latin-1") for match in PROOF.findall(data))
        for text in texts(data):
            found.update(BLOB.findall(text))
            found.update(password for password in PASSWORDS if password in text)
    return found


def forms(secret: str):
    """Parts of a secret, as text, hex and UTF-16: any of them gives it away."""
    for start in range(0, max(1, len(secret) - PART + 1), PART):
        part = secret[start:start + PART]
        yield part
        yield part.encode().hex()
        yield part.encode("utf-16-le").hex()


def main(*arguments) -> int:
    """Search."""
    between = arguments.index("--")
    files = arguments[:between]
    found = PASSWORDS.union(*(secrets(Path(capture)) for capture in arguments[between + 1:]))
    bad = 0
    for file in files:
        text = Path(file).read_text(errors="replace").lower()
        for secret in found:
            hit = next((form for form in forms(secret) if form.lower() in text), None)
            if hit:
                print(f"{file} gives away {hit}")
                bad = 1
    print(len(found) - len(PASSWORDS))
    return bad


sys.exit(main(*sys.argv[1:]))
