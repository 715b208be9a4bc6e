#!/usr/bin/python3
"""Compares what cmtap reads inside TLS, by key log files, with what tshark reads by the same files.

For each case with a keys.log: every request and its status, by client address and port, and that
each is marked as decrypted and as carried by TLS. Without the file cmtap must read none of them.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]
FIELDS = ("ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "http.request.method",
          "http.request.uri", "http.response.code")


def by_tshark(case: Path) -> list[tuple]:
    """(client, port, method, target, status) of every transaction, in order."""
    command = ["tshark", "-r", str(case / "capture.pcap"), "-Y", "tls && http", "-T", "fields",
               "-o", f"tls.keylog_file:{case / 'keys.log'}", "-E", "aggregator=\x1f",
               # Else it does not tell of a body that ends with the connection.
               "-o", "http.desegment_body:FALSE"]
    for name in FIELDS:
        command += ["-e", name]
    text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
                          text=True, timeout=60).stdout
    pending, found = {}, []
    for line in text.splitlines():
        r = dict(zip(FIELDS, line.split("\t")))
        if r["http.request.method"]:
            talk = (r["ip.src"], int(r["tcp.srcport"]))
            pending.setdefault(talk, []).append((r["http.request.method"], r["http.request.uri"]))
        elif r["http.response.code"] not in ("", "100"):
            talk = (r["ip.dst"], int(r["tcp.dstport"]))
            found.append((*talk, *pending[talk].pop(0), int(r["http.response.code"])))
    return found


def by_cmtap(binary: str, case: Path, *options: str) -> list[dict]:
    """The events of HTTP."""
    done = subprocess.run([binary, "read", "-q", "-e", *options, str(case / "capture.pcap")],
                          stdout=subprocess.PIPE, check=True, timeout=60)
    return [d for d in map(json.loads, done.stdout.splitlines())
            if d["event"].get("dataset") == "configmgr.http"]


def complaints_of(binary: str, case: Path):
    """What is wrong with one case."""
    wanted = by_tshark(case)
    events = by_cmtap(binary, case, "--keylog", str(case / "keys.log"))
    told = [(d["client"]["ip"], d["client"]["port"], d["http"]["request"]["method"],
             d["url"]["original"], d["http"]["response"]["status_code"]) for d in events]
    if not wanted:
        yield "tshark reads nothing"
    yield from (f"not told: {t}" for t in wanted if t not in told)
    yield from (f"tshark reads no {t}" for t in told if t not in wanted)
    if len(told) != len(wanted):
        yield f"{len(told)} transactions, tshark reads {len(wanted)}"
    for document in events:
        transport = document["configmgr"].get("transport")
        if transport != {"security": "tls", "decrypted": True}:
            yield f"{document['url']['original']} is marked {transport}"
    if by_cmtap(binary, case):
        yield "read without secrets"


def main() -> int:
    """All cases that have secrets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=str(TOP / "build/debug/cmtap"))
    options = parser.parse_args()
    failed = total = 0
    for keys in sorted(TOP.glob("pcaps/*/keys.log")):
        complaints = list(complaints_of(options.binary, keys.parent))
        print(f"{'not ok' if complaints else 'ok'} {keys.parent.name}")
        for complaint in complaints:
            print(f"  # {complaint}")
        failed, total = failed + bool(complaints), total + 1
    print(f"{total - failed} passed, {failed} failed")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
