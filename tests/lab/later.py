#!/usr/bin/python3
"""Moves the rest of a capture in time, behind its first pause: later.py CAPTURE PAUSE SECONDS."""
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))
from pcap import dump, load  # noqa: E402

path, pause, seconds = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
header, packets = load(path)
moved, last, result = 0, None, []
for packet in packets:
    at = packet.seconds + packet.fraction / 1e6
    if last is not None and not moved and at - last > pause:
        moved = seconds
    last = at
    result.append(replace(packet, seconds=packet.seconds + moved))
path.write_bytes(dump(header, result))
