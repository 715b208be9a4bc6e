#!/usr/bin/python3
"""Generates a benign day and runs the program on it: nothing but what crosses in clear may fire.

Every other alert is a false positive and fails. The reduced day takes seconds, --full a minute.
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import cmtap
from cmtap import TOP

IN_CLEAR = {"policy-in-clear", "content-in-clear-http", "inventory-in-clear", "state-in-clear",
            "update-metadata-in-clear"}


def main() -> int:
    """One day, with and without its site file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=cmtap.BINARY, help="default: $CMTAP, debug")
    parser.add_argument("--full", action="store_true", help="500 clients, 24 hours")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        day = Path(folder) / "day.pcap"
        subprocess.run([str(TOP / "tests/lab/benign_day.py"), *([] if options.full
                                                                else ["--reduced"]), str(day)],
                       check=True, timeout=300, stderr=subprocess.DEVNULL)
        for site in (day.with_suffix(".site.yml"), None):
            run = cmtap.read(day, site, binary=options.binary)
            codes = {d["event"]["code"] for d in run.alerts}
            wrong = run.crash or (f"ended with status {run.status}" if run.status else "")
            if codes - IN_CLEAR:
                wrong = f"false positives: {sorted(codes - IN_CLEAR)}"
            elif IN_CLEAR - codes:
                wrong = wrong or f"not found: {sorted(IN_CLEAR - codes)}"
            print(f"{'not ok' if wrong else 'ok'} benign day {'with' if site else 'without'} site "
                  f"file, {len(run.alerts)} alerts")
            if wrong:
                print(f"  # {wrong}")
            failed += bool(wrong)
    print(f"{2 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
