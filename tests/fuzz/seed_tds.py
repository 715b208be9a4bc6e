#!/usr/bin/python3
"""seed_tds.py: writes the conversations of pcaps/sql-*/ as seeds of fuzz_tds."""
import struct
import subprocess
from pathlib import Path

TOP = Path(__file__).parents[2]


def main():
    folder = TOP / "tests" / "fuzz" / "corpus" / "tds"
    folder.mkdir(parents=True, exist_ok=True)
    for case in sorted(TOP.glob("pcaps/sql-*")):
        rows = subprocess.run(
            ["tshark", "-r", case / "capture.pcap", "-Y", "tcp.len > 0", "-T", "fields",
             "-e", "tcp.dstport", "-e", "tcp.payload"], check=True, capture_output=True,
            text=True).stdout.splitlines()
        seed = b""
        for port, payload in (row.split("\t") for row in rows):
            data = bytes.fromhex(payload)
            seed += struct.pack("<BH", port != "1433", len(data)) + data
        (folder / case.name).write_bytes(seed)


if __name__ == "__main__":
    main()
