"""A client machine: its name, keys and id, kept in a folder between runs."""
import uuid
from pathlib import Path

from configmgr import keys
from configmgr.clock import iso_time
from configmgr.framing import utf16
from configmgr.ntlm import ACCOUNTS
from configmgr.policy import SHA256_RSA


class Machine:
    """What a client knows of itself and of its site."""

    def __init__(self, host: str, folder: Path, site: str, version: str):
        self.host, self.site, self.version = host.upper(), site, version
        self.fqdn = f"{host}.corp.example"
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        names = ["SMS", self.host]
        self.signing = keys.KeyPair(folder / "signing.pem", names, keys.SMS_SIGNING)
        self.encryption = keys.KeyPair(folder / "encryption.pem", names, keys.SMS_ENCRYPTION)
        self.locations: list[str] = []
        self.cookie = ""

    @property
    def smsid(self) -> str:
        """The client's id, chosen once."""
        return self._kept("smsid", lambda: f"GUID:{str(uuid.uuid4()).upper()}")

    @smsid.setter
    def smsid(self, value: str):
        (self.folder / "smsid").write_text(value)

    def _kept(self, name: str, make) -> str:
        path = self.folder / name
        if not path.exists():
            path.write_text(make())
        return path.read_text()

    def keep_certificate(self, der_hex: str) -> None:
        """Remember the management point's encryption certificate."""
        (self.folder / "mp-encryption").write_text(der_hex)

    def mp_certificate(self):
        """That certificate."""
        return keys.certificate_of_hex((self.folder / "mp-encryption").read_text())

    def account(self) -> tuple[str, str]:
        """The computer account."""
        name = f"{self.host}$"
        return name, ACCOUNTS[name.lower()]

    def proof(self, payload: bytes) -> str:
        """Hook clientauth: who we are, signed."""
        return (
            '<Hook2 Name="clientauth">'
            f'<Property Name="AuthSenderMachine">{self.host}</Property>'
            f'<Property Name="PublicKey">{self.signing.blob()}</Property>'
            f'<Property Name="ClientIDSignature">{self.signing.sign_text(self.smsid)}</Property>'
            f'<Property Name="PayloadSignature">{self.signing.sign(payload)}</Property>'
            '<Property Name="ClientCapabilities">NonSSL</Property>'
            f'<Property Name="HashAlgorithm">{SHA256_RSA}</Property></Hook2>')

    def ccm_headers(self) -> list[tuple[str, str]]:
        """The signed header fields of BITS jobs."""
        time = iso_time()
        return [("CCMClientID", self.smsid),
                ("CCMClientIDSignature", self.signing.sign(utf16(self.smsid) + b"\0\0")),
                ("CCMClientTimestamp", time),
                ("CCMClientTimestampSignature", self.signing.sign_text(time))]

    def token_headers(self) -> list[tuple[str, str]]:
        """The signed token of Microsoft's client library, and of tools."""
        token = f"{self.smsid};{iso_time()};2"
        return [("ClientToken", token), ("ClientTokenSignature", self.signing.sign_text(token))]
