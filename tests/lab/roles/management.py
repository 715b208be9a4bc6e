"""Management point: .sms_aut, .sms_pol, CCM messages and BITS uploads (http.md 1.1, 3 and 4)."""
import hashlib
import re
import uuid
from xml.etree import ElementTree

from configmgr import framing, keys, lists, location, policy, registration, reports
from configmgr.bits import Uploads
from configmgr.clock import iso_time, new_guid
from configmgr.framing import CONTENT_TYPE, element, utf16
from roles.scenario import Client

MESSAGING = re.compile(r"/ccm_system(_windowsauth|_altauth|_tokenauth)?(/request)?$")
INVENTORY = ("MP_DdrEndpoint", "MP_HinvEndpoint", "MP_SinvEndpoint", "MP_SinvCollFileEndpoint",
             "MP_RelayEndpoint", "MP_StatusManager", "StatusReceiver")


class ManagementPoint:
    """Mixin of the web handler."""
    uploads = Uploads()

    def management(self, path: str, target: str) -> bool:
        """Answer when the request is for a management point."""
        if path.startswith(("/sms_mp/.sms_aut", "/sms_mp_altauth/.sms_aut")):
            self.information(target.partition("?")[2])
        elif re.match(r"/sms_mp(_windowsauth|_altauth|_tokenauth)?/\.sms_pol$", path):
            self.policy_body(path, target.partition("?")[2])
        elif MESSAGING.match(path):
            self.messaging(path)
        elif path.startswith("/ccm_incoming/"):
            status, headers = self.uploads.handle(self.headers, self.body)
            self.reply(status, headers=headers)
        elif path.startswith("/ccm_client/"):
            self.file(b"MZ" + bytes(510) if path.endswith((".exe", ".cab")) else None)
        elif path.startswith("/bgb/handler.ashx"):
            self.reply(200, b"", "text/plain")
        else:
            return False
        return True

    def information(self, query: str):
        """Lists, keys and certificates for anybody."""
        options, estate = self.scenario.options, self.scenario.estate
        name, _, _ = query.partition("&")
        name = name.upper()
        certificate = estate.signing.hex_der()
        if name in ("MPLIST", "MPLIST1", "MPLIST2"):
            text = lists.mplist(self.scenario.points, options.list_site)
        elif name in ("MPCERT", "MPCERT1"):
            text = lists.mpcert(certificate)
        elif name == "MPCERT2":
            text = lists.mpcert2(certificate, estate.encryption.hex_der())
        elif name in ("MPKEYINFORMATION", "MPKEYINFORMATIONEX", "MPKEYINFORMATIONMEDIA"):
            text = lists.mpkeyinformation(
                fqdn=options.name, site=options.site, root=estate.root.blob(),
                certificate=certificate, signature=estate.root.sign(bytes.fromhex(certificate)))
        elif name == "MPTRK":
            text = lists.mptrk(estate.root.blob())
        elif name == "SITESIGNCERT":
            text = lists.sitesigncert(estate.site.hex_der())
        elif name == "SMSTRC":
            text = "SMSTRC"
        else:
            return self.reply(404)
        return self.reply(200, text.encode(), "text/xml")

    def policy_body(self, path: str, query: str):
        """A policy body, in the form that this client may have."""
        if "_windowsauth" in path and not self.permitted("ntlm"):
            return None
        options = self.scenario.options
        wanted = next((p for p in self.scenario.policies
                       if query.upper().startswith(p.id.upper() + ".")), None)
        if wanted is None:
            return self.reply(404)
        client = self.known_client()
        approved = client is not None and client.approved
        if wanted.flags & policy.REQUIRES_AUTH and not approved:
            return self.reply(200, policy.REFUSED, "text/html")
        data = wanted.body(options.site)
        if options.envelope and wanted.flags & policy.SECRET:
            if client is None:
                return self.reply(200, policy.REFUSED, "text/html")
            data = self.enveloped(data, client)
        return self.file(data)

    def enveloped(self, data: bytes, client: Client) -> bytes:
        """The same bytes for every request of the client, so that ranges fit together."""
        kept = self.scenario.__dict__.setdefault("envelopes", {})
        key = (hashlib.sha256(data).digest(), client.encryption)
        if key not in kept:
            kept[key] = keys.envelope(data, keys.certificate_of_hex(client.encryption))
        return kept[key]

    def known_client(self) -> Client | None:
        """The registered client that signed the headers, if the signature is right."""
        token = self.headers.get("ClientToken") or self.headers.get("CCMClientID") or ""
        signature = (self.headers.get("ClientTokenSignature")
                     or self.headers.get("CCMClientIDSignature") or "")
        client = self.scenario.estate.clients.get(token.partition(";")[0].upper())
        if client is None:
            return None
        key = keys.certificate_of_hex(client.signing).public_key()
        return client if keys.verify(key, signature, utf16(token) + b"\0\0") else None

    def messaging(self, path: str):
        """A CCM message."""
        if not path.endswith("/request"):
            return self.reply(401 if "windowsauth" in path else 403)
        if "_windowsauth" in path and not self.permitted("ntlm"):
            return None
        if self.command != "CCM_POST":
            return self.reply(405)
        try:
            msg, payload = framing.split(self.body)
            sealed = 'Name="encrypt"' in msg
            xml = "" if sealed else framing.inflate(msg, payload)
            if xml:
                self.well_formed(msg, xml)
        except (ValueError, framing.zlib.error, ElementTree.ParseError):
            return self.reply(200)
        answer = self.answer_message(path, msg, payload, xml)
        if answer is None:
            return self.reply(200)
        return self.reply(200, answer, CONTENT_TYPE)

    @staticmethod
    def well_formed(msg: str, xml: str) -> None:
        """Raise when the message breaks its own format."""
        ElementTree.fromstring(msg)
        ElementTree.fromstring(xml)
        if int(framing.attribute(msg, "Length")) > 2 * len(xml) + 4:
            raise ValueError("shorter than its Body says")

    def answer_message(self, path: str, msg: str, payload: bytes, xml: str) -> bytes | None:
        """The body of the reply; None refuses, which is a 200 without a body."""
        options = self.scenario.options
        endpoint = element(msg, "TargetEndpoint")
        if endpoint == "MP_ClientRegistration":
            text = self.register(path, xml)
        elif endpoint == "MP_LocationManager":
            text = self.locate(xml)
        elif not self.signed(msg, payload):
            return None
        elif xml.startswith("<UploadRequest"):
            text = reports.upload_reply(options.name, new_guid())
            return framing.join(text, None)
        elif endpoint in INVENTORY:
            return framing.join("NoReply", None)
        elif endpoint == "MP_PolicyManager":
            text = self.assign(msg, xml)
        else:
            return None
        if text is None:
            return None
        return framing.reply(msg, text, options.name.partition(".")[0].upper(), options.site)

    def signed(self, msg: str, payload: bytes) -> bool:
        """Is the message signed by the client that it says it is from?"""
        properties = dict(re.findall(r'<Property Name="(\w+)">([^<]*)</Property>', msg))
        source = element(msg, "SourceID")
        try:
            key = keys.public_key_of_blob(properties.get("PublicKey", ""))
        except ValueError:
            return False
        client = self.scenario.estate.clients.get(source.upper())
        if client and keys.certificate_of_hex(
                client.signing).public_key().public_numbers() != key.public_numbers():
            return False
        return (keys.verify(key, properties.get("PayloadSignature", ""), payload)
                and keys.verify(key, properties.get("ClientIDSignature", ""),
                                utf16(source) + b"\0\0"))

    def register(self, path: str, xml: str) -> str | None:
        """Registration: new, or the confirmation of one that waits."""
        options, clients = self.scenario.options, self.scenario.estate.clients
        signing, encryption = registration.certificates(xml)
        if not signing:
            return None
        kind = registration.kind_of(xml)
        smsid = framing.attribute(xml, "SMSID") or f"GUID:{str(uuid.uuid4()).upper()}"
        mode = options.registration
        approved = (mode == "approved" or (mode == "vdir" and "_windowsauth" in path)
                    or (kind == "Confirmation" and options.approve))
        waiting = mode == "waiting" and not approved
        clients[smsid.upper()] = Client(signing, encryption, approved)
        return registration.response(smsid, int(waiting), int(approved), kind)

    def assign(self, msg: str, xml: str) -> str | None:
        """Policy assignments; an unapproved client gets only what needs no approval."""
        options, estate = self.scenario.options, self.scenario.estate
        client = estate.clients.get(element(msg, "SourceID").upper())
        if client is None or options.assignments == "refuse":
            return None
        chosen = [p for p in self.scenario.policies
                  if client.approved or not p.flags & policy.REQUIRES_AUTH]
        if options.assignments == "empty":
            chosen = []
        return policy.assignments_reply(
            request=xml, policies=chosen, site=options.site, signer=estate.site,
            full=options.assignments == "full", by_hash=options.by_hash,
            cookie=iso_time().replace("T", " ").replace("Z", ".257"),
            host=options.policy_host)

    def locate(self, xml: str) -> str | None:
        """Location services answer anybody."""
        options = self.scenario.options
        if "<ContentLocationRequest" in xml:
            return location.content_reply(xml, options.site, options.dp)
        if "<WSUSLocationRequest" in xml:
            return location.wsus_reply(options.site, options.sup)
        if "<EnumerateMPLocationRequest" in xml:
            return location.mp_reply(options.site, [p.fqdn for p in self.scenario.points])
        if "<SiteInformationRequest" in xml:
            return location.site_reply(options.site, self.scenario.points[0].fqdn,
                                       self.scenario.estate.site.hex_der())
        return None
