"""Keys and certificates of clients, management points and the site, and what is made with them.

Signatures are RSA PKCS #1 v1.5, byte-reversed, upper-case hex (CryptoAPI habit); certificates
travel as hex of their DER; public keys as MS PUBLICKEYBLOB.
"""
import subprocess
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

SMS_SIGNING = ObjectIdentifier("1.3.6.1.4.1.311.101")
SMS_ENCRYPTION = ObjectIdentifier("1.3.6.1.4.1.311.101.2")
BLOB_HEAD = bytes.fromhex("06020000 00a40000 52534131 00080000 01000100".replace(" ", ""))


class KeyPair:
    """An RSA key with its self-signed certificate, kept in a PEM file once made."""

    def __init__(self, path: Path, names: list[str], usage: ObjectIdentifier | None = None,
                 dns: str = "", years: int = 100):
        if path.exists():
            pem = path.read_bytes()
            self.key = serialization.load_pem_private_key(pem, None)
            self.certificate = x509.load_pem_x509_certificate(pem)
            return
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = self._certify(names, usage, dns, years)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.key_pem() + self.certificate_pem())

    def _certify(self, names, usage, dns, years):
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
        start = datetime.utcnow().replace(microsecond=0) - timedelta(days=2)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
                   .public_key(self.key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(start).not_valid_after(start + timedelta(days=365 * years)))
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if dns:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(dns)]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def key_pem(self) -> bytes:
        """The private key as PEM."""
        return self.key.private_bytes(serialization.Encoding.PEM,
                                      serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())

    def certificate_pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def hex_der(self) -> str:
        """The certificate as messages carry it."""
        return self.certificate.public_bytes(serialization.Encoding.DER).hex().upper()

    def blob(self) -> str:
        """The public key as messages carry it."""
        modulus = self.key.public_key().public_numbers().n
        return (BLOB_HEAD + modulus.to_bytes(256, "little")).hex().upper()

    def sign(self, data: bytes) -> str:
        """A signature as messages carry it."""
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())[::-1].hex().upper()

    def sign_text(self, text: str) -> str:
        """A signature over text, as for client ids and tokens: UTF-16LE with its NUL."""
        return self.sign(text.encode("utf-16-le") + b"\0\0")


def public_key_of_blob(blob: str) -> rsa.RSAPublicKey:
    """The key in a hex PUBLICKEYBLOB; raises ValueError."""
    raw = bytes.fromhex(blob)
    if len(raw) != 276 or raw[:8] != BLOB_HEAD[:8]:
        raise ValueError("not a 2048-bit PUBLICKEYBLOB")
    return rsa.RSAPublicNumbers(65537, int.from_bytes(raw[20:], "little")).public_key()


def verify(key: rsa.RSAPublicKey, signature: str, data: bytes) -> bool:
    """Does the reversed hex signature fit the data?"""
    try:
        key.verify(bytes.fromhex(signature)[::-1], data, padding.PKCS1v15(), hashes.SHA256())
        return True
    except (InvalidSignature, ValueError):
        return False


def certificate_of_hex(text: str) -> x509.Certificate:
    """The certificate in hex DER text."""
    return x509.load_der_x509_certificate(bytes.fromhex(text))


def envelope(data: bytes, recipient: x509.Certificate, aes: bool = True) -> bytes:
    """CMS EnvelopedData in DER, made by the real openssl, for one recipient."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        pem.write(recipient.public_bytes(serialization.Encoding.PEM))
        pem.flush()
        cipher = "-aes-256-cbc" if aes else "-des3"
        return subprocess.run(
            ["openssl", "cms", "-encrypt", "-binary", "-outform", "DER", cipher, pem.name],
            input=data, stdout=subprocess.PIPE, check=True, timeout=20).stdout


def opened(data: bytes, pair: KeyPair) -> bytes:
    """The content of a CMS envelope for that key, again by openssl."""
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        pem.write(pair.key_pem() + pair.certificate_pem())
        pem.flush()
        return subprocess.run(
            ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER",
             "-recip", pem.name, "-inkey", pem.name],
            input=data, stdout=subprocess.PIPE, check=True, timeout=20).stdout
