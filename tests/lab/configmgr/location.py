"""Location services: where content, updates and management points are (http.md 3.8)."""
import hashlib

from configmgr.framing import attribute

CLIENT_INFO = (
    '<ClientLocationInfo LocationType="{kind}" DistributeOnDemand="0" UseAzure="0" AllowWUMU="0" '
    'UseProtected="0" AllowCaching="0" BranchDPFlags="0" UseInternetDP="0" AllowHTTP="1" '
    'AllowSMB="0" AllowMulticast="0" AllowSuperPeer="1" DPTokenAuth="1"><ADSite '
    'Name="Default-First-Site-Name"/><Forest Name="corp.example"/><Domain Name="corp.example"/>'
    '<IPAddresses><IPAddress SubnetAddress="192.0.2.0" Address="{address}"/></IPAddresses>'
    "</ClientLocationInfo>")


def content_request(content: str, version: str, site: str, address: str) -> str:
    """Where is this content?"""
    return ('<ContentLocationRequest SchemaVersion="1.00" BGRVersion="1">'
            f'<Package ID="{content}" Version="{version}" DeploymentFlags="4096"/>'
            f'<AssignedSite SiteCode="{site}"/>'
            + CLIENT_INFO.format(kind="SMSPackage", address=address) + "</ContentLocationRequest>")


def wsus_request(site: str) -> str:
    """Where is the software update point?"""
    return ('<WSUSLocationRequest SchemaVersion="1.00"><Content '
            'ID="{8F2A1C00-0000-4000-8000-00000000C0A3}" Version="1"/>'
            f'<AssignedSite SiteCode="{site}"/><ClientLocationInfo OnInternet="0"/>'
            "</WSUSLocationRequest>")


def mp_request(kind: str = "Assigned") -> str:
    """Which management points are there?"""
    return f'<EnumerateMPLocationRequest SchemaVersion="1.00" RequestType="{kind}"/>'


def site_request(site: str) -> str:
    """Settings of the site."""
    return (f'<SiteInformationRequest SchemaVersion="1.00"><SiteCode Name="{site}"/>'
            "</SiteInformationRequest>")


def site_frame(site: str, records: str) -> str:
    """Sites/Site with the locations in it."""
    return (f'<Sites><Site><MPSite SiteCode="{site}" MasterSiteCode="{site}" SiteLocality="LOCAL" '
            'IISPreferedPort="80" IISSSLPreferedPort="443"/>'
            f"<LocationRecords>{records}</LocationRecords></Site></Sites>")


def content_reply(request: str, site: str, points: list[str]) -> str:
    """ContentLocationReply naming these distribution points."""
    content, version = attribute(request, "ID"), attribute(request, "Version")
    digest = hashlib.sha256(f"{content}.{version}".encode()).hexdigest().upper()
    records = "".join(
        f'<LocationRecord><URL Name="http://{dp}/SMS_DP_SMSPKG$/{content}" '
        f'Signature="http://{dp}/SMS_DP_SMSSIG$/{content}.{version}.tar"/>'
        '<ADSite Name="Default-First-Site-Name"/><IPSubnets><IPSubnet Address="192.0.2.0"/>'
        '</IPSubnets><Metric Value=""/><Version>9128</Version><Capabilities SchemaVersion="1.0">'
        f'<Property Name="SSLState" Value="0"/></Capabilities><ServerRemoteName>{dp}'
        '</ServerRemoteName><DPType>SERVER</DPType><Windows Trust="1"/><Locality>LOCAL</Locality>'
        "</LocationRecord>" for dp in points)
    return ('<ContentLocationReply SchemaVersion="1.00" ContentFlags="4096" '
            f'HashAlgorithm="32780" AlgorithmPreference="4" Hash="{digest}">'
            f'<ContentInfo PackageFlags="16777216"/>{site_frame(site, records)}'
            "</ContentLocationReply>")


def wsus_reply(site: str, points: list[str]) -> str:
    """WSUSLocationReply naming these software update points."""
    records = "".join(
        f'<LocationRecord WSUSURL="http://{sup}:8530" ServerName="{sup}" Version="1"/>'
        for sup in points)
    return ('<WSUSLocationReply SchemaVersion="1.00">'
            f"{site_frame(site, records)}</WSUSLocationReply>")


def mp_reply(site: str, points: list[str]) -> str:
    """EnumerateMPLocationReply naming these management points."""
    records = "".join(
        f'<LocationRecord><InternetName Value=""/><IntranetName Value="{mp}"/>'
        '<Capabilities SchemaVersion="1.0"><Property Name="SSLState" Value="0"/></Capabilities>'
        '<Version>9128</Version><Windows Trust="1"/></LocationRecord>' for mp in points)
    return (f'<EnumerateMPLocationReply SchemaVersion="1.00"><MPSite SiteCode="{site}" '
            f'MasterSiteCode="{site}" SiteLocality="LOCAL" IISPreferedPort="80" '
            f'IISSSLPreferedPort="443"/><LocationRecords>{records}</LocationRecords>'
            "</EnumerateMPLocationReply>")


def site_reply(site: str, point: str, certificate: str) -> str:
    """SiteInfoReply with the settings that clients trust."""
    return (f'<SiteInfoReply SchemaVersion="1.00"><Sites><Site><SiteCode>{site}</SiteCode>'
            '<Version>5.00.9128.1000</Version><BuildNumber>9128</BuildNumber>'
            '<Capabilities SchemaVersion="1.0"><Property Name="SSLState" Value="0"/>'
            f"</Capabilities><DefaultMP>{point}</DefaultMP><ClientOperationalSettings>"
            "<Version>5.00.9128.1000</Version><SecurityConfiguration><SecurityModeMask>0"
            "</SecurityModeMask><SecurityModeMaskEx>0</SecurityModeMaskEx><HTTPPort>80</HTTPPort>"
            "<HTTPSPort>443</HTTPSPort><CertificateStoreName/><CertificateSelectFirstFlag>1"
            "</CertificateSelectFirstFlag><CertificateSelectionCriteria/>"
            f"<SiteSigningCert>{certificate}</SiteSigningCert></SecurityConfiguration>"
            "</ClientOperationalSettings></Site></Sites></SiteInfoReply>")
