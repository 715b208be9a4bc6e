#!/usr/bin/python3
"""Floods that no capture of some kilobytes can hold: learned rates, many sources, exact thresholds.

The packets are made here, by the benign day's own conversations (tests/lab/day): a quarter of an
hour of usual traffic, then the flood; and the same with a little less, which must be silent.
"""
import argparse
import random
import struct
import sys
import tempfile
from pathlib import Path

import cmtap
from cmtap import TOP

sys.path.insert(0, str(TOP / "tests/lab"))
from configmgr import framing  # noqa: E402
from day.capture import CaptureFile, Conversation  # noqa: E402

SITE = """sites:
  - code: PS1
    mode: http
    servers:
      - name: mp01.corp.example
        addresses: [203.0.113.20]
        roles: [management-point, fallback-status-point]
"""
SERVER = ("203.0.113.20", 80)
START = 1768208400  # 2026-01-12 09:00 UTC
QUIET = 900


class Wire:
    """A capture that begins with a quarter of an hour of a few requests."""

    def __init__(self, path: Path, quiet: bool = True):
        self.file, self.chance = CaptureFile(path), random.Random(1)
        self.port = 20000
        for second in range(0, QUIET if quiet else 0, 5):
            self.ask(START + second, "198.51.100.7", "HEAD", "/SMS_MP/.sms_dcm?a")
        self.now = START + QUIET + 0.1

    def connect(self, time: float, client: str) -> Conversation:
        """A handshake."""
        self.port = self.port + 1 if self.port < 60000 else 20000
        self.file.flush(time - 5)
        return Conversation(self.file, time, (client, self.port), SERVER, self.chance)

    def ask(self, time: float, client: str, method: str, target: str, status: int = 200,
            body: bytes = b"") -> None:
        """One request on a connection of its own."""
        talk = self.connect(time, client)
        talk.say(0, f"{method} {target} HTTP/1.1\r\nHost: mp01\r\nContent-Type: "
                 f"{framing.CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        talk.say(1, f"HTTP/1.1 {status} OK\r\nContent-Length: 0\r\n\r\n".encode())
        talk.close()

    def many(self, count: int, seconds: float, sources: int, what) -> None:
        """What happens so often, spread over the time and the sources."""
        for number in range(count):
            what(self.now + seconds * number / count,
                 f"10.{number % sources >> 8}.{number % sources & 255}.9")

    def bytes(self, count: int, seconds: float) -> None:
        """So many bytes to the server, in cut datagrams of 60,000 bytes from many sources."""
        frames = count // 60000
        for number in range(frames):
            source = bytes((10, 1, number & 255, number >> 8 & 255))
            frame = (b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + struct.pack(
                "!BBHHHBBH4s4sHHHH", 0x45, 0, 59986, 0, 0x4000, 64, 17, 0, source,
                bytes((203, 0, 113, 20)), 4000, 9, 59966, 0))
            time = self.now + seconds * number / frames
            self.file.file.write(struct.pack("=IIII", int(time), int(time % 1 * 1e6), len(frame),
                                             60000) + frame)

    def packets(self, count: int, seconds: float) -> None:
        """So many datagrams without data to the server, from many sources."""
        for number in range(count):
            source = bytes((10, 1, number & 255, number >> 8 & 7))
            frame = (b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + struct.pack(
                "!BBHHHBBH4s4sHHHH", 0x45, 0, 28, 0, 0x4000, 64, 17, 0, source,
                bytes((203, 0, 113, 20)), 4000, 9, 8, 0))
            time = self.now + seconds * number / count
            self.file.file.write(struct.pack("=IIII", int(time), int(time % 1 * 1e6), len(frame),
                                             len(frame)) + frame)

    def close(self) -> None:
        """Everything is written, with a last packet later."""
        self.ask(self.now + 60, "198.51.100.7", "HEAD", "/SMS_MP/.sms_dcm?a")
        self.file.close()


def connections(w: Wire, a_second: int) -> None:
    """Handshakes from many sources for three seconds."""
    w.many(3 * a_second, 3, 200, lambda time, client: w.connect(time, client).close())


def requests(w: Wire, a_second: int) -> None:
    """Requests from many sources, each for something else."""
    w.many(20 * a_second, 20, 200, lambda time, client:
           w.ask(time, client, "HEAD", f"/SMS_MP/.sms_dcm?{time}"))


def messages(w: Wire, a_second: int) -> None:
    """CCM messages from many sources for 55 seconds."""
    w.many(55 * a_second, 55, 200, lambda time, client:
           w.ask(time, client, "CCM_POST", "/ccm_system/request"))


def status(w: Wire, a_second: int) -> None:
    """Messages to the fallback status point from many sources."""
    w.many(45 * a_second, 45, 200, lambda time, client:
           w.ask(time, client, "POST", "/SMS_FSP/.sms_fsp"))


def one_source(w: Wire, count: int) -> None:
    """CCM messages of one source, slower than any flood of requests."""
    w.many(count, 59, 1, lambda time, client: w.ask(time, client, "CCM_POST", "/ccm_system/request"))


REGISTRATION = framing.request_payload(
    '<ClientRegistrationRequest><Data RequestType="Registration"/></ClientRegistrationRequest>')


def registrations(w: Wire, a_second: int) -> None:
    """Registrations from many sources for fifteen seconds; the server is too busy for them."""
    payload, length = REGISTRATION
    body = framing.join(framing.request_msg(endpoint="MP_ClientRegistration", host="WS", length=length,
                                            target="mp01"), payload)
    w.many(15 * a_second, 15, 200, lambda time, client: w.ask(
        time, client, "CCM_POST", "/ccm_system/request", 503, body))


def bodies(w: Wire, count: int) -> None:
    """Policy bodies that one source asks for."""
    w.many(count, 59, 1, lambda time, client:
           w.ask(time, client, "HEAD", f"/SMS_MP/.sms_pol?{{{time}}}.1_00"))


def volume(w: Wire, megabytes: int) -> None:
    """Bytes within five seconds."""
    w.file.flush()
    w.bytes(megabytes * 1_000_000, 5)


def small(w: Wire, thousands: int) -> None:
    """Packets within six seconds."""
    w.file.flush()
    w.packets(thousands * 1000, 6)


# What, how much is a flood, how much is not, the alert; and how much is a flood where nothing is learned
# yet: 0 where nothing is, None where it does not matter.
TRIALS = [
    (connections, 230, 150, "connection-flood", 0),
    (requests, 170, 80, "http-request-flood", 1010),
    (messages, 60, 40, "policy-request-flood", 310),
    (status, 30, 15, "status-flood", 110),
    (registrations, 18, 4, "registration-flood", 22),
    (one_source, 610, 590, "policy-request-flood", None),
    (bodies, 1010, 990, "bulk-policy-harvest", None),
    (volume, 130, 70, "bandwidth-flood", 0),
    (small, 240, 150, "bandwidth-flood", 0),
]


def lasting(w: Wire, a_second: int) -> None:
    """Handshakes of one source for a minute."""
    w.many(60 * a_second, 60, 1, lambda time, client: w.connect(time, client).close())


def made(flood, amount: int, quiet: bool, binary: str) -> cmtap.Run:
    """The program on one capture."""
    with tempfile.TemporaryDirectory() as folder:
        path, site = Path(folder) / "flood.pcap", Path(folder) / "site.yml"
        site.write_text(SITE)
        wire = Wire(path, quiet)
        flood(wire, amount)
        wire.close()
        return cmtap.read(path, site, binary=binary)


def run(flood, amount: int, quiet: bool, binary: str) -> tuple[set[str], str]:
    """The codes of one capture, and what is wrong with the run."""
    done = made(flood, amount, quiet, binary)
    codes = {d["event"]["code"] for d in done.alerts}
    return codes, done.crash or (f"ended with status {done.status}" if done.status else "")


def told_once(binary: str) -> str:
    """A flood of a minute is one alert that says who, whom, how many and since when, and a count."""
    documents = made(lasting, 60, False, binary).documents
    alerts = [d for d in documents if d["event"]["kind"] == "alert"]
    counts = [d for d in documents if d["event"]["kind"] == "metric"]
    if len(alerts) != 1 or len(counts) != 1:
        return f"{len(alerts)} alerts and {len(counts)} counts"
    alert, count = alerts[0], counts[0]
    shown = (alert["event"]["code"], alert["client"]["ip"], alert["server"]["ip"],
             alert["configmgr"]["correlation"]["count"] >= 500,
             alert["configmgr"]["correlation"]["first_seen"][:17])
    if shown != ("connection-flood", "10.0.0.9", SERVER[0], True, "2026-01-12T09:15:"):
        return f"the alert says {shown}"
    if count["event"]["code"] != "connection-flood" or count["client"]["ip"] != "10.0.0.9" or \
            count["configmgr"]["throttled"]["count"] < 3:
        return f"the count says {count['configmgr']['throttled']}"
    return ""


def main() -> int:
    """All trials."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=str(TOP / "build/cmtap"))
    options = parser.parse_args()
    passed = failed = 0
    for flood, much, less, code, unknown in TRIALS:
        trials = [(much, True, {code}), (less, True, set())]
        if unknown is not None:
            trials.append((much, False, set()))
        if unknown:
            trials.append((unknown, False, {code}))
        for amount, quiet, wanted in trials:
            codes, wrong = run(flood, amount, quiet, options.binary)
            wrong = wrong or (f"raised {sorted(codes)}, expected {sorted(wanted)}"
                              if codes != wanted else "")
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {flood.__name__}, {amount}"
                  f"{'' if quiet else ', with nothing learned before'}")
            if wrong:
                print(f"  # {wrong}")
    wrong = told_once(options.binary)
    print(f"{'not ok' if wrong else 'ok'} a flood that lasts is told once, then counted")
    if wrong:
        print(f"  # {wrong}")
    passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
