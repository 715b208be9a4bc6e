#!/usr/bin/python3
"""Makes seeds of the captures in pcaps/: seeds.py FUZZ_DISSECTORS FOLDER

FOLDER/<dissector>/ gets conversations in the form of fuzz_dissectors.c, each under the dissector
whose probe takes it; FOLDER/configmgr/ gets requests and replies in the form of fuzz_configmgr.c.
A few of each will do: small ones, from as many cases as there are.
"""
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib
from collections import defaultdict
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/cases"))
from pcap import FIN, SYN, load, take_apart  # noqa: E402

SEEDS = 48
LARGEST = 24 << 10
SERVER, LAST = 1, 4
MESSAGE = 1
# As in fuzz_configmgr.c.
TARGETS = [rb"MP_PolicyManager", rb"MP_LocationManager", rb"MP_ClientRegistration",
           rb"MP_HinvEndpoint", rb"MP_RelayEndpoint", rb"\?MPLIST", rb"\?MPCERT",
           rb"\?MPKEYINFORMATION", rb"\?MPTRK", rb"\?SITESIGNCERT", rb"\?MPLOCATION",
           rb"\.sms_pol", rb"ccm_incoming", rb"\.sms_fsp", rb"^PROPFIND", rb"client\.asmx"]


def datagram(frame: bytes):
    """(ends, payload) of UDP or of another protocol of IPv4; None for the rest."""
    if frame[12:14] != b"\x08\x00" or frame[20] & 0x3F or frame[21]:
        return None
    head = 14 + (frame[14] & 15) * 4
    total = 14 + struct.unpack_from("!H", frame, 16)[0]
    source, destination = frame[26:30], frame[30:34]
    if frame[23] == 17:
        return ((source, frame[head:head + 2]), (destination, frame[head + 2:head + 4])), \
            frame[head + 8:total]
    if frame[23] in (1, 6):
        return None
    return ((source, b""), (destination, b"")), frame[head:total]


def conversations(capture: Path):
    """The talks of a capture: lists of (says the server?, payload, closes?)."""
    talks, opener = defaultdict(list), {}
    for packet in load(capture)[1]:
        tcp = take_apart(packet.frame)
        ends, payload, last = (tcp.ends, tcp.payload, bool(tcp.flags & FIN)) if tcp else (
            *(datagram(packet.frame) or (None, b"")), False)
        if ends is None or (tcp and tcp.flags & SYN) or not (payload or last):
            if tcp and tcp.flags & 0x12 == SYN:
                opener.setdefault(frozenset(tcp.ends), tcp.ends)
            continue
        key = frozenset(ends)
        opener.setdefault(key, ends)
        talks[key].append((ends != opener[key], payload, last))
    return talks.values()


def record(talk) -> bytes:
    """In the form of fuzz_dissectors.c."""
    return b"\0" + b"".join(
        struct.pack("!BH", SERVER * server | LAST * last, len(payload)) + payload
        for server, payload, last in talk)


def exchanges(talk):
    """Requests and replies of HTTP: (head, body, reply body)."""
    sides = [b"".join(p for server, p, _ in talk if server == side) for side in (False, True)]

    def messages(stream):
        while b"\r\n\r\n" in stream:
            head, _, rest = stream.partition(b"\r\n\r\n")
            length = re.search(rb"(?im)^Content-Length: *(\d+)", head)
            size = int(length[1]) if length else 0
            yield head, rest[:size]
            stream = rest[size:]

    if re.match(rb"[A-Z_]+ [^ ]+ HTTP/1", sides[0]):
        for (head, body), (_, answer) in zip(messages(sides[0]), messages(sides[1])):
            yield head, body, answer


def payload(body: bytes) -> bytes:
    """The XML of a CCM message as UTF-8, or nothing."""
    parts = re.split(rb"\r\n--[A-Za-z0-9]+(?:--|\r\n)", body)
    if len(parts) < 2:
        return b""
    data = parts[1].partition(b"\r\n\r\n")[2]
    try:
        data = zlib.decompress(data)
    except zlib.error:
        pass
    return data.decode("utf-16-le", "replace").split("\0")[0].encode()


def messages(talk):
    """Seeds in the form of fuzz_configmgr.c."""
    for head, body, answer in exchanges(talk):
        text = head + body.replace(b"\0", b"")
        for number, pattern in enumerate(TARGETS):
            if not re.search(pattern, text, re.IGNORECASE):
                continue
            yield struct.pack("!BBH", number, 0, min(len(body), 0xFFFF)) + body[:0xFFFF] + answer
            if payload(body):
                inner = payload(body)[:0xFFFF]
                yield struct.pack("!BBH", number, MESSAGE, len(inner)) + inner + payload(answer)
            break


def few(seeds):
    """Some of many: from small to large, and one of a size only."""
    seeds = sorted({len(s): s for s in seeds if len(s) <= LARGEST}.values(), key=len)
    step = max(1, len(seeds) // SEEDS)
    return seeds[::step][:SEEDS]


def write(folder: Path, seeds) -> None:
    """One file each."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, seed in enumerate(few(seeds)):
        (folder / f"{number:03}").write_bytes(seed)


def main(program: str, folder: Path) -> None:
    """All of them."""
    talks, by_dissector, configmgr = [], defaultdict(list), []
    for capture in sorted(TOP.glob("pcaps/*/capture.pcap")):
        try:
            talks += conversations(capture)
        except (ValueError, IndexError, struct.error):
            print(f"{capture}: left out", file=sys.stderr)
    for talk in talks:
        configmgr += messages(talk)
    write(folder / "configmgr", configmgr)
    write(folder / "all", map(record, talks))
    # The probes say whose a conversation is; many files go into one question.
    scratch = folder / "scratch"
    write(scratch, [])
    for number, talk in enumerate(talks):
        (scratch / str(number)).write_bytes(record(talk))
    files = [str(scratch / str(number)) for number in range(len(talks))]
    for at in range(0, len(files), 500):
        done = subprocess.run([program, *files[at:at + 500]], check=True, stdout=subprocess.PIPE,
                              env=dict(os.environ, CMTAP_DISSECTOR="which"))
        for line in done.stdout.decode().splitlines():
            name, path = line.split("\t")
            by_dissector[name].append(Path(path).read_bytes())
    shutil.rmtree(scratch)
    for name, seeds in by_dissector.items():
        write(folder / name, seeds)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
