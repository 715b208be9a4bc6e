#!/usr/bin/python3
"""One direction of a flood's capture must raise no flood: a mirror port may show one only.

Broken fragments and headers are left out: they are what they are in any one direction, as is what
breaks its format.
"""
import argparse
import sys
import tempfile
from pathlib import Path

import cmtap
from cmtap import TOP
from mutate import one_side
from pcap import dump, load

FLOODS = ("syn-flood", "connection-flood", "http-request-flood", "policy-request-flood",
          "registration-flood", "status-flood", "inventory-flood", "bulk-policy-harvest",
          "content-library-walk", "fresh-client-secret-policy", "smb-session-flood")


def main() -> int:
    """Both halves of every flood that is counted from both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=cmtap.BINARY, help="default: $CMTAP, debug")
    options = parser.parse_args()
    passed = failed = 0
    for case in sorted(TOP.glob("pcaps/*/expected.jsonl")):
        if not case.parent.name.startswith(FLOODS) or "-not-" in case.parent.name:
            continue
        header, packets = load(case.parent / "capture.pcap")
        for clients in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                half = Path(folder) / "half.pcap"
                half.write_bytes(dump(header, one_side(packets, clients)))
                run = cmtap.read(half, case.parent / "site.yml",
                                 *cmtap.overrides(case.parent), binary=options.binary)
            found = {d["event"]["code"] for d in run.alerts} & set(FLOODS)
            wrong = run.crash or (f"ended with status {run.status}" if run.status else "") or \
                (f"raised {sorted(found)}" if found else "")
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {case.parent.name}, "
                  f"{'clients' if clients else 'servers'} only")
            if wrong:
                print(f"  # {wrong}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
