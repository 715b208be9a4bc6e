#!/usr/bin/python3
"""verify_dns.py CMTAP: what cmtap states of DNS is what tshark reads.

Of each capture of ../shared that holds DNS, and of one that is made here: names compressed in every
way, records of many types, answers in another order, and questions that nobody answers.
"""
import collections
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from shark import SEVERAL, rows

TOP = Path(__file__).parents[2]
SHARED = TOP.parent / "shared/captures"
TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA",
         33: "SRV", 65: "HTTPS", 99: "SPF", 255: "ANY"}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}
OPCODES = {0: "QUERY", 4: "NOTIFY", 5: "UPDATE"}
FLAGS = {"AA": "authoritative", "TC": "truncated", "RD": "recdesired", "RA": "recavail",
         "AD": "authenticated", "CD": "checkdisable"}
# Of a record's data, in the order in which our text has them.
DATA = {"A": ["a"], "AAAA": ["aaaa"], "NS": ["ns"], "CNAME": ["cname"], "PTR": ["ptr.domain_name"],
        "MX": ["mx.preference", "mx.mail_exchange"], "TXT": ["txt"], "SPF": ["spf"],
        "SRV": ["srv.priority", "srv.weight", "srv.port", "srv.target"],
        "SOA": ["soa.mname", "soa.rname", "soa.serial_number", "soa.refresh_interval",
                "soa.retry_interval", "soa.expire_limit", "soa.minimum_ttl"],
        "HTTPS": ["svcb.svcpriority", "svcb.targetname"]}
FIELDS = ["frame.number", "ip.src", "udp.srcport", "ip.dst", "udp.dstport", "dns.id",
          "dns.flags.response", "dns.flags.opcode", "dns.flags.rcode", "dns.qry.name",
          "dns.qry.type", "dns.resp.name", "dns.resp.type", "dns.count.answers",
          *(f"dns.flags.{name}" for name in FLAGS.values()),
          *(f"dns.{name}" for names in DATA.values() for name in names)]
LABELS = ["corp", "example", "mp01", "WWW", "_mssms_mp_ps1", "_tcp", "a-b", "x" * 63, "d.t"]
MADE = 400


class Writer:
    """A message that is being written, with names compressed now and then."""

    def __init__(self, chance: random.Random, head: bytes):
        self.chance, self.bytes, self.places = chance, bytearray(head), {}

    def name(self, labels: tuple[str, ...]):
        """A name, its end perhaps a pointer."""
        for i in range(len(labels)):
            place = self.places.get(labels[i:])
            if place and self.chance.random() < 0.8:
                self.bytes += struct.pack("!H", 0xC000 | place)
                return
            self.places.setdefault(labels[i:], len(self.bytes))
            self.bytes += bytes([len(labels[i])]) + labels[i].encode()
        self.bytes += b"\0"

    def data(self, kind: int):
        """Data of a record, behind its length."""
        start = len(self.bytes)
        self.bytes += b"\0\0"
        if kind in (15, 65):
            self.bytes += struct.pack("!H", self.chance.randrange(65536))
        elif kind == 33:
            self.bytes += self.chance.randbytes(6)
        if kind in (2, 5, 6, 12, 15, 33, 65):
            self.name(some_name(self.chance))
        if kind == 6:
            self.name(some_name(self.chance))
            self.bytes += self.chance.randbytes(20)
        elif kind in (1, 28):
            self.bytes += self.chance.randbytes(4 if kind == 1 else 16)
        elif kind in (16, 99):
            for _ in range(self.chance.randint(1, 3)):
                text = "".join(self.chance.choices("v=spf1 -all;IEX", k=self.chance.randint(1, 40)))
                self.bytes += bytes([len(text)]) + text.encode()
        struct.pack_into("!H", self.bytes, start, len(self.bytes) - start - 2)


def some_name(chance: random.Random) -> tuple[str, ...]:
    """A name of one to three labels."""
    return tuple(chance.choices(LABELS[:8], k=chance.randint(1, 3)))


def messages(chance: random.Random):
    """Questions and answers: port of the client, whether it is an answer, message."""
    for number in range(MADE):
        port, kinds = 20000 + number // 3, [k for k in TYPES if k != 255]
        name, kind = some_name(chance), chance.choice(list(TYPES))
        head = struct.pack("!H", chance.randrange(65536))
        asked = Writer(chance, head + b"\1\0\0\1\0\0\0\0\0\0")
        asked.name(name)
        tail = struct.pack("!HH", kind, 1)
        yield port, False, bytes(asked.bytes) + tail
        if chance.random() < 0.15:
            continue
        count, code = chance.randint(0, 4), chance.choice(list(RCODES))
        flags = chance.choice([0x8180, 0x8580, 0x8500, 0x81B0]) | code
        reply = Writer(chance, head + struct.pack("!HHHHH", flags, 1, count, 0, 0))
        reply.name(tuple(label.swapcase() for label in name))
        reply.bytes += tail
        for _ in range(count):
            kind = chance.choice(kinds)
            reply.name(some_name(chance) if chance.random() < 0.5 else name)
            reply.bytes += struct.pack("!HHI", kind, 1, 60)
            reply.data(kind)
        yield port, True, bytes(reply.bytes)


def make(path: Path):
    """Writes a capture of these messages."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for number, (port, answer, message) in enumerate(messages(random.Random(1035))):
            ends = [(bytes([192, 0, 2, 11]), port), (bytes([192, 0, 2, 10]), 53)]
            (source, source_port), (target, target_port) = ends[::-1] if answer else ends
            udp = struct.pack("!HHHH", source_port, target_port, 8 + len(message), 0) + message
            packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + \
                source + target + udp
            file.write(struct.pack("<IIII", 1790000000, number * 1000, len(packet), len(packet)))
            file.write(packet)


def theirs(capture: Path) -> collections.Counter:
    """Transactions by tshark, each as a line of JSON."""
    asked, told = {}, collections.Counter()
    for row in rows(capture, "udp.port == 53 && dns", *FIELDS):
        got = dict(zip(FIELDS, row))
        answer = got["dns.flags.response"] in ("1", "True")
        ends = [got["ip.src"], got["udp.srcport"], got["ip.dst"], got["udp.dstport"]]
        question = [got["dns.qry.name"].lower().replace("<root>", "."),
                    TYPES[int(got["dns.qry.type"], 0)]]
        key = tuple([*(ends[2:] + ends[:2] if answer else ends), got["dns.id"], *question])
        facts = {"client": key[:2], "server": key[2:4], "id": str(int(got["dns.id"], 0)),
                 "type": "answer" if answer else "query", "question": question,
                 "op_code": OPCODES[int(got["dns.flags.opcode"], 0)],
                 "flags": [ours for ours, name in FLAGS.items()
                           if got[f"dns.flags.{name}"] in ("1", "True")]}
        if not answer:
            asked[key] = facts
            continue
        asked.pop(key, None)
        facts["code"] = RCODES[int(got["dns.flags.rcode"], 0)]
        count = int(got["dns.count.answers"])
        if count:
            facts["types"] = [TYPES[int(kind, 0)]
                              for kind in got["dns.resp.type"].split(SEVERAL)[:count]]
            # tshark has the names of SRV records in pieces, and not all of them.
            named = sum(kind != "SRV" for kind in facts["types"])
            facts["names"] = got["dns.resp.name"].lower().split(SEVERAL)[:named]
            facts["data"] = data_of(got, facts["types"])
        told[json.dumps(facts)] += 1
    for facts in asked.values():
        told[json.dumps(facts)] += 1
    return told


def data_of(got: dict, types: list[str]) -> list[str]:
    """Texts of the records' data: the values of each type stand in the order of its records."""
    left = {name: got[f"dns.{name}"].lower().split(SEVERAL)
            for names in DATA.values() for name in names}
    texts = []
    for kind in types:
        # A string of a TXT record is a value of its own, so these are compared joined, as one.
        if kind in ("TXT", "SPF"):
            texts.append("text")
        else:
            texts.append(" ".join(left[name].pop(0) for name in DATA[kind]))
    return texts + ["".join(left["txt"]), "".join(left["spf"])]


def ours(cmtap: str, capture: Path) -> collections.Counter:
    """Transactions by cmtap, in the same form."""
    out = subprocess.run([cmtap, "read", "-q", "-e", capture], check=True, capture_output=True,
                         text=True).stdout
    told = collections.Counter()
    for document in map(json.loads, out.splitlines()):
        if document["event"]["dataset"] == "configmgr.malformed":
            told[json.dumps(document["configmgr"]["malformed"])] += 1
        if document["event"]["dataset"] != "configmgr.dns":
            continue
        dns = document["dns"]
        facts = {"client": [document["client"]["ip"], str(document["client"]["port"])],
                 "server": [document["server"]["ip"], str(document["server"]["port"])],
                 "id": dns["id"], "type": dns["type"],
                 "question": [dns["question"]["name"], dns["question"]["type"]],
                 "op_code": dns["op_code"], "flags": dns.get("header_flags", [])}
        if "response_code" in dns:
            facts["code"] = dns["response_code"]
        if "answers" in dns:
            answers = dns["answers"]
            facts["types"] = answers["type"]
            facts["names"] = [name for name, kind in zip(answers["name"], answers["type"])
                              if kind != "SRV"]
            pairs = list(zip(answers["type"], answers["data"]))
            facts["data"] = ["text" if kind in ("TXT", "SPF") else text for kind, text in pairs] + [
                "".join(text for kind, text in pairs if kind == wanted).lower()
                for wanted in ("TXT", "SPF")]
        told[json.dumps(facts)] += 1
    return told


def main() -> int:
    """Compares; one capture is one test."""
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "made.pcap"
        make(made)
        for capture in [made, *sorted(SHARED.glob("dns*.pcap"))]:
            by_tshark, by_cmtap = theirs(capture), ours(sys.argv[1], capture)
            good = by_tshark == by_cmtap and by_tshark
            passed, failed = passed + bool(good), failed + (not good)
            print(f"{'ok' if good else 'not ok'} {capture.name}: {by_tshark.total()} transactions")
            for who, lines in (("tshark", by_tshark - by_cmtap), ("cmtap", by_cmtap - by_tshark)):
                for line in sorted(lines)[:5]:
                    print(f"  # only by {who}: {line}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
