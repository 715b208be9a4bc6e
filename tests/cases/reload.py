#!/usr/bin/python3
"""Rules that are read anew (SIGHUP) while a flood is under way lose nothing: every packet is in the
ledger, every event is written, an alert stays one alert or is told again with its count, and what
was counted of a flood before counts on.
"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import cmtap
from cmtap import TOP
from floods import SITE, Wire
from run import ledger


HEADER = 24  # bytes of a pcap file's header


class Piped:
    """`cmtap read` of a pipe, with rules of its own that can be changed."""

    def __init__(self, folder: Path, binary: str, stuck: bool = False):
        self.folder, self.rules, self.reader = folder, folder / "signatures", None
        self.pipe = os.pipe() if stuck else None
        subprocess.run(["cp", "-r", str(TOP / "signatures"), str(self.rules)], check=True)
        (folder / "site.yml").write_text(SITE)
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [binary, "read", "-v", "--events", "-S", str(folder / "site.yml"),
                 "-s", str(self.rules), "-"], stdin=subprocess.PIPE,
                stdout=self.pipe[1] if stuck else out, stderr=err)

    def feed(self, data: bytes) -> None:
        """Give it a part of the capture."""
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def begin(self, header: bytes) -> None:
        """Give it the header of the file and wait until it serves signals."""
        self.feed(header)
        for _ in range(200):
            if len(list(Path(f"/proc/{self.process.pid}/task").iterdir())) >= 3:
                return
            time.sleep(0.05)
        raise TimeoutError("no threads within ten seconds")

    def read_on(self) -> None:
        """Documents that were stuck in a pipe are read."""
        os.close(self.pipe[1])
        with (self.folder / "out").open("wb") as out:
            self.reader = subprocess.Popen(["cat"], stdin=self.pipe[0], stdout=out)
        os.close(self.pipe[0])

    def said(self, text: str) -> int:
        """How often it said something."""
        return (self.folder / "err").read_text(errors="replace").count(text)

    def settle(self) -> None:
        """Until it writes no more: all that was fed was read."""
        size, before = -1, -2
        while size != before:
            time.sleep(0.3)
            before, size = size, (self.folder / "out").stat().st_size

    def reload(self) -> None:
        """Ask for it and wait until it is done."""
        before = self.said("reloaded signatures")
        os.kill(self.process.pid, signal.SIGHUP)
        for _ in range(200):
            if self.said("reloaded signatures") > before:
                return
            time.sleep(0.05)
        raise TimeoutError("no reload within ten seconds")

    def end(self) -> cmtap.Run:
        """The end of the capture."""
        self.process.stdin.close()
        status = self.process.wait(timeout=60)
        if self.reader:
            self.reader.wait(timeout=60)
        return cmtap.read_documents(status, (self.folder / "out").read_bytes().splitlines(),
                                    (self.folder / "err").read_text(errors="replace"))


def capture(folder: Path) -> bytes:
    """A flood of requests for one path by one source, and of many sources at once."""
    wire = Wire(folder / "flood.pcap", quiet=False)
    wire.many(700, 20, 1, lambda now, client:
              wire.ask(now, client, "HEAD", "/SMS_MP/.sms_dcm?a"))
    wire.close()
    return (folder / "flood.pcap").read_bytes()


def told(run: cmtap.Run) -> Counter:
    """How often each alert was raised, repetitions included, whoever wrote them."""
    counts = Counter()
    for document in run.documents:
        if document["event"]["kind"] == "alert":
            counts[document["event"]["code"]] += 1
        elif "throttled" in document.get("configmgr", {}):
            counts[document["event"]["code"]] += document["configmgr"]["throttled"]["count"]
    return counts


def events(run: cmtap.Run) -> Counter:
    """The events. When the end of a connection is noticed depends on how packets come in."""
    return Counter((d["event"]["dataset"], d.get("source", {}).get("port"),
                    "connection" in d["event"]["dataset"] or d["@timestamp"])
                   for d in run.documents if d["event"]["kind"] == "event")


def complaints(run: cmtap.Run, plain: cmtap.Run):
    """What a run with reloads lacks of one without."""
    yield run.crash or (f"ended with status {run.status}" if run.status else "")
    yield ledger(run.errors)
    if events(run) != events(plain):
        yield (f"events {sorted(events(run) - events(plain))[:3]}, without a reload "
               f"{sorted(events(plain) - events(run))[:3]}")
    if told(run) != told(plain):
        yield f"alerts are {dict(told(run))}, {dict(told(plain))} without a reload"


def steadily(piped: Piped, data: bytes) -> None:
    """Half of the flood, rules anew with one more, the other half."""
    piped.feed(data[:len(data) // 2])
    piped.settle()
    (piped.rules / "more.yml").write_text(
        "title: another\nname: another-rule\nlogsource: {service: http}\n"
        "detection: {s: {http.request.method: NEVER}, condition: s}\n")
    piped.reload()
    piped.feed(data[len(data) // 2:])


def wildly(piped: Piped, data: bytes) -> None:
    """Ten reloads while packets come as fast as they are taken."""
    step = len(data) // 40 + 1
    for at in range(0, len(data), step):
        piped.feed(data[at:at + step])
        if at // step % 4 == 1:
            os.kill(piped.process.pid, signal.SIGHUP)
        time.sleep(0.05)


RULE = """title: rule {number}
name: rule-{number}
logsource: {{service: http}}
detection: {{s: {{http.request.method: HEAD}}, condition: s}}
"""


def hurriedly(piped: Piped, data: bytes) -> None:
    """Three times other rules while nobody reads the documents: the last are in use in the end."""
    piped.feed(data[:len(data) // 2])
    piped.settle()
    for number in range(3):
        (piped.rules / "more.yml").write_text(RULE.format(number=number))
        os.kill(piped.process.pid, signal.SIGHUP)
        time.sleep(0.5)
    piped.read_on()
    for _ in range(100):
        if piped.said("reloaded signatures") == 2:
            break
        time.sleep(0.05)
    piped.feed(data[len(data) // 2:])


def main() -> int:
    """Each way, compared with a run in which nothing was read anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=cmtap.BINARY, help="default: $CMTAP, debug")
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        data = capture(Path(name))
        runs = {}
        for way in (Piped.feed, steadily, wildly, hurriedly):
            folder = Path(name) / way.__name__
            folder.mkdir()
            piped = Piped(folder, options.binary, stuck=way is hurriedly)
            piped.begin(data[:HEADER])
            way(piped, data[HEADER:])
            runs[way] = piped.end()
    plain = runs.pop(Piped.feed)
    if not told(plain)["http-request-flood"]:
        print("not ok the flood is none")
        failed += 1
    last = runs.pop(hurriedly)
    own = set(told(last)) - set(told(plain))
    for way, run in [*runs.items(), (hurriedly, last)]:
        wrong = [c for c in complaints(run, plain) if c]
        if run is last:
            in_use = own >= {"rule-2"} and "rule-1" not in own
            wrong = [] if in_use else [f"what is in use is {sorted(own)}"]
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {way.__name__}: "
              f"{run.errors.count('reloaded signatures')} reloads")
        for complaint in wrong:
            print(f"  # {complaint}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
