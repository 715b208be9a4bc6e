"""CCM messages: a MIME multipart of a UTF-16 <Msg> envelope and a payload, usually zlib.

    --B CRLF content-type: text/plain; charset=UTF-16 CRLF CRLF  FF FE <Msg ...>
    CRLF --B CRLF content-type: application/octet-stream CRLF CRLF  payload
    CRLF --B--
"""
import re
import zlib
from xml.sax.saxutils import escape

from configmgr.clock import iso_time, new_guid

BOUNDARY = "aAbBcCdDv1234567890VxXyYzZ"
CONTENT_TYPE = f'multipart/mixed; boundary="{BOUNDARY}"'
TEXT_PART = f"--{BOUNDARY}\r\ncontent-type: text/plain; charset=UTF-16\r\n\r\n".encode()
DATA_PART = f"\r\n--{BOUNDARY}\r\ncontent-type: application/octet-stream\r\n\r\n".encode()
END = f"\r\n--{BOUNDARY}--".encode()
BOM = b"\xff\xfe"
NO_CORRELATION = "{00000000-0000-0000-0000-000000000000}"


def utf16(text: str) -> bytes:
    """UTF-16LE without a byte order mark."""
    return text.encode("utf-16-le")


def request_payload(xml: str) -> tuple[bytes, int]:
    """The uncompressed payload of a request, and what Body/@Length says of it."""
    body = utf16(xml) + b"\0\0"
    return body + b"\r\n", len(body)


def reply_payload(xml: str) -> tuple[bytes, int]:
    """The same for a reply, which ends with the NUL."""
    body = utf16(xml) + b"\0\0"
    return body, len(body)


def join(msg: str, payload: bytes | None) -> bytes:
    """The HTTP body of a message; without a payload it has the one text part."""
    body = TEXT_PART + BOM + utf16(msg)
    if payload is not None:
        body += DATA_PART + payload
    return body + END


def split(body: bytes) -> tuple[str, bytes]:
    """Envelope text and payload bytes of an HTTP body; raises ValueError when it is no message."""
    head, separator, rest = body.partition(DATA_PART)
    if not head.startswith(TEXT_PART):
        raise ValueError("not a CCM message")
    if not separator:
        head, rest = head.removesuffix(END), b""
    msg = head[len(TEXT_PART):].removeprefix(BOM).decode("utf-16-le")
    return msg, rest.removesuffix(END)


def inflate(msg: str, payload: bytes) -> str:
    """The payload as text."""
    if "zlib-compress" in msg:
        payload = zlib.decompress(payload)
    if payload[-2:] == b"\r\n" and len(payload) % 2 == 0:
        payload = payload[:-2]
    return payload.removeprefix(BOM).decode("utf-16-le").rstrip("\0")


def element(text: str, name: str) -> str:
    """Text of the first element of that name, or nothing."""
    found = re.search(rf"<{name}(?:\s[^>]*)?>([^<]*)</{name}>", text)
    return found.group(1) if found else ""


def attribute(text: str, name: str) -> str:
    """Value of the first attribute of that name, or nothing."""
    found = re.search(rf'\s{name}="([^"]*)"', text)
    return found.group(1) if found else ""


def request_msg(*, endpoint: str, host: str, target: str, length: int, source: str = "",
                hooks: str = "", mode: str = "Sync", reply_to: str = "SccmMessaging",
                message_id: str = "", attachment: str = "") -> str:
    """The envelope of a request, elements in the order of Microsoft's own client library."""
    sender = f"<SourceID>{escape(source)}</SourceID>" if source else ""
    return (
        '<Msg ReplyCompression="zlib" SchemaVersion="1.1">'
        f'{attachment}<Body Type="ByteRange" Length="{length}" Offset="0" />'
        f"<CorrelationID>{NO_CORRELATION}</CorrelationID><Hooks>{hooks}</Hooks>"
        f"<ID>{message_id or new_guid()}</ID>"
        '<Payload Type="inline" /><Priority>0</Priority><Protocol>http</Protocol>'
        f"<ReplyMode>{mode}</ReplyMode><ReplyTo>direct:{host}:{reply_to}</ReplyTo>"
        f"<SentTime>{iso_time()}</SentTime>{sender}<SourceHost>{host}</SourceHost>"
        f"<TargetAddress>mp:{endpoint}</TargetAddress><TargetEndpoint>{endpoint}</TargetEndpoint>"
        f"<TargetHost>{target}</TargetHost><Timeout>60000</Timeout></Msg>")


def reply_msg(*, request: str, host: str, length: int, site: str) -> str:
    """The envelope of a reply to the request envelope."""
    client = element(request, "SourceHost")
    endpoint = element(request, "ReplyTo").rpartition(":")[2] or "SccmMessaging"
    return (
        f'<Msg SchemaVersion="1.1"><ID>{new_guid()}</ID><SourceHost>{host}</SourceHost>'
        f"<TargetAddress>direct:{client}:{endpoint}</TargetAddress>"
        f"<TargetEndpoint>{endpoint}</TargetEndpoint><TargetHost>{client}</TargetHost>"
        f'<CorrelationID>{element(request, "ID")}</CorrelationID><Priority>0</Priority>'
        "<Timeout>60000</Timeout><Protocol>http</Protocol><ReplyMode>Sync</ReplyMode>"
        '<Payload Type="inline"/><Hooks><Hook3 Name="zlib-compress"/>'
        f'<Hook Name="authenticate"><Property Name="MPSiteCode">{site}</Property></Hook></Hooks>'
        f'<Body Type="ByteRange" Offset="0" Length="{length}"/></Msg>')


def reply(request: str, xml: str, host: str, site: str) -> bytes:
    """A whole synchronous reply, compressed as clients ask for it."""
    payload, length = reply_payload(xml)
    return join(reply_msg(request=request, host=host, length=length, site=site),
                zlib.compress(payload))
