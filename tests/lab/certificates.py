#!/usr/bin/python3
"""Makes certificates and CRLs with every flaw that a case needs.

certificates.py FOLDER certificate NAME [KEY=VALUE...]   writes NAME.pem and NAME.key
certificates.py FOLDER crl ISSUER NAME [KEY=VALUE...]    writes ISSUER.crl, which revokes NAME (or -)

Keys: issuer (a NAME; itself when left out), cn, dns (names, comma between), usage (server, client,
code, none; comma between), from and until (dates), bits, hash (sha256, sha1, md5), ca (yes). The
dates are fixed ones: cases are judged by the time of their packets.
"""
import sys
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HASHES = {"sha256": hashes.SHA256, "sha1": hashes.SHA1, "md5": hashes.MD5}
USAGES = {"server": x509.ExtendedKeyUsageOID.SERVER_AUTH,
          "client": x509.ExtendedKeyUsageOID.CLIENT_AUTH,
          "code": x509.ExtendedKeyUsageOID.CODE_SIGNING}


def day(text: str) -> datetime:
    """A date such as 2025-01-01."""
    return datetime.fromisoformat(text)


def load(folder: Path, name: str):
    """A certificate and its key."""
    return (x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()),
            serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None))


def write(path: Path, made) -> None:
    """As PEM."""
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def certificate(folder: Path, name: str, options: dict[str, str]) -> None:
    """One certificate and its key."""
    key = rsa.generate_private_key(65537, int(options.get("bits", "2048")))
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, options.get("cn", name))])
    issuer, issuer_key = subject, key
    if "issuer" in options:
        parent, issuer_key = load(folder, options["issuer"])
        issuer = parent.subject
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(day(options.get("from", "2025-01-01")))
               .not_valid_after(day(options.get("until", "2045-01-01"))))
    if options.get("ca") == "yes":
        builder = builder.add_extension(x509.BasicConstraints(True, None), True)
    if "dns" in options:
        names = [x509.DNSName(n) for n in options["dns"].split(",")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    usages = [USAGES[u] for u in options.get("usage", "none").split(",") if u != "none"]
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), False)
    write(folder / f"{name}.pem", builder.sign(issuer_key, HASHES[options.get("hash", "sha256")]()))
    (folder / f"{name}.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption()))


def crl(folder: Path, issuer: str, name: str, options: dict[str, str]) -> None:
    """A list of one revoked certificate, or of none."""
    parent, key = load(folder, issuer)
    begin = day(options.get("from", "2026-01-01"))
    builder = (x509.CertificateRevocationListBuilder().issuer_name(parent.subject)
               .last_update(begin).next_update(day(options.get("until", "2045-01-01"))))
    if name != "-":
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(load(folder, name)[0].serial_number)
            .revocation_date(begin).build())
    write(folder / f"{issuer}.crl", builder.sign(key, hashes.SHA256()))


def main() -> None:
    """Do what was asked for."""
    folder, what, *rest = Path(sys.argv[1]), *sys.argv[2:]
    names = [r for r in rest if "=" not in r]
    options = dict(r.split("=", 1) for r in rest if "=" in r)
    {"certificate": certificate, "crl": crl}[what](folder, *names, options)


if __name__ == "__main__":
    main()
