"""What a client and its servers say in one conversation, formatted by the lab's own modules."""
import base64
import hashlib
import struct
import zlib
from email.utils import formatdate

from configmgr import framing, lists, location, policy, registration, reports, wsus
from configmgr.clock import CLOCK
from configmgr.content import Content, Library
from day.certificate import made_up
from day.capture import CaptureFile, Conversation
from day.estate import Client

SERVER = "Microsoft-IIS/10.0"
BITS = ("Accept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: Microsoft BITS/7.8\r\n")
REASON = {200: "OK", 206: "Partial Content", 207: "Multi-Status", 401: "Unauthorized",
          503: "Service Unavailable"}
PROPFIND = ('<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop><D:getcontentlength/>'
            "<D:iscollection/></D:prop></D:propfind>").encode()


class MadeUpSigner:
    """Signs assignments with bytes that look like a signature and depend on the text."""

    @staticmethod
    def sign(data: bytes) -> str:
        """256 bytes, the same for the same data."""
        return hashlib.shake_256(data).hexdigest(256).upper()


class MadeUpKeys:
    """A key that a new client makes itself, with its certificate."""

    def __init__(self, client: Client, time: float, usage: str):
        self.client = client
        self.certificate = made_up(client.name, time, usage, client.chance)

    def hex_der(self) -> str:
        """The certificate as messages carry it."""
        return self.certificate.hex().upper()

    def sign(self, _data: bytes) -> str:
        """A signature."""
        return self.client.signature()


class Talk:
    """One connection of a client to a server."""

    def __init__(self, capture: CaptureFile, time: float, client: Client, server: tuple[str, str],
                 port: int = 80):
        self.client, self.name = client, f"{server[0]}.corp.example"
        self.host = self.name if port == 80 else f"{self.name}:{port}"
        self.wire = Conversation(capture, time, (client.address, client.next_port()),
                                 (server[1], port), client.chance)
        CLOCK.fixed = time

    def ask(self, method: str, target: str, fields: str, body: bytes = b"") -> None:
        """A request."""
        length = f"Content-Length: {len(body)}\r\n" if body or method != "GET" else ""
        length = "" if method == "HEAD" else length
        self.wire.say(0, f"{method} {target} HTTP/1.1\r\n{fields}Host: {self.host}\r\n{length}"
                         "\r\n".encode() + body)
        self.wire.pause(self.client.chance.uniform(0.002, 0.03))

    def tell(self, status: int, body: bytes = b"", fields: str = "",
             bodyless: bool = False) -> None:
        """Its reply."""
        date = formatdate(self.wire.time, usegmt=True)
        self.wire.say(1, f"HTTP/1.1 {status} {REASON[status]}\r\nContent-Length: {len(body)}\r\n"
                         f"{fields}Server: {SERVER}\r\nDate: {date}\r\n\r\n".encode()
                      + (b"" if bodyless else body))
        self.wire.pause(self.client.chance.uniform(0.001, 0.01))
        CLOCK.fixed = self.wire.time

    def message(self, endpoint: str, xml: str, *, signed: bool = True, mode: str = "Sync",
                reply_to: str = "SccmMessaging", windows: bool = False) -> str:
        """Send a CCM message, with Windows authentication where asked; gives its envelope back."""
        client = self.client
        payload, length = framing.request_payload(xml)
        payload = zlib.compress(payload)
        hooks = '<Hook3 Name="zlib-compress" />'
        if signed:
            proof = {"AuthSenderMachine": client.name, "PublicKey": client.blob,
                     "ClientIDSignature": client.signature(),
                     "PayloadSignature": client.signature(), "ClientCapabilities": "NonSSL",
                     "HashAlgorithm": policy.SHA256_RSA}
            hooks = '<Hook2 Name="clientauth">' + "".join(
                f'<Property Name="{k}">{v}</Property>' for k, v in proof.items()) + (
                f"</Hook2>{hooks}")
        msg = framing.request_msg(endpoint=endpoint, host=client.name, target=self.name,
                                  length=length, hooks=hooks, mode=mode, reply_to=reply_to,
                                  source="" if windows else client.smsid)
        target, fields = "/ccm_system/request", (
            f"Connection: Keep-Alive\r\nContent-Type: {framing.CONTENT_TYPE}\r\n"
            "User-Agent: ccmhttp\r\n")
        if windows:
            target = "/ccm_system_windowsauth/request"
            fields += self.authenticate("CCM_POST", target, fields)
        self.ask("CCM_POST", target, fields, framing.join(msg, payload))
        return msg

    def authenticate(self, method: str, target: str, fields: str) -> str:
        """NTLM until its last message, which the field that this gives carries."""
        self.ask(method, target, fields)
        self.tell(401, fields="WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n")
        self.ask(method, target, f"{fields}Authorization: NTLM {self.ntlm(1)}\r\n")
        self.tell(401, fields=f"WWW-Authenticate: NTLM {self.ntlm(2)}\r\n")
        return f"Authorization: NTLM {self.ntlm(3)}\r\n"

    def register(self) -> None:
        """A new client makes itself known, with the account of its computer."""
        c, time = self.client, self.wire.time
        msg = self.message("MP_ClientRegistration", registration.request(
            host=c.name, fqdn=c.fqdn, signing=MadeUpKeys(c, time, "signing"),
            encryption=MadeUpKeys(c, time, "encryption"), version="5.00.9128.1000",
            smsid=c.smsid), signed=False, windows=True)
        self.answer(msg, registration.response(c.smsid, 0, 1))

    def answer(self, msg: str, xml: str) -> None:
        """The reply to a message."""
        body = framing.reply(msg, xml, self.name.partition(".")[0].upper(), self.client.site.code)
        self.tell(200, body, f"Content-Type: {framing.CONTENT_TYPE}\r\n")

    def assignments(self, policies: list[policy.Policy], full: bool) -> None:
        """Assignments."""
        c = self.client
        request = policy.assignments_request(
            smsid=c.smsid, host=c.name, fqdn=c.fqdn, site=c.site.code,
            kind="Always" if full else "OnUpdate", cookie=c.cookie)
        msg = self.message("MP_PolicyManager", request, reply_to="PolicyAgent_ReplyAssignments")
        c.cookie = CLOCK.now().strftime("%Y-%m-%d %H:%M:%S.257")
        self.answer(msg, policy.assignments_reply(
            request=request, policies=policies, site=c.site.code, signer=MadeUpSigner, full=full,
            cookie=c.cookie))

    def body(self, chosen: policy.Policy) -> None:
        """A policy body by BITS."""
        c = self.client
        proof = (f"CCMClientID: {c.smsid}\r\nCCMClientIDSignature: {c.signature()}\r\n")
        self.download("/SMS_MP/.sms_pol?" + chosen.location(False, c.site.code),
                      chosen.body(c.site.code), proof)

    def download(self, target: str, data: bytes, proof: str = "", chunk: int = 262144) -> None:
        """HEAD, then ranged GETs."""
        file = ("Content-Type: application/octet-stream\r\nLast-Modified: Fri, 09 Jan 2026 "
                "10:00:00 GMT\r\nAccept-Ranges: bytes\r\n")
        self.ask("HEAD", target, f"Connection: Keep-Alive\r\n{BITS}{proof}")
        self.tell(200, data, file, bodyless=True)
        for first in range(0, len(data), chunk):
            part = data[first:first + chunk]
            span = f"{first}-{first + len(part) - 1}"
            self.ask("GET", target, f"{BITS}Range: bytes={span}\r\n{proof}")
            self.tell(206, part, f"{file}Content-Range: bytes {span}/{len(data)}\r\n")

    def report(self, kind: str) -> None:
        """An inventory, discovery, state or status message."""
        c = self.client
        reporter = reports.Reporter(smsid=c.smsid, host=c.name, fqdn=c.fqdn, address=c.address,
                                    site=c.site.code)
        self.message(reports.ENDPOINT[kind], getattr(reporter, kind)(), mode="ASync")
        self.tell(200, framing.join("NoReply", None), f"Content-Type: {framing.CONTENT_TYPE}\r\n")

    def mp_list(self) -> None:
        """The daily refresh of the list."""
        site = self.client.site
        self.ask("GET", f"/SMS_MP/.sms_aut?MPLIST1&{site.code}",
                 "Connection: Keep-Alive\r\nUser-Agent: SMS CCM 5.0\r\n")
        self.tell(200, lists.mplist([lists.ListedPoint(f"{n}.corp.example") for n, _ in site.mps],
                                    site.code).encode(), "Content-Type: text/xml\r\n")

    def locate(self, content: Content) -> None:
        """Where is the content?"""
        site = self.client.site
        request = location.content_request(content.id, content.version, site.code,
                                           self.client.address)
        msg = self.message("MP_LocationManager", request, signed=False,
                           reply_to="LS_ReplyLocations")
        self.answer(msg, location.content_reply(
            request, site.code, [f"{n}.corp.example" for n, _ in site.dps]))

    def fetch(self, content: Content) -> None:
        """PROPFIND with NTLM, then the files on the connection that is authenticated now."""
        root = "/SMS_DP_SMSPKG$"
        fields = ("Connection: Keep-Alive\r\nUser-Agent: SMS CCM 5.0\r\nDepth: infinity\r\n"
                  "Translate: f\r\nContent-Type: text/xml\r\n")
        target = f"{root}/{content.id}"
        self.ask("PROPFIND", target, fields, PROPFIND)
        self.tell(401, fields="WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n")
        self.ask("PROPFIND", target, f"{fields}Authorization: NTLM {self.ntlm(1)}\r\n")
        self.tell(401, fields=f"WWW-Authenticate: NTLM {self.ntlm(2)}\r\n")
        self.ask("PROPFIND", target, f"{fields}Authorization: NTLM {self.ntlm(3)}\r\n", PROPFIND)
        listing = Library(self.name, [content]).multistatus(content.id, root)
        self.tell(207, listing.encode(), "Content-Type: text/xml\r\n")
        for name, data in content.files.items():
            self.download(f"{target}/sccm?/{name}", data)

    def ntlm(self, kind: int) -> str:
        """An NTLM message of the right form with a made-up proof."""
        c = self.client
        head = b"NTLMSSP\0" + struct.pack("<I", kind)
        if kind == 1:
            message = head + struct.pack("<I", 0xE2088297) + bytes(16) + bytes.fromhex(
                "0a00614a0000000f")
        elif kind == 2:
            domain = "CORP".encode("utf-16-le")
            message = (head + struct.pack("<HHI", len(domain), len(domain), 56)
                       + struct.pack("<I", 0xE2898215) + c.chance.randbytes(8) + bytes(8)
                       + struct.pack("<HHI", 4, 4, 56 + len(domain))
                       + bytes.fromhex("0a007c4f0000000f") + domain + bytes(4))
        else:
            parts = [c.chance.randbytes(24), c.chance.randbytes(16) + bytes(44)] + [
                text.encode("utf-16-le") for text in ("CORP", f"{c.name}$", c.name)] + [b""]
            place, fields = 72, b""
            for part in parts:
                fields += struct.pack("<HHI", len(part), len(part), place)
                place += len(part)
            message = (head + fields + struct.pack("<I", 0xE2888215)
                       + bytes.fromhex("0a00614a0000000f") + b"".join(parts))
        return base64.b64encode(message).decode()

    def scan(self) -> None:
        """A software update scan."""
        for action in wsus.REPLIES:
            self.ask("POST", wsus.PATH, f"Connection: Keep-Alive\r\nUser-Agent: {wsus.AGENT}\r\n"
                     f'SOAPAction: "{wsus.NAMESPACE}/{action}"\r\n'
                     "Content-Type: text/xml; charset=utf-8\r\n", wsus.request(action))
            self.tell(200, wsus.reply(action), "Content-Type: text/xml; charset=utf-8\r\n"
                      "X-Powered-By: ASP.NET\r\n")

    def busy(self) -> None:
        """A message that meets a full queue."""
        c = self.client
        self.message("MP_PolicyManager", policy.assignments_request(
            smsid=c.smsid, host=c.name, fqdn=c.fqdn, site=c.site.code, kind="OnUpdate",
            cookie=c.cookie))
        self.tell(503)

    def close(self) -> None:
        """The end of the conversation."""
        self.wire.close()
