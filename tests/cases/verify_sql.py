#!/usr/bin/python3
"""verify_sql.py CMTAP [-k NAME]: checks the cases of SQL Server against tshark.

For each pcaps/sql-*/: what cmtap states of the connection is what tshark reads of it, and an alert
is expected exactly where the values settle on something less than TLS and the connection is a
site's. The table of MS-TDS 2.2.6.5 is written down here a second time, on purpose."""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

TOP = Path(__file__).parents[2]
FIELDS = ["ip.src", "ip.dst", "tcp.dstport", "tds.type", "tds.prelogin.option.encryption",
          "tds.prelogin.option.version", "tds.7login.version", "tds.7login.clientname",
          "tds.7login.username", "tds.7login.appname", "tds.7login.servername",
          "tds.7login.libraryname", "tds.7login.databasename", "tds.envchange.type",
          "tds.envchange.newvalue_string", "tds.loginack.tdsversion", "tds.error.number",
          "tls.record.content_type"]
NAMES = {0: "off", 1: "on", 2: "not-supported", 3: "required"}
TABLE = {"off": {"off": "login-only", "on": "all", "not-supported": "none", "required": "all"},
         "on": {"on": "all", "required": "all", "not-supported": "refused"},
         "not-supported": {"off": "none", "not-supported": "none", "on": "refused",
                           "required": "refused"},
         "required": {"on": "all", "required": "all", "not-supported": "refused"}}


def read(capture: Path) -> dict:
    """What tshark says of the one connection, under our names."""
    command = ["tshark", "-r", capture, "-Y", "tds && !(tcp.dstport == 1433 && tls)",
               "-T", "fields", "-E", "aggregator=;"]
    for name in FIELDS:
        command += ["-e", name]
    rows = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    facts: dict = {}
    for row in rows:
        got = dict(zip(FIELDS, row.split("\t")))
        client = got["tcp.dstport"] == "1433"
        side = "client" if client else "server"
        facts["client.ip"], facts["server.ip"] = (
            (got["ip.src"], got["ip.dst"]) if client else (got["ip.dst"], got["ip.src"]))
        if got["tds.prelogin.option.encryption"]:
            facts[f"encryption.{side}"] = NAMES[int(got["tds.prelogin.option.encryption"], 0) & 127]
            version = int(got["tds.prelogin.option.version"], 0)
            facts[f"version.{side}"] = f"{version >> 24}.{version >> 16 & 255}.{version & 65535}"
        if got["tds.7login.version"]:
            version = int(got["tds.7login.version"], 0)
            facts["version.tds"] = f"{version >> 28}.{version >> 24 & 15}"
            for ours, theirs in (("host", "clientname"), ("user", "username"),
                                 ("application", "appname"), ("server_name", "servername"),
                                 ("library", "libraryname"), ("database", "databasename")):
                if got[f"tds.7login.{theirs}"]:
                    # A second server's name is the extension, misread.
                    facts[ours] = got[f"tds.7login.{theirs}"].split(";")[0]
        if "1" in got["tds.envchange.type"].split(";"):
            facts["database"] = got["tds.envchange.newvalue_string"].split(";")[0]
        if got["tds.loginack.tdsversion"]:
            facts["outcome"] = "success"
            version = int(got["tds.loginack.tdsversion"], 0)
            facts.setdefault("version.tds", f"{version >> 28}.{version >> 24 & 15}")
        if got["tds.error.number"]:
            facts["outcome"], facts["error"] = "failure", int(got["tds.error.number"])
    settled = TABLE.get(facts.get("encryption.client"), {}).get(facts.get("encryption.server"))
    if settled:
        facts["encryption.settled"] = settled
    return facts


def stated(cmtap: str, case: Path) -> list[dict]:
    out = subprocess.run([cmtap, "read", "-q", "-e", "-s", TOP / "signatures", "-S",
                          case / "site.yml", case / "capture.pcap"], check=True,
                         capture_output=True, text=True).stdout
    documents = [json.loads(line) for line in out.splitlines()]
    return [d for d in documents if d["event"]["kind"] == "event"
            and d["event"]["dataset"] == "configmgr.sql"]


def flatten(document: dict, prefix: str = ""):
    for name, value in document.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def compare(facts: dict, event: dict):
    """Complaints about an event."""
    ours = dict(flatten(event["configmgr"]["sql"]))
    ours["client.ip"], ours["server.ip"] = event["client"]["ip"], event["server"]["ip"]
    if "outcome" in event["event"]:
        ours["outcome"] = event["event"]["outcome"]
    if ours.get("authentication") == "sql":
        ours["user"] = event["user"]["name"]
    # tshark 4.0 does not read the answer to a logon of Windows.
    apart = {"authentication", "instance", "mars"}
    if ours.get("authentication") == "windows" and "outcome" not in facts:
        apart.add("outcome")
    for name in set(ours) - apart | set(facts):
        if ours.get(name) != facts.get(name):
            yield f"{name} is {facts.get(name)!r} to tshark, {ours.get(name)!r} to cmtap"


def has_reason(facts: dict, site: dict | None) -> bool:
    """Whether the connection is one to tell of."""
    if facts.get("encryption.settled") not in ("none", "login-only"):
        return False
    listed = [server for s in (site or {}).get("sites", []) for server in s["servers"]]
    return bool(re.fullmatch(r"(?i)(cm|sms)_[a-z0-9]{3}", facts.get("database", ""))
                or facts.get("application", "").startswith("SMS_")
                or any(facts["client.ip"] in s["addresses"] for s in listed)
                or any(facts["server.ip"] in s["addresses"] and "site-database" in s["roles"]
                       for s in listed))


def check(cmtap: str, case: Path):
    facts, events = read(case / "capture.pcap"), stated(cmtap, case)
    if "encryption.client" not in facts:
        if events:
            yield "an event, and tshark sees no PRELOGIN"
        facts = {}
    elif len(events) != 1:
        yield f"{len(events)} events of one connection"
    else:
        yield from compare(facts, events[0])
    site = yaml.safe_load((case / "site.yml").read_text())
    for name, known in (("expected.jsonl", site), ("expected-learned.jsonl", None)):
        lines = [line for line in (case / name).read_text().splitlines()
                 if json.loads(line)["event"]["code"] == "sql-in-clear"]
        if len(lines) != int(has_reason(facts, known)):
            yield f"{name}: {len(lines)} alerts are expected, the reasons are others"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cmtap")
    parser.add_argument("-k", default="", help="only cases whose name holds this")
    wanted = parser.parse_args()
    passed = failed = 0
    for case in sorted(TOP.glob("pcaps/sql-*")):
        if wanted.k not in case.name:
            continue
        complaints = list(check(wanted.cmtap, case))
        passed, failed = passed + (not complaints), failed + bool(complaints)
        print(f"{'not ok' if complaints else 'ok'} {case.name}")
        for complaint in complaints:
            print(f"  # {complaint}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
