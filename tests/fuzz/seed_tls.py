#!/usr/bin/python3
"""Writes seeds for fuzz_tls from captures: seed_tls.py FOLDER CAPTURE...

A seed is the segments of the first TCP connection, cut into pieces: a byte with the side in its top
bit and the length / 8 in its others, then the bytes.
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))
from pcap import load, take_apart  # noqa: E402

MOST = 0x7f * 8 + 1


def seed(capture: Path) -> bytes:
    """The pieces of one capture's first connection."""
    client, result = None, b""
    for packet in load(capture)[1]:
        tcp = take_apart(packet.frame)
        if tcp is None or not tcp.payload:
            continue
        client = client or tcp.ends
        if tcp.ends not in (client, client[::-1]):
            continue
        side = 0 if tcp.ends == client else 0x80
        data = tcp.payload
        while data:
            n = min(MOST, (len(data) - 1) // 8 * 8 + 1)
            result += bytes([side | (n - 1) // 8]) + data[:n]
            data = data[n:]
    return result[:8192]


if __name__ == "__main__":
    for name in map(Path, sys.argv[2:]):
        (Path(sys.argv[1]) / name.stem).write_bytes(seed(name))
