"""What clients report: discovery, inventory, metering, state and status (http.md 3.9 and 3.10)."""
from configmgr.clock import cim_time

ENDPOINT = {
    "ddr": "MP_DdrEndpoint", "hinv": "MP_HinvEndpoint", "sinv": "MP_SinvEndpoint",
    "collfile": "MP_SinvCollFileEndpoint", "state": "MP_RelayEndpoint",
    "metering": "MP_RelayEndpoint", "status": "MP_StatusManager",
}
ACTION = {"hinv": ("01", "Hardware Inventory"), "sinv": ("02", "Software Inventory"),
          "ddr": ("03", "Discovery"), "collfile": ("10", "File Collection")}


class Reporter:
    """A client that reports."""

    def __init__(self, *, smsid: str, host: str, fqdn: str, address: str, site: str,
                 version: str = "5.00.9128.1000", client_type: int = 1):
        self.smsid, self.host, self.fqdn, self.site = smsid, host, fqdn, site
        self.address, self.version, self.client_type = address, version, client_type

    def report(self, content: str, body: str, action: str = "", form: str = "1.1",
               identity: str = "") -> str:
        """The frame of every report."""
        identity = identity or f'<ClientID IDType="0" IDFlag="1">{self.smsid}</ClientID>'
        details = ""
        if action:
            number, name = ACTION[action]
            details = (
                '<InventoryAction ActionType="Predefined"><InventoryActionID>'
                f"{{00000000-0000-0000-0000-0000000000{number}}}</InventoryActionID>"
                f"<Description>{name}</Description><InventoryActionLastUpdateTime>{cim_time()}"
                "</InventoryActionLastUpdateTime></InventoryAction>")
        return (
            "<Report><ReportHeader><Identification><Machine><ClientInstalled>1</ClientInstalled>"
            f"<ClientType>{self.client_type}</ClientType>{identity}<ClientVersion>{self.version}"
            f"</ClientVersion><NetBIOSName>{self.host}</NetBIOSName><CodePage>437</CodePage>"
            "<SystemDefaultLCID>1033</SystemDefaultLCID><Priority/></Machine></Identification>"
            f"<ReportDetails><ReportContent>{content}</ReportContent><ReportType>Full"
            f"</ReportType><Date>{cim_time()}</Date><Version>1.0</Version><Format>{form}</Format>"
            f"</ReportDetails>{details}</ReportHeader><ReportBody>{body}</ReportBody></Report>")

    def instance(self, name: str, space: str = "ccm\\invagt", **values: str) -> str:
        """One instance of an inventory body."""
        inner = "".join(f"<{k}>{v}</{k}>" for k, v in values.items())
        return (f'<Instance ParentClass="{name}" Class="{name}" '
                f'Namespace="\\\\{self.host}\\root\\{space}" Content="New">'
                f"<{name}>{inner}</{name}></Instance>")

    def ddr(self) -> str:
        """Heartbeat discovery."""
        return self.report(
            "Inventory Data",
            self.instance("CCM_DiscoveryData", PlatformID="Microsoft Windows NT Workstation 10.0")
            + self.instance("CCM_ComputerSystem", Domain="CORP")
            + self.instance("SMS_Authority", Name=f"SMS:{self.site}")
            + self.instance("CCM_ADSiteInfo", ADSiteName="Default-First-Site-Name")
            + self.instance("CCM_ExtNetworkAdapterConfiguration", FQDN=self.fqdn)
            + self.instance("Win32_NetworkAdapterConfiguration", "cimv2", IPAddress=self.address,
                            MACAddress="02:00:5E:10:00:11", Index="1"), "ddr")

    def hinv(self, programs: int = 12) -> str:
        """Hardware inventory."""
        return self.report(
            "Inventory Data",
            self.instance("Win32_ComputerSystem", "cimv2", Name=self.host, UserName="CORP\\anna")
            + self.instance("Win32_BIOS", "cimv2", SerialNumber="LAB-0042", Version="1.0")
            + "".join(self.instance("Win32Reg_AddRemovePrograms", "cimv2", ProdID=f"{{LAB-{i:04}}}",
                                    DisplayName=f"Lab Program {i}", Version=f"{i}.0")
                      for i in range(programs)), "hinv")

    def sinv(self) -> str:
        """Software inventory."""
        return self.report("Inventory Data", self.instance(
            "FileSystemFile", "ccm\\invagt", Name="payroll.exe",
            Path="C:\\Program Files\\Payroll\\", Size="448", FileVersion="4.2.0.0",
            CompanyName="Example Corp", FileDescription="Payroll", ProductName="Payroll",
            ProductVersion="4.2", ProductLanguage="1033", LastWriteDate=cim_time()), "sinv")

    def collfile(self) -> str:
        """A collected file, announced by a report."""
        return self.report("Inventory Data", self.instance(
            "CollectedFile", "ccm\\invagt", Name="payroll.ini", Path="C:\\Program Files\\Payroll\\",
            Size="64", Data="5B64625D0D0A7365727665723D73716C30310D0A"), "collfile")

    def metering(self) -> str:
        """Software metering."""
        return self.report(
            "Software Metering Data",
            '<ProductInfo ProductName="Payroll" ProductVersion="4.2"><SoftwareFileInfo '
            'FileName="payroll.exe" FileSize="448" FileVersion="4.2.0.0"/><HistoricalMeterData '
            f'StartTime="{cim_time()}" UserName="CORP\\anna"/></ProductInfo>', form="1.0")

    def state_body(self, topic: str = "500", state: str = "3", details: str = "") -> str:
        """One state message."""
        return (f'<StateMessage MessageTime="{cim_time()}" SerialNumber="1"><Topic '
                f'ID="{self.smsid}" Type="{topic}" IDType="0" User="" UserSID=""/>'
                f'<State ID="{state}" Criticality="0"/><UserParameters Flags="0" Count="1">'
                f"<Param>{self.version}</Param></UserParameters>"
                f'<StateDetails Type="1"><![CDATA[{details}]]></StateDetails>'
                f'<Site Code="{self.site}"/></StateMessage>')

    def state(self) -> str:
        """A state message to the management point."""
        return self.report("State Message Data", self.state_body(), form="1.0")

    def fallback_state(self) -> str:
        """A deployment state message to the fallback status point."""
        mac = "02:00:5E:10:00:42"
        details = (f"<ClientIdentity><ADSiteName>Default-First-Site-Name</ADSiteName><FQDN>"
                   f"{self.fqdn}</FQDN><MacAddress>{mac}</MacAddress></ClientIdentity>")
        return self.report("State Message Data", self.state_body("800", "100", details),
                           form="1.0", identity=f'<ClientID IDType="1" IDFlag="0">{mac}</ClientID>')

    def status(self) -> str:
        """A status message."""
        return (
            '<Status SchemaVersion="1.00" CodePage="437" LocaleID="1033"><Type>CcmHttpStatus</Type>'
            f'<Properties><Property Name="ClientID">{self.smsid}</Property>'
            '<Property Name="HostName">mp01.corp.example</Property>'
            '<Property Name="StatusCode">200</Property></Properties><Qualifiers>'
            '<Qualifier Name="SMS_MessageID">10803</Qualifier>'
            '<Qualifier Name="SMS_ModuleName">SMS Client</Qualifier>'
            '<Qualifier Name="SMS_Component">CcmExec</Qualifier>'
            '<Qualifier Name="Severity">1073741824</Qualifier></Qualifiers></Status>')


def upload_request(message_id: str) -> str:
    """May I upload a large message by BITS?"""
    return f'<UploadRequest MessageID="{message_id}" NetworkType="Intranet"/>'


def upload_reply(host: str, upload: str) -> str:
    """Yes, there."""
    return (f"<UploadReply><Host>{host}</Host><URL>http://{host}/CCM_Incoming/{upload}</URL>"
            "</UploadReply>")
