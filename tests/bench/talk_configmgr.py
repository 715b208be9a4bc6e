"""What Configuration Manager clients, management points and distribution points say over HTTP. Each
function gives the messages of one flow as in talk.py; framing and paths are Microsoft's, the
content is made up."""
import hashlib
import zlib

from talk import CLIENT, SERVER

MP, DP, SITE = "CM01.corp.example", "DP01.corp.example", "C01"
BOUNDARY = b"aAbBcCdDv1234567890VxXyYzZ"
DATE = "Mon, 21 Sep 2026 14:13:20 GMT"


class Machine:
    """A client computer."""

    def __init__(self, rng):
        self.name = "WS%04d" % rng.randrange(10000)
        self.id = "GUID:" + guid(rng)[1:-1]
        self.key = "0602000000A40000525341310008000001000100%0512X" % rng.getrandbits(2048)


def guid(rng):
    text = "%032X" % rng.getrandbits(128)
    return "{%s-%s-%s-%s-%s}" % (text[:8], text[8:12], text[12:16], text[16:20], text[20:])


def get(path, host, agent, more="", method="GET"):
    return ("%s %s HTTP/1.1\r\nConnection: Keep-Alive\r\nAccept: */*\r\nUser-Agent: %s\r\n%s"
            "Host: %s\r\n\r\n" % (method, path, agent, more, host)).encode()


def answer(body, kind="text/xml", status="200 OK", more="", length=None):
    size = len(body) if length is None else length
    return ("HTTP/1.1 %s\r\nContent-Length: %d\r\nContent-Type: %s\r\nServer: Microsoft-IIS/10.0"
            "\r\n%sDate: %s\r\n\r\n" % (status, size, kind, more, DATE)).encode() + body


def multipart(message, payload):
    """A CCM message: the envelope in UTF-16, and the body deflated, in two parts."""
    return b"".join((
        b"--", BOUNDARY, b"\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n\xff\xfe",
        message.encode("utf-16-le"), b"\r\n--", BOUNDARY,
        b"\r\ncontent-type: application/octet-stream\r\n\r\n", payload, b"\r\n--", BOUNDARY, b"--"))


def pack(xml):
    return zlib.compress(xml.encode("utf-16-le") + b"\0\0\r\n"), 2 * len(xml) + 2


def ccm_post(rng, machine, endpoint, xml, mode="Sync", path="/ccm_system/request", signed=True):
    payload, length = pack(xml)
    hooks = ""
    if signed:
        hooks = ('<Hook2 Name="clientauth"><Property Name="AuthSenderMachine">%s</Property>'
                 '<Property Name="PublicKey">%s</Property><Property Name="ClientIDSignature">'
                 '%0512X</Property><Property Name="PayloadSignature">%0512X</Property><Property '
                 'Name="ClientCapabilities">NonSSL</Property><Property Name="HashAlgorithm">'
                 '1.2.840.113549.1.1.11</Property></Hook2>' % (
                     machine.name, machine.key, rng.getrandbits(2048), rng.getrandbits(2048)))
    number = guid(rng)
    body = multipart(
        '<Msg ReplyCompression="zlib" SchemaVersion="1.1"><Body Type="ByteRange" Length="%d" '
        'Offset="0" /><CorrelationID>{00000000-0000-0000-0000-000000000000}</CorrelationID><Hooks>'
        '%s<Hook3 Name="zlib-compress" /></Hooks><ID>%s</ID><Payload Type="inline" /><Priority>0'
        '</Priority><Protocol>http</Protocol><ReplyMode>%s</ReplyMode><ReplyTo>direct:%s:'
        'SccmMessaging</ReplyTo><SentTime>2026-09-21T14:13:20Z</SentTime><SourceID>%s</SourceID>'
        '<SourceHost>%s</SourceHost><TargetAddress>mp:%s</TargetAddress><TargetEndpoint>%s'
        '</TargetEndpoint><TargetHost>%s</TargetHost><Timeout>60000</Timeout></Msg>' % (
            length, hooks, number, mode, machine.name, machine.id, machine.name, endpoint, endpoint,
            MP), payload)
    head = ('CCM_POST %s HTTP/1.1\r\nConnection: Keep-Alive\r\nContent-Type: multipart/mixed; '
            'boundary="%s"\r\nUser-Agent: ccmhttp\r\nHost: %s\r\nContent-Length: %d\r\n\r\n' % (
                path, BOUNDARY.decode(), MP, len(body)))
    return head.encode() + body, number


def ccm_reply(rng, machine, number, xml):
    payload, length = pack(xml)
    body = multipart(
        '<Msg SchemaVersion="1.1"><ID>%s</ID><SourceHost>CM01</SourceHost><TargetAddress>direct:%s:'
        'SccmMessaging</TargetAddress><TargetEndpoint>SccmMessaging</TargetEndpoint><TargetHost>%s'
        '</TargetHost><CorrelationID>%s</CorrelationID><Priority>0</Priority><Timeout>60000'
        '</Timeout><Protocol>http</Protocol><ReplyMode>Sync</ReplyMode><Payload Type="inline"/>'
        '<Hooks><Hook3 Name="zlib-compress"/></Hooks><Body Type="ByteRange" Offset="0" '
        'Length="%d"/></Msg>' % (guid(rng), machine.name, machine.name, number, length), payload)
    return answer(body, 'multipart/mixed; boundary="%s"' % BOUNDARY.decode())


def certificate(rng):
    return "308202D0308201B8A0030201%01412X" % rng.getrandbits(5648)


def discovery(rng, _noise):
    """A client finds its management point, and what to trust."""
    agent = "SMS CCM 5.0"
    yield CLIENT, get("/SMS_MP/.sms_aut?MPLIST", MP, agent), 500
    yield SERVER, answer(
        ('<MPList><MP Name="CM01.CORP.EXAMPLE" FQDN="%s"><Version>9128</Version><Capabilities '
         'SchemaVersion="1.0"><Property Name="SSLState" Value="0"/></Capabilities></MP></MPList>'
         % MP).encode()), 3000
    yield CLIENT, get("/SMS_MP/.sms_aut?MPKEYINFORMATION", MP, agent), 2000
    yield SERVER, answer(
        ('<MPKEYINFORMATION><MACHINENAME>CM01</MACHINENAME><FQDN>%s</FQDN><SITECODE>%s</SITECODE>'
         '<AssignmentSiteCode>%s</AssignmentSiteCode><TRUSTEDROOTKEY Signature="">0602000000A40000'
         '525341310008000001000100%0512X</TRUSTEDROOTKEY><MPCERTIFICATE Signature="%0512X">%s'
         '</MPCERTIFICATE></MPKEYINFORMATION>' % (
             MP, SITE, SITE, rng.getrandbits(2048), rng.getrandbits(2048), certificate(rng))
         ).encode()), 3000
    yield CLIENT, get("/SMS_MP/.sms_aut?SITESIGNCERT", MP, agent), 2000
    yield SERVER, answer(
        ('<X509Data><X509Certificate EncodingType="hexBinary">%s</X509Certificate></X509Data>'
         % certificate(rng)).encode()), 3000


def policy_body(rng, secret):
    rules = "".join(
        '<PolicyRule PolicyRuleID="%s"><PolicyAction PolicyActionType="WMI-XML"><instance '
        'class="CCM_ClientAgentConfig"><property name="Setting%d" type="19"><value>%d</value>'
        '</property></instance></PolicyAction></PolicyRule>' % (guid(rng), i, rng.getrandbits(16))
        for i in range(rng.randrange(3, 25)))
    if secret:
        rules += (
            '<PolicyRule PolicyRuleID="%s"><PolicyAction PolicyActionType="WMI-XML"><instance '
            'class="CCM_NetworkAccessAccount"><property name="NetworkAccessUsername" type="8" '
            'secret="1"><value><![CDATA[89130000%0240X]]></value></property></instance>'
            '</PolicyAction></PolicyRule>' % (guid(rng), rng.getrandbits(960)))
    return b"\xff\xfe" + (
        '<?xml version="1.0"?>\r\n<Policy PolicyID="%s" PolicyVersion="5.00" PolicyType="Machine" '
        'PolicySource="SMS:%s" SchemaVersion="1.00">%s</Policy>' % (guid(rng), SITE, rules)
    ).encode("utf-16-le")


def policies(rng, _noise):
    """A client asks for its policy assignments, and for the bodies of the policies."""
    machine = Machine(rng)
    identity = ("<Identification><Machine><ClientID>%s</ClientID><FQDN>%s.corp.example</FQDN>"
                "<NetBIOSName>%s</NetBIOSName><SID /></Machine><User /></Identification>"
                "<PolicySource>SMS:%s</PolicySource><Resource ResourceType=\"Machine\" />"
                % (machine.id, machine.name, machine.name, SITE))
    request, number = ccm_post(
        rng, machine, "MP_PolicyManager",
        '<RequestAssignments SchemaVersion="1.00" ACK="false" RequestType="Always" '
        'ValidationRequested="CRC">%s<ServerCookie /></RequestAssignments>' % identity)
    wanted = [(guid(rng), policy_body(rng, rng.random() < 0.2)) for _ in range(rng.randrange(1, 4))]
    assignments = "".join(
        '<PolicyAssignment PolicyAssignmentID="%s"><Policy PolicyID="%s" PolicyVersion="5.00" '
        'PolicyType="Machine" PolicyCategory="SoftwareDistribution" PolicyFlags="16">'
        '<PolicyLocation PolicyHash="SHA256:%s"><![CDATA[http://<mp>/SMS_MP/.sms_pol?%s.5_00]]>'
        '</PolicyLocation></Policy></PolicyAssignment>' % (
            guid(rng), name, hashlib.sha256(body).hexdigest().upper(), name)
        for name, body in wanted)
    yield CLIENT, request, 1000
    yield SERVER, ccm_reply(
        rng, machine, number, '<ReplyAssignments SchemaVersion="1.00" ReplyType="Full">%s'
        '<ServerCookie>2026-09-21 14:13:20.257</ServerCookie>%s</ReplyAssignments>'
        % (identity, assignments)), 20000
    for name, body in wanted:
        path = "/SMS_MP/.sms_pol?%s.5_00" % name
        head = ("CCMClientID: %s\r\nCCMClientIDSignature: %0512X\r\nCCMClientTimestamp: "
                "2026-09-21T14:13:20Z\r\n" % (machine.id, rng.getrandbits(2048)))
        yield CLIENT, get(path, MP, "Microsoft BITS/7.8", head, "HEAD"), 100000
        yield SERVER, answer(b"", "application/octet-stream", length=len(body)), 5000
        yield CLIENT, get(path, MP, "Microsoft BITS/7.8", head + "Range: bytes=0-%d\r\n"
                          % (len(body) - 1)), 1000
        yield SERVER, answer(body, "application/octet-stream", "206 Partial Content",
                             "Content-Range: bytes 0-%d/%d\r\n" % (len(body) - 1, len(body))), 5000


def inventory(rng, _noise):
    """A client uploads its hardware inventory."""
    machine = Machine(rng)
    instances = "".join(
        '<Instance ParentClass="Win32Reg_AddRemovePrograms" Class="Win32Reg_AddRemovePrograms" '
        'Namespace="\\\\%s\\root\\cimv2" Content="New"><Win32Reg_AddRemovePrograms><ProdID>%s'
        '</ProdID><DisplayName>Product %d</DisplayName><Version>%d.%d.%d</Version>'
        '</Win32Reg_AddRemovePrograms></Instance>' % (
            machine.name, guid(rng), rng.randrange(5000), rng.randrange(20), rng.randrange(100),
            rng.randrange(9999)) for _ in range(rng.randrange(40, 400)))
    request, number = ccm_post(
        rng, machine, "MP_HinvEndpoint",
        '<Report><ReportHeader><Identification><Machine><ClientInstalled>1</ClientInstalled>'
        '<ClientType>1</ClientType><ClientID IDType="0" IDFlag="1">%s</ClientID><ClientVersion>'
        '5.00.9128.1000</ClientVersion><NetBIOSName>%s</NetBIOSName></Machine></Identification>'
        '<ReportDetails><ReportContent>Inventory Data</ReportContent><ReportType>Full</ReportType>'
        '<Date>20260921141320.000000+000</Date><Version>1.0</Version><Format>1.1</Format>'
        '</ReportDetails><InventoryAction ActionType="Predefined"><InventoryActionID>'
        '{00000000-0000-0000-0000-000000000001}</InventoryActionID></InventoryAction>'
        '</ReportHeader><ReportBody>%s</ReportBody></Report>' % (
            machine.id, machine.name, instances), "ASync")
    yield CLIENT, request, 1000
    yield SERVER, ccm_reply(rng, machine, number, "<NoReply/>"), 9000


def content(rng, noise):
    """A client fetches a package from a distribution point."""
    package = "%s%05X" % (SITE, rng.randrange(1 << 20))
    root = "/SMS_DP_SMSPKG$/%s" % package
    size = int(rng.lognormvariate(10.3, 0.9))
    name = "sccm?/setup%d.msi" % rng.randrange(100)
    ask = (b'<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:prop><D:getcontentlength/>'
           b'<D:iscollection/></D:prop></D:propfind>')
    yield CLIENT, get(root, DP, "SMS CCM 5.0", "Depth: infinity\r\nTranslate: f\r\nContent-Type: "
                      "text/xml\r\nContent-Length: %d\r\n" % len(ask), "PROPFIND") + ask, 1000
    yield SERVER, answer(
        ('<?xml version="1.0" encoding="utf-8"?><D:multistatus xmlns:D="DAV:"><D:response><D:href>'
         'http://%s%s/%s</D:href><D:propstat><D:status>HTTP/1.1 200 OK</D:status><D:prop>'
         '<D:getcontentlength>%d</D:getcontentlength><D:iscollection>0</D:iscollection></D:prop>'
         '</D:propstat></D:response></D:multistatus>' % (DP, root, name, size)).encode(),
        status="207 Multi-Status"), 5000
    path = "%s/%s" % (root, name)
    agent, head = "Microsoft BITS/7.8", "Accept-Encoding: identity\r\n"
    yield CLIENT, get(path, DP, agent, head, "HEAD"), 20000
    yield SERVER, answer(b"", "application/octet-stream", more="Accept-Ranges: bytes\r\n",
                         length=size), 3000
    for at in range(0, size, 32768):
        end = min(at + 32768, size) - 1
        part = "If-Unmodified-Since: %s\r\nRange: bytes=%d-%d\r\n" % (DATE, at, end)
        yield CLIENT, get(path, DP, agent, head + part), 2000
        yield SERVER, answer(noise.take(end + 1 - at), "application/octet-stream",
                             "206 Partial Content", "Content-Range: bytes %d-%d/%d\r\n"
                             % (at, end, size)), 3000


def management_point(rng, noise, _bulk):
    """One flow of a client's usual day to its management point."""
    return rng.choices((discovery, policies, inventory), (3, 4, 2))[0](rng, noise)


def distribution_point(rng, noise, _bulk):
    """One flow to a distribution point."""
    return content(rng, noise)
