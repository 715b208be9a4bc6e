#!/usr/bin/python3
"""Compares what the program says of logons and RPC calls with tshark's reading, field by field.

Every NTLM proof, Kerberos ticket and RPC call of a capture must be told once and with the same
values, whatever carries it: HTTP, SMB, DCE/RPC, TDS, LDAP. tshark names the fields of each message; which
challenge a proof answers, which interface a call is for and what answers it is put together here
once more. Fingerprints of challenges and responses are computed anew. One run of tshark a capture:
those of pcaps/ and ../shared/captures that hold a logon or a binding.
"""
import argparse
import hashlib
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cmtap
from cmtap import TOP
from verify_smb import Message, read

SHARED = TOP.parent / "shared/captures"
WANTED = "ntlmssp || kerberos.msg_type == 14 || dcerpc || (smb && smb.cmd == 0x73) || ldap.simple"
# NTLMSSP, also in base64; a bind; a session setup of SMB 1; a Kerberos AP-REQ (RFC 4121 4.1); a bind of LDAP 3.
BEGINNINGS = (b"NTLMSSP", b"TlRMTVNT", b"\x05\x00\x0b\x03", b"\xffSMBs",
              b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00",
              b"\x02\x01\x03\x04")
MANY = 1 << 20  # bytes; what is larger is a flood, of which many are alike
# tshark does not read the challenge of bare responses, nor that in a reply of TDS.
CHALLENGE = ("challenge", "target", "target_dns", "target_domain")
ENCRYPTION = {17: "aes128-cts-hmac-sha1-96", 18: "aes256-cts-hmac-sha1-96", 23: "rc4-hmac"}
LEVELS = {0: "none", 1: "none", 2: "connect", 3: "call", 4: "packet", 5: "integrity", 6: "privacy"}
TYPES = {0: "none", 9: "negotiate", 10: "ntlm", 16: "kerberos", 68: "netlogon"}
MIC, CONNECT = 2, 2
REQUEST, RESPONSE, FAULT, BIND, ALTER = 0, 2, 3, 11, 14


def clean(facts: dict) -> dict:
    """Only what is there."""
    return {k: v for k, v in facts.items() if v not in (None, "", "NULL")}


def fingerprint(what: str, octets: str) -> str | None:
    """As the program makes one of bytes that tshark prints with colons."""
    if not octets:
        return None
    secret = bytes.fromhex(octets.replace(":", ""))
    return hashlib.sha256(f"cmtap ntlm {what} ".encode() + secret).hexdigest()[:16]


def version_of(lm: str, nt: str) -> str | None:
    """By the sizes of the responses (MS-NLMP 3.3)."""
    lm_bytes, nt_bytes = (bytes.fromhex(x.replace(":", "")) for x in (lm, nt))
    if len(nt_bytes) > 24:
        return "v2"
    if len(nt_bytes) == 24:
        return "v1-session" if len(lm_bytes) == 24 and not any(lm_bytes[8:]) else "v1"
    return "lm" if len(lm_bytes) == 24 else None


class Connection:
    """What one TCP connection has said so far."""

    def __init__(self, ends: tuple):
        self.ends, self.told = ends, []
        self.challenge: dict = {}
        self.bare = ""  # the challenge of an SMB 1 negotiate reply
        self.bound: dict = {}
        self.level, self.type = 0, 0
        self.calls: dict = {}
        self.seen_bind = False

    def tell(self, kind: str, facts: dict, client: str, server: str) -> None:
        """One event."""
        self.told.append((kind, clean(facts | {"client": client, "server": server})))

    def ntlm(self, m: Message, source: str, target: str) -> None:
        """One NTLMSSP message."""
        kind = m.number("ntlmssp.messagetype")
        info = "ntlmssp.challenge.target_info."
        if kind == 1:
            self.challenge = {}
        elif kind == 2:
            self.challenge = {
                "challenge": fingerprint("challenge", m.text("ntlmssp.ntlmserverchallenge")),
                "target": m.text(info + "nb_computer_name"),
                "target_dns": m.text(info + "dns_computer_name"),
                "target_domain": m.text(info + "nb_domain_name")}
        elif kind == 3:
            self.proof(m, source, target)

    def proof(self, m: Message, source: str, target: str) -> None:
        """An AUTHENTICATE message."""
        user, lm, nt = (m.text(f"ntlmssp.auth.{name}")
                        for name in ("username", "lmresponse", "ntresponse"))
        facts = {**self.challenge, "scheme": "ntlm", "domain": m.text("ntlmssp.auth.domain"),
                 "workstation": m.text("ntlmssp.auth.hostname")}
        if user in ("", "NULL"):
            self.tell("authentication", facts | {"anonymous": True}, source, target)
            return
        version = version_of(lm, nt)
        proof = m.text("ntlmssp.ntlmv2_response.ntproofstr") if version == "v2" else nt
        facts |= {"user": user, "version": version,
                  "response": fingerprint("response", lm if version == "lm" else proof)
                  if version else None}
        if version == "v2":
            pairs = "ntlmssp.ntlmv2_response."
            bindings = m.text(pairs + "channel_bindings").replace(":", "").strip("0")
            facts |= {"service": m.text(pairs + "target_name"), "bindings": bool(bindings),
                      "mic": bool(m.number(pairs + "flags") & MIC)}
        self.tell("authentication", facts, source, target)

    def ticket(self, m: Message, source: str, target: str) -> None:
        """An AP-REQ."""
        encryption = m.number("kerberos.etype")
        self.tell("authentication", {
            "scheme": "kerberos", "service": "/".join(m.get("kerberos.SNameString", [])[:2]),
            "realm": m.text("kerberos.realm"), "encryption": ENCRYPTION.get(encryption)},
            source, target)

    def simple(self, m: Message, source: str, target: str) -> None:
        """A bind of LDAP by name and password."""
        if not m.get("ldap.simple"):
            return
        domain, _, user = m.text("ldap.name").rpartition("\\")
        facts = {"user": user, "domain": domain} if m.text("ldap.simple") else {"anonymous": True}
        self.tell("authentication", facts | {"scheme": "simple"}, source, target)

    def rpc(self, m: Message, source: str, target: str) -> None:
        """One fragment of DCE/RPC."""
        kind, call = m.number("dcerpc.pkt_type"), m.number("dcerpc.cn_call_id")
        if m.get("dcerpc.auth_level") and kind not in (REQUEST, RESPONSE):
            self.level, self.type = m.number("dcerpc.auth_level"), m.number("dcerpc.auth_type")
        if kind in (BIND, ALTER):
            self.seen_bind = True
            for number, uuid, major, minor in zip(
                    m.get("dcerpc.cn_ctx_id", []), m.get("dcerpc.cn_bind_to_uuid", []),
                    m.get("dcerpc.cn_bind_if_ver", []), m.get("dcerpc.cn_bind_if_ver_minor", [])):
                self.bound[number] = {"interface": uuid, "version": f"{major}.{minor}"}
        elif kind == REQUEST and m.text("dcerpc.cn_flags.first_frag") in ("1", "True"):
            signed = m.number("dcerpc.cn_auth_len") > 0
            level = m.number("dcerpc.auth_level") or (
                self.level if signed or self.level == CONNECT else 0)
            has_type = signed or self.level == CONNECT
            self.calls.setdefault(call, []).append(self.bound.get(m.text("dcerpc.cn_ctx_id"), {}) | {
                "opnum": m.number("dcerpc.opnum"), "level": LEVELS[level],
                "type": TYPES.get(m.number("dcerpc.auth_type") or (self.type if has_type else 0))})
        elif kind in (RESPONSE, FAULT) and self.calls.get(call) and \
                m.text("dcerpc.cn_flags.first_frag") in ("1", "True"):
            facts = self.calls[call].pop(0)
            facts["outcome"] = "answered" if kind == RESPONSE else "fault"
            if kind == FAULT:
                facts["status"] = m.number("dcerpc.cn_status")
            self.tell("rpc", facts, target, source)

    def bare_responses(self, m: Message, source: str, target: str) -> None:
        """Session setup of SMB 1 without NTLMSSP: challenge and responses by themselves."""
        user = m.text("smb.account")
        nt = m.text("smb.unicode_password")
        if m.text("smb.flags.response") in ("1", "True") or not user or not nt:
            return
        lm = m.text("smb.ansi_password")
        version = version_of(lm, nt)
        self.tell("authentication", {
            "scheme": "ntlm", "user": user, "domain": m.text("smb.primary_domain"),
            "version": version,
            "response": fingerprint("response", nt[:47] if version == "v2" else nt)},
            source, target)


def messages(capture: Path):
    """(stream, protocol, message, source, target) in order, by one run of tshark."""
    process = subprocess.Popen(["tshark", "-r", str(capture), "-Y", WANTED, "-T", "pdml"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _, packet in ElementTree.iterparse(process.stdout):
        if packet.tag != "packet":
            continue
        stream = packet.find("./proto[@name='tcp']/field[@name='tcp.stream']")
        if stream is not None:
            ends = [packet.find(f".//field[@name='{n}']") for n in
                    ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst")]
            source, target = [e.get("show") for e in ends if e is not None][:2]
            for proto in packet.iter("proto"):
                if proto.get("name") in ("ntlmssp", "kerberos", "dcerpc", "smb", "ldap"):
                    yield int(stream.get("show")), proto.get("name"), read(proto), source, target
        packet.clear()
    process.wait()


def wanted(capture: Path) -> list:
    """All events that tshark's fields give."""
    connections: dict[int, Connection] = {}
    for stream, protocol, m, source, target in messages(capture):
        c = connections.setdefault(stream, Connection((source, target)))
        if protocol == "ntlmssp":
            c.ntlm(m, source, target)
        elif protocol == "kerberos":
            if m.text("kerberos.msg_type") == "14":
                c.ticket(m, source, target)
        elif protocol == "ldap":
            c.simple(m, source, target)
        elif protocol == "dcerpc":
            c.rpc(m, source, target)
        else:
            c.bare_responses(m, source, target)
    return [told for c in connections.values() for told in c.told]


def stated(capture: Path, binary: str) -> tuple[list, str]:
    """All events that the program gives, under the same names."""
    run = cmtap.read(capture, None, "-e", binary=binary)
    told = []
    for d in run.documents:
        if d["event"]["kind"] != "event":
            continue
        own, kind = d["configmgr"], d["event"]["dataset"].removeprefix("configmgr.")
        ends = {"client": d.get("client", {}).get("ip"), "server": d.get("server", {}).get("ip")}
        if kind == "authentication":
            auth, user = own["auth"], d.get("user", {})
            ntlm, target = auth.get("ntlm", {}), auth.get("target", {})
            kerberos = auth.get("kerberos", {})
            told.append((kind, clean({
                **ends, "scheme": auth.get("scheme"), "user": user.get("name"),
                "domain": user.get("domain"), "workstation": auth.get("workstation"),
                "anonymous": auth.get("anonymous"), "service": auth.get("service"),
                "target": target.get("name"), "target_dns": target.get("dns_name"),
                "target_domain": target.get("domain"), "version": ntlm.get("version"),
                "challenge": ntlm.get("challenge"), "response": ntlm.get("response"),
                "mic": ntlm.get("integrity_code"), "bindings": ntlm.get("channel_bindings"),
                "realm": kerberos.get("realm"), "encryption": kerberos.get("encryption")})))
        elif kind == "rpc" and own["rpc"]["outcome"] in ("answered", "fault"):
            rpc = own["rpc"]
            fault = rpc["outcome"] == "fault"
            told.append((kind, clean({
                **ends, "interface": rpc.get("interface_id"), "opnum": rpc.get("opnum"),
                "version": rpc.get("interface_version"), "outcome": rpc["outcome"],
                "level": rpc.get("authentication_level"), "type": rpc.get("authentication_type"),
                "status": rpc.get("status") if fault else None})))
    return told, run.crash or (f"ended with status {run.status}" if run.status else "")


def nearest(facts: dict, kind: str, left: list) -> dict | None:
    """The event of that kind that agrees in most fields."""
    near = [f for k, f in left if k == kind]
    return max(near, key=lambda f: sum(f.get(k) == v for k, v in facts.items()), default=None)


def check(capture: Path, binary: str) -> tuple[int, list[str]]:
    """Number of facts that are equal, and complaints."""
    told, wrong = stated(capture, binary)
    complaints, left, equal = [wrong] if wrong else [], list(told), 0
    for kind, facts in wanted(capture):
        if (kind, facts) in left:
            left.remove((kind, facts))
            equal += len(facts)
            continue
        near = nearest(facts, kind, left)
        if near and facts == {k: v for k, v in near.items()
                              if k in facts or k not in CHALLENGE}:
            left.remove((kind, near))
            equal += len(facts)
            continue
        complaints.append(f"{kind}: not told: {json.dumps(facts)}")
        if near:
            complaints.append("  near: " + ", ".join(
                f"{k} {near.get(k)!r}, by tshark {facts.get(k)!r}"
                for k in sorted(set(near) | set(facts)) if near.get(k) != facts.get(k)))
    complaints += [f"{kind}: not in tshark: {json.dumps(facts)}" for kind, facts in left]
    return equal, complaints


def holds(capture: Path) -> bool:
    """Is there a logon or a binding in it, and not too many?"""
    if capture.stat().st_size > MANY:
        return False
    content = capture.read_bytes()
    return any(beginning in content for beginning in BEGINNINGS)


def main() -> int:
    """Check what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=cmtap.BINARY, help="default: $CMTAP, debug")
    parser.add_argument("-k", default="", help="only captures whose name holds this")
    options = parser.parse_args()
    captures = sorted(SHARED.glob("*.pcap")) + sorted(TOP.glob("pcaps/*/capture.pcap"))
    captures = [c for c in captures if options.k in str(c) and holds(c)]
    failed = total = 0
    with ThreadPoolExecutor(2) as pool:
        for capture, (equal, complaints) in zip(
                captures, pool.map(lambda c: check(c, options.binary), captures)):
            name = capture.parent.name if capture.name == "capture.pcap" else capture.stem
            print(f"{'not ok' if complaints else 'ok'} {name}, {equal} facts")
            for complaint in complaints:
                print(f"  # {complaint}")
            failed, total = failed + bool(complaints), total + equal
    print(f"{len(captures) - failed} passed, {failed} failed; {total} facts are as tshark has them")
    return 1 if failed or not captures else 0


if __name__ == "__main__":
    sys.exit(main())
