"""Steps of a genuine client, with the messages and header fields of http.md."""
import zlib

from agent.machine import Machine
from agent.web import Reply, Web
from configmgr import framing, location, policy, registration, reports, wsus
from configmgr.bits import PROTOCOL
from configmgr.catalogue import catalogue
from configmgr.clock import new_guid
from configmgr.framing import element
from configmgr.keys import envelope

KEEP = ("Connection", "Keep-Alive")
BITS = [KEEP, ("Accept", "*/*"), ("Accept-Encoding", "identity")]
BITS_AGENT = ("User-Agent", "Microsoft BITS/7.8")
CCM_AGENT = ("User-Agent", "SMS CCM 5.0")
PROPFIND = ('<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop><D:getcontentlength/>'
            "<D:iscollection/></D:prop></D:propfind>").encode()
LATEST = ("If-Unmodified-Since", "Fri, 09 Jan 2026 10:00:00 GMT")


class Genuine:
    """A genuine client in front of one server."""

    def __init__(self, machine: Machine, web: Web, agent: str = "ccmhttp"):
        self.machine, self.web, self.agent = machine, web, agent

    def ask(self, method: str, target: str, headers, body: bytes = b"", flags=()) -> Reply:
        """A request, with the computer account when the step says so."""
        account = self.machine.account() if "ntlm" in flags else None
        return self.web.ask(method, target, headers, body, account, self.machine.host)

    def message(self, endpoint: str, xml: str, flags=(), *, signed=True, mode="Sync",
                reply_to="SccmMessaging", source=True) -> str:
        """Send a CCM message; the reply's payload as text, empty when there is none."""
        payload, length = framing.request_payload(xml)
        hooks = ""
        if "raw" not in flags:
            payload, hooks = zlib.compress(payload), '<Hook3 Name="zlib-compress" />'
        if "encrypted" in flags:
            payload = envelope(payload, self.machine.mp_certificate())
            hooks += '<Hook2 Name="encrypt" />'
        if signed and "unsigned" not in flags:
            hooks = self.machine.proof(payload) + hooks
        msg = framing.request_msg(
            endpoint=endpoint, host=self.machine.host, target=self.web.host, length=length,
            source=self.machine.smsid if source else "", hooks=hooks, mode=mode,
            reply_to=reply_to)
        return self.post(framing.join(msg, payload), flags)

    def post(self, body: bytes, flags=()) -> str:
        """Send the bytes of a message."""
        vdir = "_windowsauth" if "ntlm" in flags else ""
        headers = [KEEP, ("Content-Type", framing.CONTENT_TYPE), ("User-Agent", self.agent)]
        if "expect" in flags:
            headers.append(("Expect", "100-continue"))
        reply = self.ask("CCM_POST", f"/ccm_system{vdir}/request", headers, body, flags)
        print(f"  CCM_POST {reply.status} {len(reply.body)}")
        if not reply.body:
            return ""
        msg, payload = framing.split(reply.body)
        return framing.inflate(msg, payload) if payload else msg

    def step_aut(self, query: str, _flags) -> None:
        """GET .sms_aut."""
        headers = [KEEP, CCM_AGENT]
        if "gzip" in _flags:
            headers.append(("Accept-Encoding", "gzip, deflate"))
        reply = self.ask("GET", f"/SMS_MP/.sms_aut?{query}", headers)
        print(f"  {query} {reply.status} {len(reply.body)}")
        if query == "MPCERT2" and reply.status == 200:
            self.machine.keep_certificate(element(reply.body.decode(), "Certificate2"))

    def step_register(self, value: str, flags, kind: str = "Registration") -> None:
        """Registration; the value is the key type, 1 self-signed or 2 PKI."""
        m = self.machine
        xml = registration.request(host=m.host, fqdn=m.fqdn, signing=m.signing,
                                   encryption=m.encryption, version=m.version, smsid=m.smsid,
                                   kind=kind, key_type=value or "1")
        answer = self.message("MP_ClientRegistration", xml, flags, signed=False, source=False)
        print("  " + answer)

    def step_confirm(self, value: str, flags) -> None:
        """Confirmation of a registration."""
        self.step_register(value, flags, "Confirmation")

    def step_policy(self, value: str, flags) -> None:
        """Policy assignments: Always or OnUpdate."""
        m = self.machine
        xml = policy.assignments_request(smsid=m.smsid, host=m.host, fqdn=m.fqdn, site=m.site,
                                         kind=value or "Always", cookie=m.cookie)
        answer = self.message("MP_PolicyManager", xml, flags,
                              reply_to="PolicyAgent_ReplyAssignments")
        m.cookie = element(answer, "ServerCookie")
        m.locations = [part.partition("]]>")[0].partition("/SMS_MP/")[2]
                       for part in answer.split("<![CDATA[")[1:]]
        print(f"  {len(m.locations)} policies")

    def step_body(self, value: str, flags) -> None:
        """A policy body: by number in the last reply, or by name of configmgr/catalogue.py."""
        if value.isdigit():
            name = self.machine.locations[int(value)]
        else:
            name = ".sms_pol?" + catalogue()[value].location(False, self.machine.site)
        vdir = "_WindowsAuth" if "ntlm" in flags else ""
        proof = [] if "plain" in flags else (
            self.machine.token_headers() if "token" in flags else self.machine.ccm_headers())
        self.download(f"/SMS_MP{vdir}/{name}", proof, flags)

    def step_bodies(self, _value: str, flags) -> None:
        """All policy bodies of the last reply."""
        for number in range(len(self.machine.locations)):
            self.step_body(str(number), flags)

    def download(self, target: str, proof, flags=()) -> None:
        """As BITS does: HEAD, then one range or many; 'whole' is a GET, 'head' the HEAD alone."""
        headers = [*BITS, BITS_AGENT, *proof]
        if "whole" in flags:
            reply = self.ask("GET", target, headers, flags=flags)
            print(f"  GET {reply.status} {len(reply.body)} {target}")
            return
        reply = self.ask("HEAD", target, headers, flags=flags)
        size = int(reply.headers.get("Content-Length") or 0)
        print(f"  HEAD {reply.status} {size} {target}")
        if reply.status != 200 or "head" in flags:
            return
        step = 500 if "ranges" in flags else size
        for first in range(0, size, step or 1):
            last = min(first + step, size) - 1
            reply = self.ask("GET", target, [
                ("Accept", "*/*"), ("Accept-Encoding", "identity"), LATEST,
                ("Range", f"bytes={first}-{last}"), BITS_AGENT, *proof], flags=flags)
            print(f"  GET {reply.status} {len(reply.body)} {first}-{last}")

    def step_location(self, value: str, flags) -> None:
        """Where is this content? ID.version"""
        identity, _, version = value.rpartition(".")
        xml = location.content_request(identity, version, self.machine.site, self.web.address())
        self.located(xml, flags)

    def step_wsuslocation(self, _value: str, flags) -> None:
        """Where is the software update point?"""
        self.located(location.wsus_request(self.machine.site), flags)

    def step_mplocation(self, _value: str, flags) -> None:
        """Which management points are there?"""
        self.located(location.mp_request(), flags)

    def step_siteinfo(self, _value: str, flags) -> None:
        """Settings of the site."""
        self.located(location.site_request(self.machine.site), flags)

    def located(self, xml: str, flags) -> None:
        """Location requests need no signature."""
        answer = self.message("MP_LocationManager", xml, flags, signed=False,
                              reply_to="LS_ReplyLocations")
        print("  " + answer[:60])

    def step_report(self, value: str, flags) -> None:
        """A report: ddr, hinv, sinv, collfile, state, status or metering."""
        xml = getattr(self.reporter(flags), value)()
        if "bits" in flags:
            return self.upload(xml, value)
        self.message(reports.ENDPOINT[value], xml, flags, mode="ASync")
        return None

    def reporter(self, flags=()) -> reports.Reporter:
        """The reporting side of this machine."""
        m = self.machine
        return reports.Reporter(smsid=m.smsid, host=m.host, fqdn=m.fqdn, site=m.site,
                                address=self.web.address(), version=m.version,
                                client_type=0 if "legacy" in flags else 1)

    def upload(self, xml: str, kind: str) -> None:
        """A large report: ask where to, then a BITS upload session."""
        answer = self.message(reports.ENDPOINT[kind], reports.upload_request(new_guid()))
        target = "/CCM_Incoming/" + element(answer, "URL").rpartition("/")[2]
        data = framing.BOM + framing.utf16(xml)
        reply = self.bits(target, "Create-Session", [("BITS-Supported-Protocols", PROTOCOL)])
        session = [("BITS-Session-Id", reply.headers["BITS-Session-Id"])]
        for first in range(0, len(data), 4096):
            part = data[first:first + 4096]
            self.bits(target, "Fragment", [
                *session, ("Content-Name", "4E1D0B8A.xml"),
                ("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(data)}")], part)
        self.bits(target, "Close-Session", session)

    def bits(self, target: str, kind: str, headers, body: bytes = b"") -> Reply:
        """One BITS_POST."""
        reply = self.ask("BITS_POST", target, [
            ("BITS-Packet-Type", kind), *headers, ("Content-Length", str(len(body))), BITS_AGENT],
            body)
        print(f"  BITS_POST {kind} {reply.status}")
        return reply

    def step_fsp(self, _value: str, _flags) -> None:
        """A state message to the fallback status point."""
        body = framing.BOM + framing.utf16(self.reporter().fallback_state())
        reply = self.ask("POST", "/SMS_FSP/.sms_fsp", [("User-Agent", "ccmsetup")], body)
        print(f"  FSP {reply.status}")

    def step_content(self, value: str, flags) -> None:
        """Package content: PROPFIND, then each file; the value may bring its own root."""
        root, _, identity = value.rpartition("/")
        proof = (self.machine.ccm_headers() if "ccm" in flags else
                 self.machine.token_headers() if "token" in flags else [])
        target = f"{root or '/SMS_DP_SMSPKG$'}/{identity.partition('.')[0]}"
        reply = self.ask("PROPFIND", target, [
            KEEP, CCM_AGENT, ("Depth", "infinity"), ("Translate", "f"),
            ("Content-Type", "text/xml"), *proof], PROPFIND, flags)
        print(f"  PROPFIND {reply.status} {target}")
        if reply.status != 207 or "propfind" in flags:
            return
        for href in reply.body.decode().split("<D:href>")[1:]:
            path = "/" + href.partition("</D:href>")[0].partition("://")[2].partition("/")[2]
            if "/sccm?/" in path:
                self.download(path, proof, flags)

    def step_wsus(self, value: str, _flags) -> None:
        """A call of the client web service."""
        reply = self.ask("POST", wsus.PATH, [
            KEEP, ("User-Agent", wsus.AGENT), ("SOAPAction", f'"{wsus.NAMESPACE}/{value}"'),
            ("Content-Type", "text/xml; charset=utf-8")], wsus.request(value))
        print(f"  {value} {reply.status} {len(reply.body)}")

    def step_eula(self, _value: str, flags) -> None:
        """A licence text of an update."""
        self.download(wsus.EULA, [], flags)

    def step_get(self, target: str, flags) -> None:
        """Any other file, as BITS fetches it or with CCM's helper agent."""
        if "bits" in flags:
            return self.download(target, [], flags)
        reply = self.ask("GET", target, [KEEP, CCM_AGENT], flags=flags)
        print(f"  GET {reply.status} {len(reply.body)} {target}")
        return None

    def step_pipeline(self, value: str, _flags) -> None:
        """Several GETs at once, their targets separated by blanks."""
        targets = value.split()
        for target in targets:
            self.web.send("GET", target, [KEEP, CCM_AGENT])
        print("  " + " ".join(str(self.web.receive("GET").status) for _ in targets))
