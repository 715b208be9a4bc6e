"""What a management point tells anybody: lists, keys and certificates (.sms_aut, http.md 4)."""
from dataclasses import dataclass


@dataclass
class ListedPoint:
    """One management point of a list."""
    fqdn: str
    name: str = ""
    build: str = "9128"
    ssl_state: str = "0"

    def __post_init__(self):
        self.name = self.name or self.fqdn.upper()


def mplist(points: list[ListedPoint], site: str = "") -> str:
    """MPLIST, MPLIST1 and MPLIST2; the site code is an optional attribute."""
    code = f' SiteCode="{site}"' if site else ""
    return "<MPList>" + "".join(
        f'<MP Name="{p.name}" FQDN="{p.fqdn}"{code}><Version>{p.build}</Version>'
        f'<Capabilities SchemaVersion="1.0"><Property Name="SSLState" Value="{p.ssl_state}"/>'
        "</Capabilities></MP>" for p in points) + "</MPList>"


def mpcert(signing: str) -> str:
    """MPCERT, and MPCERT1 of the SMS 2003 era (its content is not documented)."""
    return f"<MPCertificate><Certificate>{signing}</Certificate></MPCertificate>"


def mpcert2(signing: str, encryption: str) -> str:
    """MPCERT2."""
    return (f"<MPCertificates><Certificate1>{signing}</Certificate1>"
            f"<Certificate2>{encryption}</Certificate2></MPCertificates>")


def mpkeyinformation(*, fqdn: str, site: str, root: str, certificate: str, signature: str) -> str:
    """MPKEYINFORMATION, ...EX and ...MEDIA."""
    machine = fqdn.partition(".")[0].upper()
    return (
        f"<MPKEYINFORMATION><MACHINENAME>{machine}</MACHINENAME><FQDN>{fqdn}</FQDN>"
        f"<SITECODE>{site}</SITECODE><AssignmentSiteCode>{site}</AssignmentSiteCode>"
        f'<TRUSTEDROOTKEY Signature="">{root}</TRUSTEDROOTKEY>'
        f'<MPCERTIFICATE Signature="{signature}">{certificate}</MPCERTIFICATE>'
        '<UnknownMachines x86UnknownMachineGUID="6b0d0e0a-0000-4000-8000-00000000c0a1"'
        ' x64UnknownMachineGUID="6b0d0e0a-0000-4000-8000-00000000c0a2">'
        f"{fqdn}</UnknownMachines></MPKEYINFORMATION>")


def mptrk(root: str) -> str:
    """MPTRK."""
    return f'<KEYDATA><TRUSTEDROOTKEY Signature="">{root}</TRUSTEDROOTKEY></KEYDATA>'


def sitesigncert(certificate: str) -> str:
    """SITESIGNCERT."""
    return ('<X509Data><X509Certificate EncodingType="hexBinary">'
            f"{certificate}</X509Certificate></X509Data>")
