"""Why a transaction makes an alert, judged a second time and on purpose without cmtap's code.

Each reason of detections.md is a short function over what tshark read. The check is: the alerts
that a case expects are exactly those that have a reason in its capture.
"""
import re
import sys
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import yaml
from cryptography import x509
from wire import Transaction

sys.path.insert(0, str(Path(__file__).parents[1] / "lab"))
from configmgr import framing  # noqa: E402

CONTENT = re.compile(r"/(nocert_|ccmtokenauth_)?sms_dp_smspkg[a-z]?\$/", re.I)
INVENTORY = ("MP_DdrEndpoint", "MP_HinvEndpoint", "MP_SinvEndpoint", "MP_SinvCollFileEndpoint")
STATE = ("MP_RelayEndpoint", "MP_StatusManager")
SECRET = {"CCM_NetworkAccessAccount": "network-access-account", "CCM_TaskSequence": "task-sequence",
          "CCM_CollectionVariable": "collection-variable"}
ACTIONS = {"01": "hardware-inventory", "02": "software-inventory", "03": "discovery",
           "10": "file-collection"}


class Broken(ValueError):
    """A message that breaks its format."""


def message(body: bytes) -> tuple[str, str]:
    """Envelope and payload text of a CCM message; payload empty when it is encrypted."""
    try:
        msg, payload = framing.split(body)
        if not msg.startswith("<Msg"):
            return msg, ""
        ElementTree.fromstring(msg)
        if 'Name="encrypt"' in msg or not payload:
            return msg, ""
        raw = zlib.decompress(payload) if "zlib-compress" in msg else payload
        if int(framing.attribute(msg, "Length")) > len(raw):
            raise Broken("length")
        text = framing.inflate(msg, payload)
        ElementTree.fromstring(text)
        return msg, text
    except (ValueError, zlib.error, ElementTree.ParseError) as error:
        raise Broken(str(error)) from error


@dataclass
class Seen:
    """A transaction, opened."""
    t: Transaction
    anonymous: bool | None = None

    @property
    def path(self) -> str:
        """Target in origin form, decoded once."""
        target = self.t.target
        if "://" in target:
            target = "/" + target.split("://", 1)[1].partition("/")[2]
        return unquote(target)

    @cached_property
    def request(self) -> tuple[str, str]:
        """Envelope and payload of the request."""
        ccm = self.t.method == "CCM_POST" and self.t.body
        return message(self.t.body) if ccm else ("", "")

    @cached_property
    def reply(self) -> tuple[str, str]:
        """Envelope and payload of the reply."""
        ccm = self.t.method == "CCM_POST" and self.t.status == 200 and self.t.reply
        return message(self.t.reply) if ccm else ("", "")

    @property
    def endpoint(self) -> str:
        """TargetEndpoint of the request."""
        return framing.element(self.request[0], "TargetEndpoint")

    @property
    def given(self) -> bool:
        """Did a GET bring a body?"""
        return self.t.method == "GET" and self.t.status in (200, 206) and bool(self.t.reply)

    @property
    def signed(self) -> bool:
        """Is there a client's proof in the request itself?"""
        return ('Name="clientauth"' in self.request[0] or "ccmclientidsignature" in self.t.headers
                or "clienttokensignature" in self.t.headers)

    @property
    def query(self) -> str:
        """The .sms_aut query, if that is what was asked."""
        found = re.match(r"/sms_mp/\.sms_aut\?(\w+)", self.path, re.I)
        return found[1].upper() if found else ""

    @cached_property
    def policy_text(self) -> str:
        """A clear policy body with all that is packed in it."""
        if not re.match(r"/sms_mp\w*/\.sms_pol\?", self.path, re.I) or not self.given:
            return ""
        if not self.t.reply.startswith(framing.BOM):
            return ""  # refused, enveloped, or a later range of which nothing can be said
        text = self.t.reply[2:].decode("utf-16-le", "replace")
        for blob in re.findall(r">(?:<!\[CDATA\[)?(789C[0-9A-F]+)(?:\]\]>)?<", text):
            raw = zlib.decompress(bytes.fromhex(blob))
            text += raw.removeprefix(framing.BOM).decode("utf-16-le")
        return text

    @property
    def assigned(self) -> list[str]:
        """Ids of the policies that the reply assigns."""
        text = self.reply[1]
        return re.findall(r'<Policy PolicyID="([^"]+)"', text) if "<ReplyAssignm" in text else []

    @property
    def listing(self) -> bool:
        """Is the reply a page of links to files and folders?"""
        page = self.t.reply
        return (self.given and bool(CONTENT.match(self.path))
                and self.t.reply_headers.get("content-type", "").startswith("text/html")
                and (b"Index of" in page or bool(re.search(rb"(&gt|\d) <a href=", page))))

    @property
    def content(self) -> bool:
        """Is the reply a file of a package?"""
        return (self.given and bool(CONTENT.match(self.path)) and not self.listing
                and not self.path.lower().endswith(".ini"))

    @property
    def report(self) -> str:
        """The report that the request carries in clear."""
        if self.t.method == "BITS_POST" and self.t.body.startswith(framing.BOM):
            return self.t.body[2:].decode("utf-16-le", "replace")
        return self.request[1]

    @property
    def named(self) -> dict[str, list[str]]:
        """Servers that the reply names, by role."""
        text = self.reply[1] + (self.t.reply.decode() if self.query and self.given else "")
        return {
            "management-point": re.findall(r'\sFQDN="([^"]+)"|<IntranetName Value="([^"]+)"'
                                           r"|<DefaultMP>([^<]+)", text),
            "distribution-point": re.findall(r"<ServerRemoteName>([^<]+)", text),
            "software-update-point": re.findall(r'\sServerName="([^"]+)"', text)}

    @property
    def speaks_as_mp(self) -> bool:
        """Is this an answer of a management point, with content?"""
        return bool((self.query and self.given) or self.policy_text or self.assigned
                    or "LocationReply" in self.reply[1] or "<SiteInfoReply" in self.reply[1])


def broken(seen: Seen) -> bool:
    """Does the request break its format?"""
    try:
        return seen.request is None
    except Broken:
        return True


def authenticate(transactions: list[Transaction]) -> list[Seen]:
    """Say of each transaction whether its connection was anonymous when it was answered."""
    accepted, result = set(), []
    for t in transactions:
        token = t.headers.get("authorization", "")
        if token and t.status != 401:
            accepted.add(t.stream)
        anonymous = False if t.stream in accepted else (True if t.from_start else None)
        result.append(Seen(t, anonymous))
    return result


@dataclass
class Judge:
    """Goes through a capture in order and notes (code, client, server) with the first reason."""
    site: Path
    first: dict = field(default_factory=dict)
    known: set = field(default_factory=set)
    unapproved: dict = field(default_factory=dict)
    malformed: dict = field(default_factory=dict)
    told: dict = field(default_factory=dict)
    changed: dict = field(default_factory=dict)

    def __post_init__(self):
        self.names, self.addresses = {}, {}
        sites = yaml.safe_load(self.site.read_text())["sites"]
        for server in (s for site in sites for s in site["servers"]):
            for role in server["roles"]:
                self.names.setdefault(role, set()).add(server["name"].lower())
                self.addresses.setdefault(role, set()).update(server["addresses"])

    def unlisted(self, seen: Seen) -> list[str]:
        """Names in the reply that are listed in no such role."""
        strangers = []
        for role, names in seen.named.items():
            flat = [n for group in names for n in ([group] if isinstance(group, str) else group)]
            strangers += [n.lower() for n in flat
                          if n and role in self.names and n.lower() not in self.names[role]]
        return list(dict.fromkeys(strangers))

    def keys_told(self, s: Seen):
        """(what, whose, hexadecimal text) of each key in a reply of a listed management point."""
        text = s.t.reply.decode("utf-8", "replace")
        if s.t.server not in self.addresses["management-point"]:
            return
        for found in re.finditer(r"<(MPCERTIFICATE|Certificate1?)\b[^>]*>([0-9A-Fa-f]+)<", text):
            name = re.search("<FQDN>([^<]*)<", text)
            der = x509.load_der_x509_certificate(bytes.fromhex(found[2]))
            whose = name[1].lower() if name else der.subject.rfc4514_string()
            yield "mp-certificate", (s.t.server, whose), found[2]
        for found in re.finditer(r"<TRUSTEDROOTKEY\b[^>]*>([0-9A-Fa-f]+)<", text):
            site = re.search("<SITECODE>([^<]*)<", text)
            yield "trusted-root-key", site[1] if site else s.t.server, found[1]

    def changes(self, s: Seen) -> list[str]:
        """Which keys are others than were told first."""
        found = [what for what, whose, key in self.keys_told(s)
                 if self.told.setdefault((what, whose), key) != key]
        self.changed[s.t.frame] = found
        return found

    def reasons(self, s: Seen):
        """Codes of the alerts that this transaction has a reason for."""
        yield from self.reasons_of_content(s)
        text = s.report
        if s.policy_text or s.assigned:
            yield "policy-in-clear"
        if 'secret="1"' in s.policy_text:
            yield "secret-policy-in-clear"
        if (s.endpoint in INVENTORY and "<Report>" in text) or (
                s.t.method == "BITS_POST" and "Inventory Data" in text):
            yield "inventory-in-clear"
        if s.endpoint in STATE and text:
            yield "state-in-clear"
        if (s.t.method == "POST" and s.t.status == 200
                and s.path.lower().startswith("/clientwebservice/client.asmx")):
            yield "update-metadata-in-clear"
        if re.search(r'<ClientVersion>2\.50\.|AgentVersion="2\.50\.|<ClientType>0<', text) or (
                s.query == "MPCERT1" and s.given):
            yield "legacy-client"
        yield from self.reasons_with_memory(s)

    @staticmethod
    def reasons_of_content(s: Seen):
        """What a distribution point gives."""
        if s.content:
            yield "content-in-clear-http"
            if s.anonymous and not s.signed:
                yield "anonymous-dp-http"
        if s.listing and s.anonymous and not s.signed:
            yield "dp-directory-listing"

    def reasons_with_memory(self, s: Seen):
        """What depends on earlier transactions or on the site file."""
        if s.query and s.given and s.query != "SMSTRC" and s.t.client not in self.known:
            yield "trust-on-first-use"
        if s.speaks_as_mp and s.t.server not in self.addresses["management-point"]:
            yield "rogue-mp-reply"
        if self.unlisted(s):
            yield "rogue-mp-in-list"
        if self.changes(s):
            yield "mp-certificate-changed-key"
        answer = s.reply[1]
        if "<ClientRegistrationResponse" in answer:
            status, approval = (framing.attribute(answer, n) for n in ("Status", "ApprovalStatus"))
            self.unapproved[framing.attribute(answer, "SMSID")] = (status, approval) != ("0", "1")
            if (status, approval) == ("0", "1") and s.anonymous and 'KeyType="1"' in s.request[1]:
                yield "registration-in-clear-auto"
        smsid = framing.element(s.request[0], "SourceID") or s.t.headers.get(
            "ccmclientid") or s.t.headers.get("clienttoken", "").partition(";")[0]
        if (s.assigned or s.policy_text) and self.unapproved.get(smsid):
            yield "unapproved-client-policy"
        if s.signed or (s.anonymous is False and s.t.status != 401):
            self.known.add(s.t.client)

    def judge(self, transactions: list[Transaction]) -> dict:
        """First reason of each (code, client, server); of malformed messages the sources."""
        for s in authenticate(transactions):
            if broken(s):
                self.malformed[s.t.client] = self.malformed.get(s.t.client, 0) + 1
                continue
            for code in self.reasons(s):
                self.first.setdefault((code, s.t.client, s.t.server), s)
        for source, count in self.malformed.items():
            if count >= 3:
                self.first["malformed-message", source, ""] = None
        return self.first


def facts(s: Seen, judge: Judge) -> dict:
    """ConfigMgr facts of a transaction under the names of fields.def, as far as cases use them."""
    text, answer, report = s.policy_text, s.reply[1], s.report
    action = re.search(r"<InventoryActionID>\{0{8}-0{4}-0{4}-0{4}-0{10}(\d\d)\}", report)
    kinds = [kind for name, kind in SECRET.items() if f'class="{name}"' in text]
    ciphers = [c for magic, c in (("89130000", "3des"), ("8A130000", "aes-256")) if magic in text]
    content = re.match(r"/\w+\$/([^/.]+)", s.path)
    library = content[1].lower() if content and content[1].lower().endswith("lib") else ""
    status = {"0": "registered", "1": "pending"}
    approval = {"0": "pending", "1": "approved"}
    return {
        "transport.security": "cleartext",
        "policy.count": len(s.assigned),
        "policy.reply_type": framing.attribute(answer, "ReplyType"),
        "policy.body": "clear" if text else "",
        "policy.secret": 'secret="1"' in text,
        "policy.secret_kind": kinds,
        "policy.secret_cipher": ciphers,
        "content.id": content[1] if content else "",
        "content.library": library,
        "content.genuine_path": "/sccm?/" in s.path,
        "report.action": ACTIONS[action[1]] if action else "",
        "report.content": framing.element(report, "ReportContent"),
        "message.endpoint": s.endpoint,
        "client.version": framing.element(report, "ClientVersion"),
        "client.type": int(framing.element(report, "ClientType") or -1),
        "registration.status": status.get(framing.attribute(answer, "Status")),
        "registration.approval": approval.get(framing.attribute(answer, "ApprovalStatus")),
        "registration.key_type": "self-signed" if 'KeyType="1"' in s.request[1] else "pki",
        "key.changed": judge.changed.get(s.t.frame, []),
        "named.unauthorized": judge.unlisted(s),
        "server.authorized": s.t.server in judge.addresses["management-point"],
    }
