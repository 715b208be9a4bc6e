"""The Windows update services that a software update point offers (http.md 1.4 and 9.12)."""
import hashlib

NAMESPACE = "http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService"
PATH = "/ClientWebService/client.asmx"
EULA_TEXT = b"Lab licence terms: made up, no rights granted, no rights needed.\r\n" * 8
_SHA1 = hashlib.sha1(EULA_TEXT).hexdigest().upper()
EULA = f"/Content/{_SHA1[-2:]}/{_SHA1}.txt"
AGENT = "Windows-Update-Agent/10.0.10011.16384 Client-Protocol/2.50"

REQUESTS = {
    "GetConfig": "<protocolVersion>2.50</protocolVersion>",
    "GetCookie": ("<authCookies><AuthorizationCookie><PlugInId>SimpleTargeting</PlugInId>"
                  "<CookieData>AAECAwQFBgc=</CookieData></AuthorizationCookie></authCookies>"
                  "<protocolVersion>2.50</protocolVersion>"),
    "SyncUpdates": ("<cookie><Expiration>2026-12-01T00:00:00Z</Expiration>"
                    "<EncryptedData>AAECAwQF</EncryptedData></cookie><parameters>"
                    "<ExpressQuery>false</ExpressQuery><InstalledNonLeafUpdateIDs><int>1</int>"
                    "</InstalledNonLeafUpdateIDs></parameters>"),
    "GetExtendedUpdateInfo": ("<cookie><EncryptedData>AAECAwQF</EncryptedData></cookie>"
                              "<revisionIDs><int>4711</int></revisionIDs><infoTypes>"
                              "<XmlUpdateFragmentType>Extended</XmlUpdateFragmentType>"
                              "</infoTypes>"),
}
REPLIES = {
    "GetConfig": ("<LastChange>2026-11-01T00:00:00Z</LastChange>"
                  "<IsRegistrationRequired>false</IsRegistrationRequired>"),
    "GetCookie": ("<Expiration>2026-12-01T00:00:00Z</Expiration>"
                  "<EncryptedData>AAECAwQF</EncryptedData>"),
    "SyncUpdates": ("<NewUpdates><UpdateInfo><ID>4711</ID><Deployment><ID>1</ID><Action>Install"
                    "</Action></Deployment><IsLeaf>true</IsLeaf><Xml>&lt;UpdateIdentity "
                    'UpdateID="6d1f2c3a-0b4e-4c58-9f10-2a6b7c8d9e01" RevisionNumber="1" /&gt;'
                    "</Xml></UpdateInfo></NewUpdates><Truncated>false</Truncated>"),
    "GetExtendedUpdateInfo": ("<Updates><Update><ID>4711</ID><Xml>&lt;ExtendedProperties "
                              'DefaultPropertiesLanguage="en" Handler="http://schemas.microsoft'
                              '.com/msus/2002/12/UpdateHandlers/Cbs" /&gt;</Xml></Update>'
                              "</Updates>"),
}


def soap(inner: str) -> bytes:
    """A SOAP envelope."""
    return ('<?xml version="1.0" encoding="utf-8"?><soap:Envelope '
            'xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
            f"{inner}</soap:Body></soap:Envelope>").encode()


def request(action: str) -> bytes:
    """A request of the client web service."""
    return soap(f'<{action} xmlns="{NAMESPACE}">{REQUESTS[action]}</{action}>')


def reply(action: str) -> bytes:
    """Its answer."""
    return soap(f'<{action}Response xmlns="{NAMESPACE}"><{action}Result>{REPLIES[action]}'
                f"</{action}Result></{action}Response>")
