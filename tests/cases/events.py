#!/usr/bin/python3
"""Alerts do not depend on whether every event is written: events.py [BINARY]

Without --events the worker drops what no rule and no part of the site model could use. All captures of
pcaps/ are read in one run, in the order of their packets, once so and once with --events: alerts and
counts of repeated ones must be the same documents in the same order. That is done without a site file,
and with some of the cases' site files, which then list servers for all of them.
"""
import sys
from pathlib import Path

import cmtap
from cmtap import TOP

SITES = (None, "office", "server-to-server-in-clear-required", "unlisted-sender-wrong-home")


def told(run: cmtap.Run) -> list[dict]:
    """All documents but plain events; their numbers count those too."""
    for document in run.documents:
        document.get("event", {}).pop("sequence", None)
    return [d for d in run.documents if d.get("event", {}).get("kind") != "event"]


def main() -> int:
    """Read everything eight times."""
    binary = sys.argv[1] if len(sys.argv) > 1 else cmtap.BINARY
    captures = sorted(TOP.glob("pcaps/*/capture.pcap"))
    failed = 0
    for number, site in enumerate(SITES, 1):
        runs = []
        for options in ([], ["--events"]):
            file = TOP / "pcaps" / site / "site.yml" if site else None
            runs.append(cmtap.read(captures[0], file, "-q", *options, *map(str, captures[1:]),
                                   binary=binary))
        few, all_events = (told(run) for run in runs)
        wrong = [run.crash or f"status {run.status}" for run in runs if run.crash or run.status]
        if few != all_events or not few:
            at = next((i for i, (a, b) in enumerate(zip(few, all_events)) if a != b),
                      min(len(few), len(all_events)))
            wrong.append(f"{len(few)} documents without --events, {len(all_events)} with; "
                         f"they differ from number {at} on: {few[at:at + 1]} {all_events[at:at + 1]}")
        print(f"{'not ok' if wrong else 'ok'} {number} - {len(few)} alerts and counts, "
              f"site file: {site}")
        for complaint in wrong:
            print(f"  # {complaint}")
        failed += bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
