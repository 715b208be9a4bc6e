#!/usr/bin/python3
"""Checks every document that cmtap writes against ECS 9.4 and our own promises: ecs.py [BINARY].

All captures of pcaps/ and, where they are, the captures in ../shared are read with and without site
file and with and without -e. Each run is one test; the last one asks whether any field changed its
type between documents.
"""
import base64
import csv
import hashlib
import ipaddress
import json
import re
import struct
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
FIELDS = Path(__file__).with_name("ecs_fields.csv")
SHARED = TOP.parent / "shared/captures"
LINE_MOST = 16 * 1024
EXACT_MOST = 2 ** 53  # integers beyond are rounded by many readers of JSON

# ecs_flat.yml: the allowed values, and the types that go with a category
KINDS = {"alert", "asset", "enrichment", "event", "metric", "state", "pipeline_error", "signal"}
OUTCOMES = {"success", "failure", "unknown"}
DIRECTIONS = {"ingress", "egress", "inbound", "outbound", "internal", "external", "unknown"}
TYPES_OF = {
    "authentication": {"start", "end", "info"},
    "configuration": {"access", "change", "creation", "deletion", "info"},
    "file": {"access", "change", "creation", "deletion", "info"},
    "host": {"access", "change", "end", "info", "start"},
    "intrusion_detection": {"allowed", "denied", "info"},
    "malware": {"info"},
    "network": {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"},
    "session": {"start", "end", "info"},
    "threat": {"indicator"},
    "vulnerability": {"info"},
    "web": {"access", "error", "info"},
}
# alerts.md section 2 and cli.md
ON_EVERY = ("@timestamp", "ecs.version", "event.kind", "event.category", "event.type", "event.id",
            "event.dataset", "event.module", "event.sequence", "observer.vendor",
            "observer.product", "observer.type", "observer.version", "observer.hostname")
ON_EVENTS = ("source.ip", "destination.ip", "client.ip", "server.ip", "network.type",
             "network.transport", "network.community_id", "related.ip")
# Counts of many connections: of no one connection, and often of no one source.
ON_TRAFFIC = ("destination.ip", "server.ip", "related.ip")
ON_ALL_ALERTS = (
    "message", "event.action", "event.code", "event.severity", "rule.id", "rule.uuid", "rule.name",
    "rule.reference", "configmgr.control", "configmgr.remedy", "configmgr.evidence")
ON_ALERTS = ON_EVENTS + ON_ALL_ALERTS
ON_COUNTS = ("message", "event.code", "event.start", "event.end", "rule.id", "rule.uuid",
             "rule.name", "configmgr.throttled.count")
SEVERITIES = {"informational": 21, "low": 21, "medium": 47, "high": 73, "critical": 99}
# What documents have besides the fields of `cmtap fields`.
OWN = {"configmgr.control": "text", "configmgr.remedy": "text", "configmgr.evidence": "texts",
       "configmgr.truncated": "texts", "configmgr.throttled.count": "integer",
       "configmgr.correlation.count": "integer", "configmgr.correlation.first_seen": "time",
       "configmgr.correlation.last_seen": "time", "configmgr.correlation.group": "text",
       "configmgr.correlation.samples": "times", "configmgr.correlation.approximate": "boolean"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(\d{3})?Z")
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
MAC = re.compile(r"[0-9A-F]{2}(-[0-9A-F]{2}){5}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_address(value) -> bool:
    """Is it an IP address as text?"""
    try:
        return isinstance(value, str) and bool(ipaddress.ip_address(value))
    except ValueError:
        return False


def is_integer(value) -> bool:
    """Is it a whole number that every reader keeps exactly?"""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < EXACT_MOST


def is_number(value) -> bool:
    """Is it any number?"""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_time(value) -> bool:
    """Is it a time in UTC with microseconds, or nanoseconds?"""
    return isinstance(value, str) and bool(TIME.fullmatch(value))


def is_text(value) -> bool:
    """Is it text with something in it?"""
    return isinstance(value, str) and value != ""


JUDGES = {"ip": is_address, "long": is_integer, "integer": is_integer, "float": is_number,
          "double": is_number, "scaled_float": is_number, "date": is_time,
          "boolean": lambda value: isinstance(value, bool)}
JUDGES_OF_OURS = {"text": is_text, "integer": is_integer, "time": is_time, "address": is_address,
                  "boolean": JUDGES["boolean"]}


def leaves(node: dict, path: str = ""):
    """(dotted name, value) of everything that is no object."""
    for name, value in node.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}{name}.")
        else:
            yield path + name, value


class Schema:
    """The names, types and array-ness that documents may use."""

    def __init__(self, binary: str):
        lines = [line for line in FIELDS.read_text().splitlines() if not line.startswith("#")]
        self.ecs = {row["Field"]: row for row in csv.DictReader(lines)}
        table = subprocess.run([binary, "fields"], stdout=subprocess.PIPE, check=True, text=True)
        rows = [line.split()[:2] for line in table.stdout.splitlines()[1:]]
        self.ours = dict(OWN, **{name: kind for name, kind in rows})
        told = subprocess.run([binary, "signatures", "convert-fields", "--json"], check=True,
                              stdout=subprocess.PIPE)
        self.services = {f["document"]: f["services"] for f in json.loads(told.stdout)["fields"]}

    def is_many(self, row: dict) -> bool:
        """Has the field several values, by itself or in each of several objects (dns.answers)?"""
        above = self.ecs.get(row["Field"].rpartition(".")[0], {})
        return "array" in (row["Normalization"], above.get("Normalization"))

    def foreign(self):
        """Fields of `cmtap fields` that claim to be of ECS and are not."""
        for name, kind in self.ours.items():
            if name.startswith("configmgr."):
                continue
            row = self.ecs.get(name)
            if row is None:
                yield f"{name} is not in ECS"
            elif self.is_many(row) != (kind in ("texts", "integers", "addresses")):
                yield f"{name}: {kind}, but ECS wants {row['Normalization'] or 'one value'}"

    def judge(self, name: str, value):
        """What is wrong with one field."""
        if value in (None, "", [], {}):
            return f"{name} is empty"
        values = value if isinstance(value, list) else [value]
        if name.startswith("configmgr."):
            kind = self.ours.get(name)
            if kind is None:
                return f"{name} is none of our fields"
            array = kind in ("texts", "integers", "addresses", "times")
            judge = JUDGES_OF_OURS[{"addresses": "address"}.get(kind, kind.removesuffix("s"))
                                   if array else kind]
        else:
            row = self.ecs.get(name)
            if row is None:
                return f"{name} is not in ECS"
            kind, array = row["Type"], self.is_many(row)
            if kind in ("object", "nested"):
                return f"{name} is {json.dumps(value)}, expected an object"
            judge = JUDGES.get(kind, is_text)
        if isinstance(value, list) != array:
            return f"{name} is {'a list' if not array else 'no list'}: {json.dumps(value)}"
        if not all(judge(item) for item in values):
            return f"{name} is {json.dumps(value)}, expected {kind}"
        return ""


def community_id(facts: dict) -> str:
    """Community ID v1, seed 0, from the addresses and ports of a document."""
    ends = [(ipaddress.ip_address(facts[f"{end}.ip"]).packed, facts.get(f"{end}.port", 0))
            for end in ("source", "destination")]
    (first, first_port), (second, second_port) = sorted(ends)
    protocol = {"tcp": 6, "udp": 17, "esp": 50, "ah": 51, "wesp": 141}[facts["network.transport"]]
    ports = struct.pack("!HH", first_port, second_port) if "source.port" in facts else b""
    digest = hashlib.sha1(struct.pack("!H", 0) + first + second + bytes([protocol, 0]) +
                          ports).digest()
    return "1:" + base64.b64encode(digest).decode()


def judge_values(facts: dict):
    """Allowed values, and fields that must agree."""
    if facts.get("event.kind") not in KINDS:
        yield f"event.kind {facts.get('event.kind')}"
    for category in facts.get("event.category", []):
        for kind in facts.get("event.type", []):
            if kind not in TYPES_OF.get(category, ()):
                yield f"event.type {kind} does not go with event.category {category}"
    if facts.get("event.outcome", "unknown") not in OUTCOMES:
        yield f"event.outcome {facts['event.outcome']}"
    if facts.get("network.direction", "unknown") not in DIRECTIONS:
        yield f"network.direction {facts['network.direction']}"
    if facts.get("ecs.version") != "9.4.0" or facts.get("event.module") != "configmgr":
        yield "ecs.version or event.module"
    if not re.fullmatch(r"configmgr\.[a-z_]+", facts.get("event.dataset", "")):
        yield f"event.dataset {facts.get('event.dataset')}"
    if not ULID.fullmatch(facts.get("event.id", "")):
        yield f"event.id {facts.get('event.id')}"
    if facts.get("event.start", "") > facts.get("event.end", "~"):
        yield "event.start is after event.end"
    for end in ("source", "destination"):
        if f"{end}.mac" in facts and not MAC.fullmatch(facts[f"{end}.mac"]):
            yield f"{end}.mac {facts[f'{end}.mac']}"
    if "network.community_id" in facts and facts["network.community_id"] != community_id(facts):
        yield f"network.community_id {facts['network.community_id']}: {community_id(facts)}"
    version = facts.get("network.type")
    if version and version != f"ipv{ipaddress.ip_address(facts['source.ip']).version}":
        yield f"network.type {version}"
    if not {facts.get("source.ip"), facts.get("destination.ip")} <= {*facts.get("related.ip", []), None}:
        yield "related.ip lacks an address"


def judge_threat(facts: dict):
    """Tactics, techniques and sub-techniques are parallel lists, and parents are there."""
    names = [name for name in facts if name.startswith("threat.")]
    if names and facts.get("threat.framework") != "MITRE ATT&CK":
        yield "threat without its framework"
    for name in names:
        other = name.removesuffix(".id") + ".name" if name.endswith(".id") else \
            name.removesuffix(".name") + ".id"
        if isinstance(facts[name], list) and len(facts[name]) != len(facts.get(other, [])):
            yield f"{name} and {other} are not parallel"
    for identifier in facts.get("threat.technique.subtechnique.id", []):
        if identifier.split(".")[0] not in facts.get("threat.technique.id", []):
            yield f"{identifier} without its technique"


def judge_alert(facts: dict):
    """What alerts have besides."""
    if facts["event.kind"] != "alert":
        return
    wanted = ON_ALL_ALERTS if "configmgr.correlation.count" in facts else ON_ALERTS
    yield from (f"{name} is missing" for name in wanted if name not in facts)
    if "http.request.method" in facts and "configmgr.message.type" not in facts:
        yield "configmgr.message.type is missing"
    if facts.get("rule.id") != facts.get("event.code"):
        yield "event.code and rule.id differ"
    if not UUID.fullmatch(facts.get("rule.uuid", "")):
        yield f"rule.uuid {facts.get('rule.uuid')}"
    if facts.get("event.severity") != SEVERITIES.get(facts.get("log.level")):
        yield f"event.severity {facts.get('event.severity')} at {facts.get('log.level')}"
    for item in facts.get("configmgr.evidence", []):
        if facts.get(item.split(": ")[0]) is None:
            yield f"configmgr.evidence names what the document lacks: {item}"


def judge_line(line: bytes, schema: Schema, seen: set, types: dict):
    """Complaints about one document; seen are the ids, types those of all fields so far."""
    if len(line) + 1 > LINE_MOST:
        yield f"{len(line) + 1} bytes"
    if any(byte < 32 or byte == 127 for byte in line):
        yield "control characters"
    document = json.loads(line.decode("utf-8"))
    facts = dict(leaves(document))
    for name, value in facts.items():
        wrong = schema.judge(name, value)
        if wrong:
            yield wrong
        if name not in types:
            types[name] = set()
        types[name].add("list" if isinstance(value, list) else type(value).__name__)
    kind = facts.get("event.kind")
    wanted = ON_EVERY + {"event": ON_EVENTS, "metric": ON_COUNTS}.get(kind, ())
    if kind == "event" and facts.get("event.dataset") == "configmgr.traffic":
        wanted = ON_EVERY + ON_TRAFFIC
    yield from (f"{name} is missing" for name in wanted if name not in facts)
    if kind == "event":
        service = facts["event.dataset"].removeprefix("configmgr.")
        yield from (f"{name} is not said to be in events of service {service}" for name in facts
                    if service not in schema.services.get(name, [service]))
    if facts.get("event.id") in seen:
        yield f"event.id {facts.get('event.id')} is not unique"
    seen.add(facts.get("event.id"))
    yield from judge_values(facts)
    yield from judge_threat(facts)
    yield from judge_alert(facts)


def run(job) -> tuple[str, list[str], int, dict]:
    """Name, complaints, number of documents and types of one run."""
    binary, schema, capture, site, options = job
    command = [binary, "read", "-q", *options, *(["-S", str(site)] if site else []), str(capture)]
    name = capture.parent.name if capture.name == "capture.pcap" else capture.stem
    name += (" with" if site else " without") + " site file" + "".join(f" {o}" for o in options)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                          check=False)
    complaints, seen, types, times = [], set(), {}, [""]
    if done.returncode:
        complaints.append(f"ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    if done.stdout and not done.stdout.endswith(b"\n"):
        complaints.append("the last line has no end")
    lines = done.stdout.splitlines()
    for number, line in enumerate(lines, 1):
        try:
            complaints += [f"line {number}: {wrong}"
                           for wrong in judge_line(line, schema, seen, types)]
            times.append(json.loads(line)["@timestamp"])
        except (ValueError, KeyError) as error:
            complaints.append(f"line {number}: {error!r}: {line[:200]!r}")
        if times[-1] < times[-2 if len(times) > 1 else -1]:
            complaints.append(f"line {number}: {times[-1]} after {times[-2]}")
    return name, complaints, len(lines), types


def jobs(binary: str, schema: Schema):
    """Every capture in every way."""
    for capture in sorted(TOP.glob("pcaps/*/capture.pcap")):
        for site in (capture.with_name("site.yml"), None):
            for options in ((), ("-e",)):
                yield binary, schema, capture, site, options
    for capture in sorted(SHARED.glob("*.pcap")):
        yield binary, schema, capture, None, ("-e",)


def stable(types: dict) -> list[str]:
    """Fields that had more than one type."""
    return [f"{name} is {' or '.join(sorted(kinds))}" for name, kinds in types.items()
            if len(kinds) > 1]


def main() -> int:
    """Run and judge all of them, two at a time."""
    binary = str(Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build/cmtap").resolve())
    schema = Schema(binary)
    results, types, documents = [("fields", list(schema.foreign()))], {}, 0
    with ProcessPoolExecutor(2) as pool:
        for name, complaints, count, of_run in pool.map(run, jobs(binary, schema),
                                                         chunksize=8):
            results.append((name, complaints))
            documents += count
            for field, kinds in of_run.items():
                types.setdefault(field, set()).update(kinds)
    results.append((f"types of {len(types)} fields in {documents} documents", stable(types)))
    failed = 0
    for number, (name, complaints) in enumerate(results, 1):
        print(f"{'not ok' if complaints else 'ok'} {number} - {name}")
        for complaint in complaints[:20]:
            print(f"  # {complaint}")
        failed += bool(complaints)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed or not documents else 0


if __name__ == "__main__":
    sys.exit(main())
