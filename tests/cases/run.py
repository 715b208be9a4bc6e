#!/usr/bin/python3
"""Runs every case of pcaps/: the alerts must be those of expected.jsonl, no more and no fewer.

Each case runs twice, with its site file (expected.jsonl) and without (expected-learned.jsonl). An
expected document is a subset: its fields must be present and equal. Equal alerts are written once; their
count follows as a document of another kind, which is no alert. Documents must come in order of
packet time, and the ledger must balance. A case may bring overrides.yml, so that a flood needs fewer
packets.
"""
import argparse
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cmtap
from cmtap import TOP, key


def differences(expected, actual, path: str = ""):
    """Where the actual document lacks or contradicts the expected one."""
    for name, value in expected.items():
        place = f"{path}{name}"
        if name not in actual:
            yield f"{place} is missing"
        elif isinstance(value, dict) and isinstance(actual[name], dict):
            yield from differences(value, actual[name], place + ".")
        elif actual[name] != value:
            yield f"{place} is {json.dumps(actual[name])}, expected {json.dumps(value)}"


def compare(expected: list[dict], alerts: list[dict]):
    """Complaints about the alerts of one run."""
    left = list(alerts)
    for document in expected:
        match = next((a for a in left if not any(differences(document, a))), None)
        if match is not None:
            left.remove(match)
            continue
        yield f"no alert like {json.dumps(document)}"
        for near in (a for a in left if a["event"].get("code") == document["event"]["code"]):
            yield "  near: " + "; ".join(differences(document, near))
    for alert in left:
        yield f"unexpected: {' '.join(key(alert))} {json.dumps(alert.get('url', {}))}"


def ledger(errors: str) -> str:
    """What is wrong with the ledger that -v prints: every packet ends in exactly one group."""
    counters = {name: int(value.replace(",", "")) for name, value in
                re.findall(r"^(packets\.\S+) +([0-9,]+) ", errors, re.MULTILINE)}
    seen = counters.pop("packets.seen", 0)
    if seen != sum(counters.values()):
        return f"{seen} packets seen, {sum(counters.values())} in the ledger"
    return ""


def disorder(run: cmtap.Run) -> str:
    """The first document that is earlier than the one before it."""
    times = [d.get("@timestamp", "") for d in run.documents]
    return next((f"{after} comes after {before}" for before, after in zip(times, times[1:])
                 if after < before), "")


def run_case(case: Path, with_site: bool, options) -> tuple[str, list[str]]:
    """Name and complaints of one run."""
    name = f"{case.name} ({'with' if with_site else 'without'} site file)"
    file = "expected.jsonl" if with_site else "expected-learned.jsonl"
    expected = [json.loads(line) for line in (case / file).read_text().splitlines() if line.strip()]
    keylog = cmtap.secrets_of(case)
    run = cmtap.read(case / "capture.pcap", case / "site.yml" if with_site else None, "-v",
                     *(["--keylog", str(keylog)] if keylog else []), *cmtap.overrides(case),
                     binary=options.binary)
    complaints = list(compare(expected, run.alerts))
    complaints += filter(None, (ledger(run.errors), disorder(run)))
    if run.crash:
        complaints.append(run.crash)
    elif run.status:
        complaints.append(f"ended with status {run.status}")
    if complaints and (run.crash or run.status):
        complaints += run.errors.splitlines()[-20:]
    if options.keep:
        folder = TOP / "build/cases"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{case.name}-{'listed' if with_site else 'learned'}.jsonl").write_text(
            "".join(json.dumps(d) + "\n" for d in run.documents))
    return name, complaints


def main() -> int:
    """Run the cases that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=cmtap.BINARY, help="default: $CMTAP, debug")
    parser.add_argument("-k", default="", help="only cases whose name holds this")
    parser.add_argument("--keep", action="store_true", help="keep documents in build/cases/")
    options = parser.parse_args()
    if not Path(options.binary).exists():
        print(f"{options.binary} is not there; make debug builds it", file=sys.stderr)
        return 2
    cases = sorted(p.parent for p in TOP.glob("pcaps/*/expected.jsonl")
                   if options.k in p.parent.name)
    runs = [(case, with_site) for case in cases for with_site in (True, False)]
    passed = 0
    with ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda run: run_case(*run, options), runs)
        for number, (name, complaints) in enumerate(results, 1):
            print(f"{'not ok' if complaints else 'ok'} {number} - {name}")
            for complaint in complaints:
                print(f"  # {complaint}")
            passed += not complaints
    print(f"{passed} passed, {len(runs) - passed} failed")
    return 0 if passed == len(runs) and runs else 1


if __name__ == "__main__":
    sys.exit(main())
