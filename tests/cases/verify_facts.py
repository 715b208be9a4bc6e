#!/usr/bin/python3
"""Checks the expected documents of pcaps/*/ against tshark, without cmtap.

For each case: every expected line has its transaction (client, server, method, target, status and
ConfigMgr facts), it is the first one with a reason for that alert, and no alert with a reason is
missing. What is not on the wire (severity, on what a baseline rests) is left to detections.md.
"""
import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import yaml
from flood_reasons import ROLES, flood_reasons, of_libraries, of_smb, thresholds_of
from reasons import Judge, facts
from reasons_auth import LEARNED, AuthJudge
from reasons_ipsec import IpsecJudge
from reasons_tls import CODES, TlsJudge
from verify_tls import suite_names
from wire import transactions

TOP = Path(__file__).parents[2]
NOT_ON_WIRE = {"baseline.source"}
# Where a detection has several rules, expected alerts tell by its id which of them it is.
RULES = {rule["id"]: rule["name"] for file in (TOP / "signatures").glob("*/*.yml")
         for rule in yaml.safe_load_all(file.read_text()) if rule}
# Cases of other protocols than HTTP, which other programs beside this one check.
ELSEWHERE = ("sql-", "decrypted-")


def flatten(document: dict, prefix: str = ""):
    """Nested fields by their dotted names."""
    for name, value in document.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def key(document: dict) -> tuple[str, str, str]:
    """What makes an alert the same as another one."""
    fields = dict(flatten(document))
    client = fields.get("client.ip") or fields.get("source.ip", "")
    return (RULES.get(fields.get("rule.uuid", ""), fields["event.code"]), client,
            fields.get("server.ip", ""))


def check_line(document: dict, seen, judge: Judge):
    """Complaints about one expected document."""
    t, known = seen.t, facts(seen, judge)
    wire = {"client.ip": t.client, "server.ip": t.server, "source.ip": t.client,
            "http.request.method": t.method, "http.response.status_code": t.status,
            "url.original": t.target}
    for name, value in flatten(document):
        short = name.removeprefix("configmgr.")
        if name.startswith(("event.", "rule.")) or short in NOT_ON_WIRE:
            continue
        read = wire[name] if name in wire else known[short]
        if read != value:
            yield f"{name} is {read!r} on the wire, expected {value!r}"


# tshark takes long to start: it is asked about what a capture can hold only.
TLS_BEGINNINGS = (b"\x16\x03\x00", b"\x16\x03\x01", b"\x16\x03\x02", b"\x16\x03\x03")
LOGON_BEGINNINGS = (b"NTLMSSP", b"TlRMTVNT", b"Negotiate ", b"\x05\x00\x0b", b"\x05\x00\x00")


# What these rest on is compared by verify_smb.py.
SMB_ALERTS = ("smb-not-signed", "content-in-clear-smb")
SMB_COUNTED = ("smb-session-flood", "content-library-walk")


def holds(case: Path, *beginnings: bytes) -> bool:
    """Whether any of these bytes are in the capture."""
    capture = (case / "capture.pcap").read_bytes()
    return any(bytes_ in capture for bytes_ in beginnings)


def check(case: Path, suites: dict[int, str]):
    """Complaints about one case."""
    if b"shares.sh" in (case / "make.sh").read_bytes() and not case.name.startswith("ntlm-relay"):
        # verify_smb.py compares the facts that these rest on, field by field; floods are counted
        capture, changed = case / "capture.pcap", thresholds_of(case)
        for name in ("expected.jsonl", "expected-learned.jsonl"):
            systems = AuthJudge(case).listed if name == "expected.jsonl" else set()
            wanted = {*of_smb(capture, changed), *of_libraries(capture, changed, systems)}
            found = {key(json.loads(line)) for line in (case / name).read_text().splitlines()}
            if wanted != {k for k in found if k[0].startswith(SMB_COUNTED)}:
                yield f"{name}: tshark counts {sorted(wanted)}"
        return
    judge = Judge(case / "site.yml")
    try:
        cut = b"SNAPLEN" in (case / "make.sh").read_bytes()  # its messages are not whole
        read = [] if cut else transactions(case / "capture.pcap")
        judged = judge.judge(read)
        if not cut and (holds(case, *TLS_BEGINNINGS)
                        or b"https" in (case / "site.yml").read_bytes()):
            judged |= dict.fromkeys(TlsJudge(case, suites).judge())
        auth = AuthJudge(case) if not cut and holds(case, *LOGON_BEGINNINGS) else None
        judged |= dict.fromkeys(auth.judge() if auth else ())
        always, when_listed = IpsecJudge(case).judge()
        judged |= dict.fromkeys(always)
        # What AH authenticates is told as such, not as clear.
        if case.name.startswith("ipsec-no-confidentiality"):
            judged = {k: why for k, why in judged.items() if k[0] != "trust-on-first-use"}
        floods = flood_reasons(case / "capture.pcap", case / "site.yml", read)
    except ValueError as error:
        yield str(error)
        return
    for name in ("expected.jsonl", "expected-learned.jsonl"):
        documents = [json.loads(line) for line in (case / name).read_text().splitlines()]
        documents = [d for d in documents if key(d)[0] not in SMB_ALERTS]
        keys = [key(d) for d in documents]
        listed = name == "expected.jsonl"
        first = {**judged, **dict.fromkeys(floods[not listed])}
        if not listed:
            first |= dict.fromkeys(auth.learned() if auth else ())
        if listed:
            first |= dict.fromkeys(when_listed)
        for document, identity in zip(documents, keys):
            if identity not in first:
                yield f"{name}: no reason for {identity}"
            elif first[identity]:
                for complaint in check_line(document, first[identity], judge):
                    yield f"{name}: {identity[0]}: {complaint}"
        if len(set(keys)) != len(keys):
            yield f"{name}: equal alerts expected twice"
        for identity in first:
            # Without a site file a baseline and roles must be learned first, so these may be fewer.
            learned = not listed and (identity[0].startswith("rogue-")
                                      or identity[0] in (*CODES, *ROLES, *LEARNED))
            if identity not in keys and not learned:
                yield f"{name}: {identity} has a reason and is not expected"


def complaints_of(suites: dict[int, str], case: Path) -> list[str]:
    """The same as a list, for another process."""
    return list(check(case, suites))


def main() -> int:
    """Check all cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", default="", help="only cases whose name holds this")
    options = parser.parse_args()
    failed = passed = 0
    cases = sorted(p.parent for p in TOP.glob("pcaps/*/expected.jsonl")
                   if options.k in p.parent.name and not p.parent.name.startswith(ELSEWHERE))
    with ProcessPoolExecutor(2) as pool:
        results = pool.map(partial(complaints_of, suite_names()), cases)
    for case, complaints in zip(cases, results):
        failed, passed = failed + bool(complaints), passed + (not complaints)
        print(f"{'not ok' if complaints else 'ok'} {case.name}")
        for complaint in complaints:
            print(f"  # {complaint}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
