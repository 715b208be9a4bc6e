"""What a server is told to be, and what all servers of a site share: keys and known clients."""
import argparse
import re
from dataclasses import dataclass, field
from pathlib import Path

from configmgr.catalogue import catalogue
from configmgr.keys import SMS_ENCRYPTION, SMS_SIGNING, KeyPair
from configmgr.lists import ListedPoint


@dataclass
class Client:
    """A client that registered here."""
    signing: str
    encryption: str
    approved: bool


@dataclass
class Estate:
    """Keys of the site and of this server, and the clients it knows."""
    folder: Path
    host: str
    clients: dict[str, Client] = field(default_factory=dict)

    def __post_init__(self):
        short = self.host.partition(".")[0].upper()
        self.root = KeyPair(self.folder / "root.pem", ["Trusted Root"])
        self.site = KeyPair(self.folder / "site.pem", ["Site Server"], dns="ps1srv.corp.example")
        self.signing = KeyPair(self.folder / f"{short}-signing.pem", ["SMS", short], SMS_SIGNING)
        self.encryption = KeyPair(self.folder / f"{short}-encryption.pem", ["SMS", short],
                                  SMS_ENCRYPTION)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that make a scenario."""
    add = parser.add_argument
    add("--name", default="mp01.corp.example", help="full name of this server")
    add("--site", default="PS1")
    add("--roles", default="mp", help="mp, dp, sup, fsp, separated by commas")
    add("--server", default="Microsoft-IIS/10.0", help="Server header")
    add("--keys", type=Path, default=Path("build/lab/keys"), help="folder of the site's keys")
    add("--mp", action="append", default=[], metavar="FQDN[=NAME]", help="MP in lists")
    add("--dp", action="append", default=[], metavar="FQDN", help="DP in location replies")
    add("--sup", action="append", default=[], metavar="FQDN", help="SUP in location replies")
    add("--list-site", default="", help="site code inside MP lists")
    add("--registration", default="vdir", choices=["vdir", "approved", "pending", "waiting"],
        help="vdir: approved when Windows authenticated, else pending; waiting: Status 1")
    add("--approve", action="store_true", help="what was pending is approved at confirmation")
    add("--policies", default="settings,software", help="names of configmgr/catalogue.py")
    add("--assignments", default="full", choices=["full", "delta", "empty", "refuse"])
    add("--by-hash", action="store_true", help="policy URLs hold the hash of the body")
    add("--envelope", action="store_true", help="secret bodies go out as CMS")
    add("--policy-host", default="<mp>", help="host in policy locations")
    add("--dp-auth", default="none", choices=["none", "ntlm", "negotiate", "basic"])
    add("--chunked", action="store_true")
    add("--unsized", action="store_true", help="no Content-Length: bodies end with the connection")
    add("--gzip", action="store_true")
    add("--answer", action="append", default=[], metavar="REGEX=STATUS",
        help="answer matching 'METHOD target' with this status and no more")
    add("--log", action="store_true")


class Scenario:
    """Options, with the parts that need some work."""

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.roles = set(options.roles.split(","))
        self.estate = Estate(options.keys, options.name)
        known = catalogue()
        self.policies = [known[name] for name in options.policies.split(",") if name]
        self.points = [ListedPoint(*entry.split("=")) for entry in options.mp or [options.name]]
        self.answers = [(re.compile(pattern, re.I), int(status)) for pattern, _, status in
                        (entry.rpartition("=") for entry in options.answer)]

    def answer_to(self, method: str, target: str) -> int | None:
        """The status that the scenario dictates, if any."""
        line = f"{method} {target}"
        return next((status for pattern, status in self.answers if pattern.search(line)), None)
