"""Policies: the assignments that list them and the bodies that hold them (http.md 3.6 and 3.7)."""
import hashlib
import zlib
from dataclasses import dataclass, field

from configmgr.framing import BOM, element, utf16

TASK_SEQUENCE, REQUIRES_AUTH, SECRET, INTRANET, WHOLE, COMPRESSED = 1, 2, 4, 8, 16, 64
REFUSED = b"<HTML><HEAD><TITLE>ERROR</TITLE></HEAD><BODY></BODY></HTML>"
SHA256_RSA = "1.2.840.113549.1.1.11"


@dataclass
class Policy:
    """One policy of the site."""
    id: str
    category: str
    flags: int
    instances: str
    version: str = "5.00"
    raw: bytes = field(default=b"", repr=False)

    def body(self, site: str) -> bytes:
        """The body in clear, the same bytes each time: secrets are obfuscated once."""
        if not self.raw:
            self.raw = self._build(site)
        return self.raw

    def _build(self, site: str) -> bytes:
        rules = (f'<PolicyRule PolicyRuleID="{self.id[:-2]}1}}"><PolicyAction PolicyActionType='
                 f'"WMI-XML">{self.instances}</PolicyAction></PolicyRule>')
        if self.flags & COMPRESSED:
            rules = ('<PolicyXML Compression="zlib" Version="1">'
                     + zlib.compress(utf16(rules)).hex().upper() + "</PolicyXML>")
        return BOM + utf16(
            '<?xml version="1.0"?>\r\n'
            f'<Policy PolicyID="{self.id}" PolicyVersion="{self.version}" PolicyType="Machine" '
            f'PolicySource="SMS:{site}" SchemaVersion="1.00">{rules}</Policy>')

    def location(self, by_hash: bool, site: str) -> str:
        """The query of the body's URL: by version or by hash."""
        suffix = self.version.replace(".", "_")
        if by_hash:
            suffix = "SHA256:" + hashlib.sha256(self.body(site)).hexdigest().upper()
        return f"{self.id}.{suffix}"


def machine(smsid: str, host: str, fqdn: str) -> str:
    """Identification of a machine in a request or reply."""
    return (f"<Identification><Machine><ClientID>{smsid}</ClientID><FQDN>{fqdn}</FQDN>"
            f"<NetBIOSName>{host}</NetBIOSName><SID /></Machine><User /></Identification>")


def assignments_request(*, smsid: str, host: str, fqdn: str, site: str, kind: str = "Always",
                        cookie: str = "") -> str:
    """RequestAssignments: Always is full, OnUpdate with a cookie is the hourly delta."""
    token = f"<ServerCookie>{cookie}</ServerCookie>" if cookie else "<ServerCookie />"
    return (f'<RequestAssignments SchemaVersion="1.00" ACK="false" RequestType="{kind}" '
            f'ValidationRequested="CRC">{machine(smsid, host, fqdn)}<PolicySource>SMS:{site}'
            f'</PolicySource><Resource ResourceType="Machine" />{token}</RequestAssignments>')


def assignment(policy: Policy, site: str, by_hash: bool, host: str) -> tuple[str, str]:
    """One PolicyAssignment and its id; the host is a placeholder that clients replace."""
    raw = policy.body(site)
    identity = policy.id.replace("{5F1F6C0E", "{2D8A6F1B")
    return identity, (
        f'<PolicyAssignment PolicyAssignmentID="{identity}"><Condition><Expression '
        'ExpressionLanguage="WQL" ExpressionType="once">SELECT * FROM CCM_Client</Expression>'
        f'</Condition><Policy PolicyID="{policy.id}" PolicyVersion="{policy.version}" '
        f'PolicyType="Machine" PolicyCategory="{policy.category}" PolicyFlags="{policy.flags}">'
        f'<PolicyLocation PolicyHash="SHA256:{hashlib.sha256(raw).hexdigest().upper()}" '
        f'PolicyHashEx="SHA1:{hashlib.sha1(raw).hexdigest().upper()}"><![CDATA[http://{host}'
        f"/SMS_MP/.sms_pol?{policy.location(by_hash, site)}]]></PolicyLocation></Policy>"
        "</PolicyAssignment>")


def assignments_reply(*, request: str, policies: list[Policy], site: str, signer,
                      full: bool = True, by_hash: bool = False, cookie: str = "",
                      host: str = "<mp>") -> str:
    """ReplyAssignments; every assignment is signed by the signer, the site server."""
    made = [assignment(p, site, by_hash, host) for p in policies]
    references = "".join(
        f'<Reference PolicyAssignmentID="{identity}"><SignatureAlgorithm AlgID="32780">'
        f"{SHA256_RSA}</SignatureAlgorithm><SignatureValue>{signer.sign(utf16(xml))}"
        "</SignatureValue></Reference>" for identity, xml in made)
    signature = f"<Signature>{references}</Signature>" if made else ""
    identity = machine(element(request, "ClientID"), element(request, "NetBIOSName"),
                       element(request, "FQDN"))
    return (f'<ReplyAssignments SchemaVersion="1.00" ReplyType="{"Full" if full else "Delta"}">'
            f"{identity}<PolicySource>SMS:{site}</PolicySource>"
            f'<Resource ResourceType="Machine"/><ServerCookie>{cookie}</ServerCookie>'
            f'{signature}{"".join(xml for _, xml in made)}</ReplyAssignments>')
