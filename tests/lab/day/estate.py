"""Two sites with their servers and clients: who there is, before anybody speaks."""
import random
from dataclasses import dataclass

from configmgr.content import Content

BLOB_HEAD = "0602000000A40000525341310008000001000100"
PACKAGE = "0C"


@dataclass
class Site:
    """A site and the servers of each role."""
    code: str
    mps: list[tuple[str, str]]
    dps: list[tuple[str, str]]
    sup: tuple[str, str]


SITES = [
    Site("PS1", [("mp01", "203.0.113.20"), ("mp02", "203.0.113.21")],
         [("dp01", "203.0.113.30"), ("dp02", "203.0.113.31"), ("dp03", "203.0.113.32")],
         ("sup01", "203.0.113.40")),
    Site("PS2", [("mp03", "203.0.113.120")],
         [("dp04", "203.0.113.130"), ("dp05", "203.0.113.131")], ("sup02", "203.0.113.140")),
]


def site_file() -> str:
    """The site file that names them all."""
    text = "# The estate of tests/lab/benign_day.py.\nsites:\n"
    for site in SITES:
        text += f"  - code: {site.code}\n    mode: http\n    servers:\n"
        for role, servers in (("management-point", site.mps), ("distribution-point", site.dps),
                              ("software-update-point", [site.sup])):
            for name, ip in servers:
                text += (f"      - name: {name}.corp.example\n        addresses: [{ip}]\n"
                         f"        roles: [{role}]\n")
    return text


@dataclass
class Client:
    """A client: stable identity, made-up key, the servers it settled on."""
    number: int
    site: Site
    chance: random.Random
    port: int = 49152
    name: str = ""
    address: str = ""
    smsid: str = ""
    blob: str = ""
    mp: tuple[str, str] = ("", "")
    dp: tuple[str, str] = ("", "")
    cookie: str = ""
    leaves: float = 0

    def __post_init__(self):
        self.name = f"WS{self.number:04}"
        network = "198.51.100" if self.site.code == "PS1" else "192.0.2"
        self.address = f"{network}.{self.number // 2 % 250 + 1}"
        guid = f"{self.chance.getrandbits(128):032X}"
        self.smsid = (f"GUID:{guid[:8]}-{guid[8:12]}-4{guid[13:16]}-8{guid[17:20]}-{guid[20:]}")
        self.blob = BLOB_HEAD + self.chance.randbytes(256).hex().upper()
        self.mp = self.site.mps[self.number // 2 % len(self.site.mps)]
        self.dp = self.site.dps[self.number // 2 % len(self.site.dps)]

    @property
    def fqdn(self) -> str:
        """Full name."""
        return f"{self.name}.corp.example"

    def next_port(self) -> int:
        """A fresh source port."""
        self.port = self.port + 1 if self.port < 65535 else 49153
        return self.port

    def signature(self) -> str:
        """The size and look of a signature; nobody here has a key."""
        return self.chance.randbytes(256).hex().upper()


def clients(count: int, seed: int) -> list[Client]:
    """All clients, alternately of the two sites; at most 500, so that addresses are their own."""
    return [Client(n, SITES[n % 2], random.Random(f"{seed}-client-{n}")) for n in range(count)]


def package(site: Site, size: int) -> Content:
    """The package that is deployed at nine."""
    data = b"MZ" + random.Random(f"package-{site.code}").randbytes(size - 2)
    return Content(f"{site.code}000{PACKAGE}", "1", {"setup.exe": data,
                                                     "install.cmd": b"setup.exe /quiet\r\n"})
