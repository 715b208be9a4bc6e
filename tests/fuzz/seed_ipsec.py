#!/usr/bin/python3
"""Writes seeds for fuzz_ipsec from captures: seed_ipsec.py FOLDER CAPTURE...

A seed is the datagrams of one flow of IKE, ESP, AH or WESP: a byte that says which, as in
fuzz_ipsec.c, then for each its side, its length / 4 and its bytes, cut to a whole number of words.
"""
import struct
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))
from pcap import load  # noqa: E402

WAYS = {(17, 500): 0, (17, 4500): 1, (50, 0): 2, (51, 0): 3, (141, 0): 4}
WORDS, LARGEST = 255, 4096


def datagrams(capture: Path):
    """(which, source, destination, payload) of what fuzz_ipsec reads, by IPv4."""
    for packet in load(capture)[1]:
        frame = packet.frame
        if frame[12:14] != b"\x08\x00":
            continue
        head, protocol = 14 + (frame[14] & 15) * 4, frame[23]
        payload = frame[head:14 + struct.unpack_from("!H", frame, 16)[0]]
        port = 0
        if protocol == 17:
            port = next((p for p in struct.unpack_from("!HH", payload) if p in (500, 4500)), 0)
            payload = payload[8:]
        if (protocol, port) in WAYS and payload:
            yield WAYS[protocol, port], frame[26:30], frame[30:34], payload


def seeds(capture: Path):
    """Name and bytes of one seed a flow."""
    flows = defaultdict(list)
    for which, source, destination, payload in datagrams(capture):
        flows[which, frozenset((source, destination))].append((source, payload))
    for (which, _), sent in flows.items():
        seed = bytes([which])
        for source, payload in sent:
            words = min(len(payload) // 4, WORDS)
            if words and len(seed) + 2 + words * 4 <= LARGEST:
                seed += bytes([source != sent[0][0], words]) + payload[:words * 4]
        yield which, seed


if __name__ == "__main__":
    written: set[bytes] = set()
    for name in map(Path, sys.argv[2:]):
        stem = name.parent.name if name.stem == "capture" else name.stem
        for number, data in seeds(name):
            if data not in written:
                written.add(data)
                (Path(sys.argv[1]) / f"{stem}-{number}").write_bytes(data)
