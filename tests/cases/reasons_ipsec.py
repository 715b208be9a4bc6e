"""Why a capture makes alerts about IPsec, judged a second time by tshark and without cmtap's code.

ESP without encryption is what tshark's own heuristic can decode; IKE is judged by numbers of IANA.
"""
import ipaddress
from collections import defaultdict
from pathlib import Path

import shark
import yaml

# Numbers of version 1 (RFC 2409, appendix A) and 2 (RFC 7296, 3.3.2).
WEAK_1 = {"encryption": {"1", "2", "3", "4", "5", "6"}, "hash": {"1"}}
WEAK_2 = {"encryption": {"1", "2", "3", "4", "5", "6", "7", "8", "9", "11"},
          "integrity": {"0", "1", "3", "4", "6"}, "prf": {"1"}}
WEAK_GROUPS = {"1", "2", "3", "4", "22", "25", "26"}
FALLBACK = 300
HALF_OPEN = 60
OPENING = ("(tcp.flags.syn == 1 && tcp.flags.ack == 0) || icmp.type == 8 || "
           "icmpv6.type == 128")
CLEAR = ("http", "smb", "smb2", "tds", "nbss")


def rows(capture: Path, wanted: str, *names: str, **preferences: str) -> list[list[str]]:
    """Fields of the packets that tshark's filter lets through; values of one field as one text."""
    return [[value.replace(shark.SEVERAL, ",") for value in row]
            for row in shark.rows(capture, wanted, *names, **preferences)]


def either(v4: str, v6: str) -> str:
    """The address of the outermost header."""
    return (v4 or v6).split(",")[0]


class IpsecJudge:
    """The alerts about IPsec that a capture has a reason for."""

    def __init__(self, case: Path):
        self.capture = case / "capture.pcap"
        sites = yaml.safe_load((case / "site.yml").read_text()) or {}
        self.systems = {address for site in sites.get("sites") or []
                        for server in site.get("servers") or []
                        for address in server.get("addresses") or []}
        self.demanded = [[ipaddress.ip_network(n) for n in pair] for pair in
                         (sites.get("ipsec") or {}).get("required-between") or []]

    def is_required(self, a: str, b: str) -> bool:
        """Whether the site file demands IPsec between two."""
        ends = [ipaddress.ip_address(a), ipaddress.ip_address(b)]
        return any(ends[i] in one and ends[1 - i] in other
                   for one, other in self.demanded for i in (0, 1))

    def pairs(self, wanted: str, **preferences: str) -> set[tuple[str, str]]:
        """Who opened or asked first between two, else who sent the first packet, and to whom."""
        found = {}
        for opening in (f"({wanted}) && ({OPENING})", wanted):
            for a4, b4, a6, b6 in rows(self.capture, opening, "ip.src", "ip.dst", "ipv6.src",
                                       "ipv6.dst", **preferences):
                a, b = either(a4, a6), either(b4, b6)
                found.setdefault(frozenset((a, b)), (a, b))
        return set(found.values())

    def answers(self):
        """Chosen proposals: numbers by name, of each answer that has one."""
        names = ("ip.src", "ip.dst", "isakmp.version", "isakmp.exchangetype",
                 "isakmp.ike.attr.encryption_algorithm", "isakmp.ike.attr.hash_algorithm",
                 "isakmp.ike.attr.group_description", "isakmp.ike.attr.authentication_method",
                 "isakmp.tf.id.encr", "isakmp.tf.id.integ", "isakmp.tf.id.prf", "isakmp.tf.id.dh")
        wanted = ("(isakmp.exchangetype in {2,4} && isakmp.rspi != 00:00:00:00:00:00:00:00 && "
                  "isakmp.typepayload == 1) || (isakmp.exchangetype == 34 && "
                  "isakmp.flag_r == 1 && isakmp.typepayload == 33)")
        for row in rows(self.capture, wanted, *names):
            yield dict(zip(("server", "client", "version", "exchange", "encryption", "hash",
                            "group", "authentication", "encryption2", "integrity", "prf",
                            "group2"), row))

    def exchanges(self) -> set:
        """ike-weak-proposal and ike-aggressive-mode."""
        found = set()
        for answer in self.answers():
            key = (answer["client"], answer["server"])
            weak = any(answer[name] in bad for name, bad in WEAK_1.items()) or any(
                answer[name if name != "encryption" else "encryption2"] in bad
                for name, bad in WEAK_2.items() if answer["exchange"] == "34")
            if weak or answer["group"] in WEAK_GROUPS or answer["group2"] in WEAK_GROUPS:
                found.add(("ike-weak-proposal", *key))
            if answer["exchange"] == "4" and answer["authentication"] == "1":
                found.add(("ike-aggressive-mode", *key))
        return found

    def half_open(self) -> set:
        """Sources that begin too many negotiations and go on with too few."""
        begun, went_on = defaultdict(set), defaultdict(set)
        for source, target, spi, other in rows(self.capture, "isakmp", "ip.src", "ip.dst",
                                               "isakmp.ispi", "isakmp.rspi"):
            if not int(other.replace(":", ""), 16):
                begun[source, target].add(spi)
            elif spi in begun[source, target]:
                went_on[source, target].add(spi)
        return {("ike-half-open-flood", *pair) for pair, spis in begun.items()
                if len(spis) - len(went_on[pair]) >= HALF_OPEN}

    def fallbacks(self) -> set:
        """IKE without answer, then a connection in clear between the same two."""
        asked, answered = {}, set()
        for time, source, target, other in rows(self.capture, "isakmp && isakmp.messageid == 0",
                                                "frame.time_epoch", "ip.src", "ip.dst",
                                                "isakmp.rspi"):
            if (target, source) in asked:
                answered.add((target, source))
            elif not int(other.replace(":", ""), 16):
                asked.setdefault((source, target), float(time))
        found = set()
        for time, source, target in rows(self.capture, "tcp.flags.syn == 1 && tcp.flags.ack == 0",
                                         "frame.time_epoch", "ip.src", "ip.dst"):
            for pair in ((source, target), (target, source)):
                if pair in asked and pair not in answered and (
                        0 <= float(time) - asked[pair] <= FALLBACK):
                    found.add(("ipsec-fallback-to-clear", source, target))
        return found

    def between_systems(self) -> set:
        """Listed site systems that speak in clear, or behind AH alone."""
        found = set()
        wanted = " || ".join(CLEAR)
        for a, b in self.pairs(f"({wanted}) && !ah && !esp && !tls && tcp"):
            if {a, b} <= self.systems or self.is_required(a, b):
                found.add(("server-to-server-in-clear", a, b))
        for a, b in self.pairs("ah && !esp"):
            if {a, b} <= self.systems:
                found.add(("ipsec-no-confidentiality", a, b))
        return found

    def wesp(self, encrypted: bool) -> set[tuple[str, str]]:
        """Pairs that speak inside WESP of a kind (RFC 5840 section 2), which tshark does not read."""
        return {tuple(sorted((a, b), key=ipaddress.ip_address)) for a, b, data in
                rows(self.capture, "ip.proto == 141", "ip.src", "ip.dst", "data.data")
                if bool(bytes.fromhex(data.replace(":", ""))[3] & 0x20) == encrypted}

    def uninspected(self, readable: set) -> set:
        """Encrypted ESP between a listed site system and a machine that is none; which of the two
        counts as client is by address, since nothing inside tells."""
        found = set()
        hidden = self.pairs("esp") - readable - {(b, a) for a, b in readable}
        for pair in hidden | self.wesp(True):
            a, b = sorted(pair, key=ipaddress.ip_address)
            if len({a, b} & self.systems) == 1 and not self.is_required(a, b):
                found.add(("uninspected-encryption-esp", a, b))
        return found

    def judge(self) -> tuple[set, set]:
        """Keys of alerts: in any case, and only where the site is listed."""
        if not rows(self.capture, "isakmp || esp || ah || udpencap || ip.proto == 141",
                    "frame.number"):
            return set(), self.between_systems()
        null = {"esp.enable_null_encryption_decode_heuristic": "TRUE"}
        readable = self.pairs("esp && (tcp || icmp || icmpv6) && (esp.pad_len || esp.protocol)",
                              **null)
        found = {("ipsec-null-encryption", *pair) for pair in readable | self.wesp(False)}
        return found | self.exchanges() | self.half_open() | self.fallbacks(), \
            self.between_systems() | self.uninspected(readable)
