#!/usr/bin/python3
"""Compares every TLS handshake that cmtap tells of with what tshark reads, field by field.

Versions, suites, names, fingerprints and certificates of every hello in the captures of pcaps/ and
of the shared ones. JA4 is compared with tls_fingerprints.csv, which a newer tshark wrote. Facts of
certificates are read a second time by the parser of python3-cryptography from tshark's bytes.
"""
import argparse
import csv
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from shark import SEVERAL, rows

TOP = Path(__file__).parents[2]
SHARED = TOP.parent / "shared/captures"
VERSIONS = {0x0002: "2.0", 0x0300: "3.0", 0x0301: "1.0", 0x0302: "1.1", 0x0303: "1.2",
            0x0304: "1.3"}
FIELDS = ("tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "tls.handshake.type",
          "tls.handshake.version", "tls.handshake.extensions.supported_version",
          "tls.handshake.ciphersuite", "tls.handshake.extensions_server_name",
          "tls.handshake.ja3", "tls.handshake.ja3s", "tls.handshake.extensions_alpn_str",
          "tls.handshake.certificate", "frame.number", "ip.dst", "ipv6.dst", "tcp.dstport")


def many(text: str) -> list[str]:
    """The values of one field of a frame."""
    return [part for part in text.split(SEVERAL) if part]


def handshakes(capture: Path) -> dict[tuple[str, int], dict]:
    """What tshark reads, by client address and port."""
    found, client_of = {}, {}
    for row in rows(capture, "tls.handshake.type", *FIELDS):
        r = dict(zip(FIELDS, row))
        types = [int(t) for t in many(r["tls.handshake.type"])]
        sender = (r["ip.src"] or r["ipv6.src"], int(r["tcp.srcport"]))
        receiver = (r["ip.dst"] or r["ipv6.dst"], int(r["tcp.dstport"]))
        if 1 in types:
            client_of[r["tcp.stream"]] = sender
        client = client_of.get(r["tcp.stream"], receiver if 2 in types else None)
        if client is None:
            continue
        facts = found.setdefault(client, {})
        version = [int(v, 0) for v in many(r["tls.handshake.version"])]
        extra = [int(v, 0) for v in many(r["tls.handshake.extensions.supported_version"])]
        if 1 in types and "ja3" not in facts:
            facts["ja3"], facts["frame"] = many(r["tls.handshake.ja3"])[0], r["frame.number"]
            facts["name"] = (many(r["tls.handshake.extensions_server_name"]) or [""])[0].lower()
            facts["offered"] = [int(s, 0) for s in many(r["tls.handshake.ciphersuite"])]
        if 2 in types:
            facts["ja3s"] = many(r["tls.handshake.ja3s"])[0]
            facts["version"] = VERSIONS[extra[0] if extra else version[0]]
            facts["suite"] = int(many(r["tls.handshake.ciphersuite"])[0], 0)
            facts["protocol"] = (many(r["tls.handshake.extensions_alpn_str"]) or [""])[0]
        if 11 in types and r["tls.handshake.certificate"]:
            side = "client" if sender == client else "server"
            facts.setdefault(side, many(r["tls.handshake.certificate"])[0])
    return found


def suite_names() -> dict[int, str]:
    """Suites by number, as tshark names them."""
    text = subprocess.run(["tshark", "-G", "values"], stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.DEVNULL, text=True).stdout
    lines = (line.split("\t") for line in text.splitlines())
    return {int(line[2], 0): line[3] for line in lines
            if line[:2] == ["V", "tls.handshake.ciphersuite"]}


def certificate_facts(der: str) -> dict:
    """A certificate's facts under the names of ECS."""
    certificate = x509.load_der_x509_certificate(bytes.fromhex(der.replace(":", "")))
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        dns = [n.lower() for n in names.get_values_for_type(x509.DNSName)]
    except x509.ExtensionNotFound:
        dns = None
    return {"hash.sha256": certificate.fingerprint(SHA256()).hex().upper(),
            "x509.serial_number": f"{certificate.serial_number:X}",
            "x509.not_before": certificate.not_valid_before.isoformat(),
            "x509.not_after": certificate.not_valid_after.isoformat(),
            "x509.public_key_size": certificate.public_key().key_size,
            "x509.subject.common_name": [a.value for a in certificate.subject
                                         if a.oid == x509.NameOID.COMMON_NAME] or None,
            "x509.alternative_names": dns}


def value(document: dict, path: str):
    """The value at a dotted name, or None."""
    for part in path.split("."):
        document = document.get(part, {}) if isinstance(document, dict) else {}
    return None if document == {} else document


def complaints_of(event: dict, facts: dict, names: dict[int, str]):
    """Where one event differs from what tshark reads."""
    wanted = {"tls.client.ja3": facts.get("ja3"), "tls.server.ja3s": facts.get("ja3s"),
              "tls.version": facts.get("version"), "tls.cipher": names.get(facts.get("suite")),
              "tls.client.server_name": facts.get("name") or None,
              "tls.next_protocol": facts.get("protocol") or None}
    if "ja4" in facts:
        wanted["configmgr.tls.ja4"] = facts["ja4"]
    for side in ("client", "server"):
        if side in facts:
            wanted |= {f"tls.{side}.{n}": v for n, v in certificate_facts(facts[side]).items()}
    for name, read in wanted.items():
        told = value(event, name)
        if name.endswith(("not_before", "not_after")) and told:
            told = told.split(".")[0].removesuffix("Z")
        if told != read:
            yield f"{name} is {told!r}, tshark reads {read!r}"
    offered = [names[n] for n in facts.get("offered", ()) if n in names and "GREASE" not in names[n]]
    told = [n for n in value(event, "tls.client.supported_ciphers") or [] if n[:2] != "0x"]
    if offered != told:
        yield f"tls.client.supported_ciphers are {told}, tshark reads {offered}"


def ja4_of() -> dict[tuple[str, str], str]:
    """JA4 by capture and frame."""
    with (SHARED / "tls_fingerprints.csv").open() as file:
        return {(r["file"], r["frame"]): r["ja4"] for r in csv.DictReader(file) if r["ja4"]}


def check(job) -> tuple[str, int, list[str]]:
    """Name, number of handshakes and complaints of one capture."""
    capture, binary, names, ja4 = job
    name = capture.parent.name if capture.name == "capture.pcap" else capture.stem
    found = handshakes(capture)
    site = capture.with_name("site.yml")
    options = ["-S", str(site)] if site.exists() else []
    done = subprocess.run([binary, "read", "-q", "-e", *options, str(capture)], check=True,
                          stdout=subprocess.PIPE, timeout=120)
    events = [d for d in map(json.loads, done.stdout.splitlines())
              if d["event"]["dataset"] == "configmgr.tls"]
    complaints = []
    for event in events:
        facts = found.pop((event["client"]["ip"], event["client"]["port"]), None)
        if facts is None:
            complaints.append(f"tshark reads no handshake of {event['client']}")
            continue
        if (capture.name, facts.get("frame")) in ja4:
            facts["ja4"] = ja4[capture.name, facts["frame"]]
        complaints += complaints_of(event, facts, names)
    complaints += [f"no event of the handshake of {client}" for client in found]
    return name, len(events), complaints


def main() -> int:
    """Compare all captures that hold TLS."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=str(TOP / "build/cmtap"))
    parser.add_argument("-k", default="", help="only captures whose name holds this")
    options = parser.parse_args()
    captures = [c for kind in ("*tls*", "*certificate*", "crl-*", "decrypted-*")
                for c in sorted(TOP.glob(f"pcaps/{kind}/capture.pcap"))]
    captures += [*sorted(SHARED.glob("https_*.pcap")), *sorted(SHARED.glob("*tls.pcap"))]
    captures = [c for c in dict.fromkeys(captures) if options.k in str(c)]
    names, ja4, failed, total = suite_names(), ja4_of(), 0, 0
    with ThreadPoolExecutor(2) as pool:
        for name, count, complaints in pool.map(check, ((c, options.binary, names, ja4)
                                                        for c in captures)):
            print(f"{'not ok' if complaints else 'ok'} {name}, {count} handshakes")
            for complaint in complaints:
                print(f"  # {complaint}")
            failed, total = failed + bool(complaints), total + count
    print(f"{len(captures) - failed} passed, {failed} failed; {total} handshakes")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
