#!/usr/bin/python3
"""Replays every capture in other forms: the alerts stay the same, or become fewer for a reason.

Other segment sizes, order, repetition and VLAN tags must give the same set of (signature, client,
server). Lost packets, one direction and cut files may give fewer, and then the run must say why: a
document marked configmgr.degraded, or the complaint and status 1 of a file that was cut. Never
another alert, never a crash or a sanitizer report.

A capture that has holes of its own may lose alerts in small segments, as a hole is then followed by
more segments than any sensor keeps; that too must be marked.
"""
import argparse
import itertools
import multiprocessing
import sys
import tempfile
from pathlib import Path

import cmtap
from cmtap import TOP, key
from mutate import complete_variants, in_order, lossy_variants
from pcap import load

SHARED = TOP.parent / "shared/captures"
# Cases whose variants are known to go wrong, and still have to be mended.
KNOWN = Path(__file__).with_name("variants_known.txt")
SOME = 10  # captures that one process replays
LOSSY = ("dropped", "clients", "servers", "snapped", "truncated")
# Of captures with many packets, floods, only what says something about many packets.
MANY, FOR_MANY = 400, ("repeated", "vlan", "clients", "servers", "truncated-2")
SHARED_NAMES = ("http_*", "smb*", "vlan*", "qinq*", "netem*", "ip_fragments*", "flood_http*")


def alert_keys(run: cmtap.Run) -> set:
    """The alerts as a set of (signature, client, server)."""
    return {key(d) for d in run.alerts}


def judge(name: str, run: cmtap.Run, wanted: set, lossy: tuple, again) -> str:
    """What is wrong with a run of a variant, or nothing; lossy says which may give fewer alerts."""
    if run.crash:
        return f"{run.crash}\n{run.errors[-3000:]}"
    got = alert_keys(run)
    if got - wanted:
        return f"new alerts: {sorted(got - wanted)}"
    missing = wanted - got
    truncated = name.startswith("truncated")
    if run.status != 0 and not (truncated and run.status == 1):
        return f"ended with status {run.status}\n{run.errors[-500:]}"
    if not missing:
        return ""
    if not name.startswith(lossy):
        return f"missing alerts: {sorted(missing)}"
    if truncated or again().degraded:
        return ""
    return f"missing without a word: {sorted(missing)}"


def check(replayer: cmtap.Replayer, job) -> tuple[str, int, list[str]]:
    """Name, number of variants and complaints of one capture."""
    capture, site, drops = job
    name = capture.parent.name if site else capture.stem
    keylog = cmtap.secrets_of(capture.parent)
    original = replayer.read(capture, site, keylog=keylog)
    if original.crash or original.status:
        return name, 1, [f"the original: {original.crash or original.status}\n{original.errors}"]
    wanted, complaints, count = alert_keys(original), [], 0
    header, packets = load(capture)
    lossy = LOSSY if in_order(packets) else LOSSY + ("segments", "swapped")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "variant.pcap"
        for make in (complete_variants(header, packets), lossy_variants(header, packets, drops)):
            for variant, data in make:
                if len(packets) > MANY and not variant.startswith(FOR_MANY):
                    continue
                count += 1
                path.write_bytes(data)
                run = replayer.read(path, site, keylog=keylog)
                wrong = judge(variant, run, wanted, lossy,
                              lambda: replayer.read(path, site, events=True, keylog=keylog))
                if wrong:
                    kept = TOP / "build/variants" / f"{name}-{variant}.pcap"
                    kept.parent.mkdir(parents=True, exist_ok=True)
                    kept.write_bytes(data)
                    complaints.append(f"{variant}: {wrong}")
    return name, count, complaints


def check_some(work) -> list[tuple[str, int, list[str]]]:
    """Several captures by one process; its own end must be a good one too."""
    program, overrides, jobs = work
    replayer = cmtap.Replayer(program, overrides)
    results = [check(replayer, job) for job in jobs]
    end = replayer.close()
    if end:
        results.append(("the end of the process", 0, [end]))
    return results


def captures(wanted: str):
    """The captures to replay, with their site file if they have one."""
    for case in sorted(TOP.glob("pcaps/*/expected.jsonl")):
        if wanted in case.parent.name:
            yield case.parent / "capture.pcap", case.parent / "site.yml"
    for pattern in SHARED_NAMES:
        for capture in sorted(SHARED.glob(pattern + ".pcap")):
            if wanted in capture.stem:
                yield capture, None


def main() -> int:
    """Replay what was asked for, on two cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replay", nargs="?", default=str(TOP / "build/debug/tests/replay"),
                        help="the program that replays captures, a debug build")
    parser.add_argument("-k", default="", help="only captures whose name holds this")
    parser.add_argument("--drops", type=int, default=6, help="lost packets tried per capture")
    parser.add_argument("-j", type=int, default=2, help="processes")
    options = parser.parse_args()
    if not Path(options.replay).exists():
        print(f"{options.replay} is not there; make debug builds it", file=sys.stderr)
        return 2
    jobs = [(capture, site, options.drops) for capture, site in captures(options.k)]
    plain = [job for job in jobs if not cmtap.overrides(job[0].parent)]
    works = [(options.replay, None, plain[at:at + SOME]) for at in range(0, len(plain), SOME)]
    works += [(options.replay, job[0].with_name("overrides.yml"), [job])
              for job in jobs if job not in plain]
    known = {line.split()[0] for line in KNOWN.read_text().splitlines()
             if line and not line.startswith("#")}
    total = failed = bad = excused = 0
    with multiprocessing.Pool(options.j) as pool:
        for name, count, complaints in itertools.chain.from_iterable(
                pool.imap(check_some, works)):
            if name in known:
                print(f"known - {name}, {count} variants, {len(complaints)} wrong: KNOWN says why",
                      flush=True)
                excused += len(complaints)
                continue
            print(f"{'not ok' if complaints else 'ok'} - {name}, {count} variants", flush=True)
            for complaint in complaints:
                print("  # " + complaint.replace("\n", "\n  # "))
            total, failed, bad = total + count, failed + len(complaints), bad + bool(complaints)
    if excused:
        print(f"{excused} wrong variants of cases that {KNOWN.name} excuses")
    print(f"{len(jobs) - bad} passed, {bad} failed; {total} variants, {failed} of them wrong")
    return 0 if jobs and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
