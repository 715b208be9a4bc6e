"""Registration of a client and its answer (http.md 3.5)."""
from configmgr.clock import iso_time
from configmgr.framing import attribute, element, utf16
from configmgr.keys import KeyPair
from configmgr.policy import SHA256_RSA


def request(*, host: str, fqdn: str, signing: KeyPair, encryption: KeyPair, version: str,
            smsid: str = "", kind: str = "Registration", key_type: str = "1",
            agent: str = "CCMEXEC") -> str:
    """A registration request, signed by the key that it announces."""
    properties = {"Netbios Name": host, "FQ Name": fqdn, "Locale ID": "1033", "InternetFlag": "0"}
    data = (
        f'<Data HashAlgorithm="{SHA256_RSA}" SMSID="{smsid}" RequestType="{kind}" '
        f'TimeStamp="{iso_time()}"><AgentInformation AgentIdentity="{agent}" '
        f'AgentVersion="{version}" AgentType="0" /><Certificates>'
        f'<Encryption Encoding="HexBinary" KeyType="{key_type}">{encryption.hex_der()}</Encryption>'
        f'<Signing Encoding="HexBinary" KeyType="{key_type}">{signing.hex_der()}</Signing>'
        "</Certificates><DiscoveryProperties>"
        + "".join(f'<Property Name="{k}" Value="{v}" />' for k, v in properties.items())
        + "</DiscoveryProperties></Data>")
    return (f"<ClientRegistrationRequest>{data}<Signature><SignatureValue>"
            f"{signing.sign(utf16(data))}</SignatureValue></Signature></ClientRegistrationRequest>")


def response(smsid: str, status: int, approval: int, kind: str = "Registration") -> str:
    """The answer: status 0 registered, 1 pending; approval 0 pending, 1 approved."""
    return (f'<ClientRegistrationResponse ResponseType="{kind}" TimeStamp="{iso_time()}" '
            f'Status="{status}" SMSID="{smsid}" ApprovalStatus="{approval}"/>')


def certificates(xml: str) -> tuple[str, str]:
    """Signing and encryption certificate of a request, as hex."""
    return element(xml, "Signing"), element(xml, "Encryption")


def kind_of(xml: str) -> str:
    """Registration or Confirmation."""
    return attribute(xml, "RequestType")
