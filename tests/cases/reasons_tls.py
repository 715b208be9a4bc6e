"""Why a TLS handshake makes an alert, judged a second time and without cmtap's code.

tshark reads handshakes and records; python3-cryptography reads certificates and CRLs. The reasons
are those of detections.md, for what the site file of a case lists.
"""
import fnmatch
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from shark import SEVERAL, rows
from wire import transactions

WEAK = ("NULL", "EXPORT", "anon", "RC4", "RC2", "DES", "DES40", "3DES", "IDEA", "MD5")
FIELDS = ("frame.time_epoch", "tcp.stream", "ip.src", "ip.dst", "tcp.srcport", "tcp.dstport",
          "tls.record.content_type", "tls.handshake.type", "tls.handshake.version",
          "tls.handshake.extensions.supported_version", "tls.handshake.ciphersuite",
          "tls.handshake.extensions_server_name", "tls.handshake.certificate",
          "tls.handshake.certificates_length")
CODES = {"tls-old-version", "tls-weak-cipher", "certificate-expired", "certificate-not-yet-valid",
         "certificate-untrusted", "certificate-wrong-name", "certificate-revoked",
         "certificate-weak", "no-client-certificate", "crl-not-checked", "mp-certificate-changed",
         "roaming-in-clear", "uninspected-encryption"}


def many(text: str) -> list[str]:
    """The values of one field of a frame."""
    return [part for part in text.split(SEVERAL) if part]


@dataclass
class Handshake:
    """One connection, as far as it shows."""
    client: str
    server: str
    port: int
    time: float
    name: str = ""
    version: int = 0
    suite: str = ""
    requested: bool = False
    done: bool = False
    empty: bool = False
    renegotiated: bool = False
    data: list = field(default_factory=list)
    certificate: dict = field(default_factory=dict)


def handshakes(capture: Path, names: dict[int, str]) -> list[Handshake]:
    """All connections with a ClientHello."""
    found = {}
    for row in rows(capture, "tls.record.content_type", *FIELDS):
        r = dict(zip(FIELDS, row))
        types = [int(t) for t in many(r["tls.handshake.type"])]
        records = [int(t) for t in many(r["tls.record.content_type"])]
        h = found.get(r["tcp.stream"])
        if h is None and 1 in types:
            h = found[r["tcp.stream"]] = Handshake(r["ip.src"], r["ip.dst"], int(r["tcp.dstport"]),
                                                   float(r["frame.time_epoch"]))
            h.name = (many(r["tls.handshake.extensions_server_name"]) or [""])[0].lower()
        if h is None:
            continue
        side = "client" if r["ip.src"] == h.client else "server"
        if 2 in types:
            extra = many(r["tls.handshake.extensions.supported_version"])
            h.version = int((extra or many(r["tls.handshake.version"]))[0], 0)
            h.suite = names[int(many(r["tls.handshake.ciphersuite"])[0], 0)]
        h.requested |= 13 in types
        h.done |= 14 in types
        if 11 in types and r["tls.handshake.certificate"]:
            der = bytes.fromhex(many(r["tls.handshake.certificate"])[0].replace(":", ""))
            h.certificate.setdefault(side, x509.load_der_x509_certificate(der))
        h.empty |= 11 in types and side == "client" and not r["tls.handshake.certificate"]
        if 22 in records and h.data and h.version < 0x0304:
            h.renegotiated = True
        if 23 in records and (not h.data or h.data[-1] != side):
            h.data.append(side)
    return list(found.values())


def usage_of(certificate: x509.Certificate) -> set[str]:
    """Extended key usages, by object identifier."""
    try:
        value = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        return {u.dotted_string for u in value}
    except x509.ExtensionNotFound:
        return set()


def names_of(certificate: x509.Certificate) -> list[str]:
    """Names that a client may compare."""
    try:
        value = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        return [a.value for a in certificate.subject if a.oid == x509.NameOID.COMMON_NAME]


def signed_by(certificate: x509.Certificate, anchor: x509.Certificate) -> bool:
    """Did the owner of the anchor's key sign it?"""
    try:
        anchor.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes,
                                   padding.PKCS1v15(), certificate.signature_hash_algorithm)
        return certificate.issuer == anchor.subject
    except InvalidSignature:
        return False


class TlsJudge:
    """The reasons of one case."""

    def __init__(self, case: Path, suites: dict[int, str]):
        listed = yaml.safe_load((case / "site.yml").read_text())
        site = listed["sites"][0]
        trust = listed.get("trust", {})
        self.case, self.mode, self.suites = case, site["mode"], suites
        self.servers = {a: s for s in site["servers"] for a in s["addresses"]}
        self.names = {s["name"]: s for s in site["servers"]}
        self.anchors = [x509.load_pem_x509_certificate((case / f).read_bytes())
                        for f in trust.get("anchors", ())]
        self.revoked = {(crl.issuer, r.serial_number) for f in trust.get("crls", ())
                        for crl in [x509.load_pem_x509_crl((case / f).read_bytes())] for r in crl}
        self.shown, self.channels, self.since, self.checked = {}, set(), {}, set()

    def of_certificate(self, certificate: x509.Certificate, time: float, usage: str):
        """Reasons that hold for either side's certificate."""
        now = datetime.utcfromtimestamp(time)
        if now > certificate.not_valid_after:
            yield "certificate-expired"
        if now < certificate.not_valid_before:
            yield "certificate-not-yet-valid"
        if (certificate.issuer, certificate.serial_number) in self.revoked:
            yield "certificate-revoked"
        if (certificate.public_key().key_size < 2048 or usage not in usage_of(certificate)
                or certificate.signature_hash_algorithm.name in ("md5", "sha1")):
            yield "certificate-weak"

    def of_server(self, h: Handshake, server: dict):
        """Reasons in what the server shows."""
        certificate = h.certificate["server"]
        yield from self.of_certificate(certificate, h.time, "1.3.6.1.5.5.7.3.1")
        pins = [p.removeprefix("sha256:") for p in server.get("certificates", ())]
        if self.anchors and not any(signed_by(certificate, a) for a in self.anchors):
            yield "certificate-untrusted"
        if not any(fnmatch.fnmatch(name, pattern) and name.count(".") == pattern.count(".")
                   for name in (h.name, server["name"]) for pattern in names_of(certificate)):
            yield "certificate-wrong-name"
        place = (h.server, h.port, h.name)
        before = self.shown.setdefault(place, certificate)
        if "management-point" in server["roles"] and not pins and before != certificate and (
                before.subject == certificate.subject
                or not all(self.is_good(c, h) for c in (before, certificate))):
            yield "mp-certificate-changed"

    def is_good(self, certificate: x509.Certificate, h: Handshake) -> bool:
        """Could this be a server's own, and the name that was asked for one of several?"""
        return (h.name in names_of(certificate)
                and certificate.not_valid_before <= datetime.utcfromtimestamp(h.time)
                <= certificate.not_valid_after
                and any(signed_by(certificate, a) for a in self.anchors))

    def reasons(self, h: Handshake):
        """Codes of the alerts that a handshake has a reason for."""
        server = self.servers.get(h.server) or self.names.get(h.name)
        if server is None:
            return
        if 0 < h.version < 0x0303:
            yield "tls-old-version"
        if any(part in WEAK for part in h.suite.split("_")):
            yield "tls-weak-cipher"
        if "server" in h.certificate:
            yield from self.of_server(h, server)
        if "client" in h.certificate:
            yield from self.of_certificate(h.certificate["client"], h.time, "1.3.6.1.5.5.7.3.2")
        asked_none = (h.done and "server" in h.certificate and not h.requested
                      and not h.renegotiated and h.data[:2] == ["client", "server"])
        if (self.mode == "https" and h.port == 443 and (h.empty or asked_none)
                and {"management-point", "distribution-point"} & set(server["roles"])):
            yield "no-client-certificate"
        if (self.mode == "http" or h.server not in self.servers) and (
                (h.server, h.port) not in self.channels):
            self.channels.add((h.server, h.port))
            yield "uninspected-encryption"
        if h.client not in self.checked and h.time - self.since.setdefault(h.client, h.time) >= 86400:
            yield "crl-not-checked"

    def judge(self) -> set[tuple[str, str, str]]:
        """(code, client, server) of all alerts with a reason."""
        capture, found = self.case / "capture.pcap", set()
        fetched = transactions(capture)
        self.checked = {t.client for t in fetched if t.status == 200 and
                        t.reply_headers.get("content-type") in ("application/pkix-crl",
                                                                "application/ocsp-response")}
        for h in handshakes(capture, self.suites):
            found |= {(code, h.client, h.server) for code in self.reasons(h)}
        found |= {("roaming-in-clear", t.client, t.server) for t in fetched
                  if self.mode == "https" and t.status == 200 and t.method == "CCM_POST"
                  and t.server in self.servers}
        return found
