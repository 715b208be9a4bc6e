#!/usr/bin/python3
"""An LDAP server that knows binds only, and answers them as an active directory does.

    ldap_server.py --name HOST [--port 389]

After the protocol, not real software: RFC 4511 section 4.2 for simple binds, MS-ADTS section 5.1.1.1.3 for
Sicily, SASL by GSS-SPNEGO with NTLMSSP in it or bare. NTLMv2 proofs are really checked; the accounts are those
of configmgr/ntlm.py, and by a simple bind each is DOMAIN\\account or account@domain. A search finds the root
DSE, which names the schema and the mechanisms, and nothing else. StartTLS is refused.
"""
import argparse
import socketserver

from configmgr import ntlm
from impacket.ldap import ldapasn1
from impacket.spnego import (SPNEGO_NegTokenInit, SPNEGO_NegTokenResp, TypesMech)
from pyasn1.codec.ber import decoder, encoder

SUCCESS, PROTOCOL_ERROR, IN_PROGRESS, INVALID = 0, 2, 14, 49
PACKAGES = b"NTLM"
ROOT = {"supportedLDAPVersion": ["3"], "supportedSASLMechanisms": ["GSS-SPNEGO", "NTLM"],
        "defaultNamingContext": ["DC=corp,DC=example"], "namingContexts": ["DC=corp,DC=example"]}


class Connection(socketserver.BaseRequestHandler):
    """One client."""

    def handle(self) -> None:
        """Messages until the client has enough."""
        self.acceptor = ntlm.Acceptor(self.server.name)
        buffer = b""
        while data := self.request.recv(65536):
            buffer += data
            while buffer:
                try:
                    message, rest = decoder.decode(buffer, asn1Spec=ldapasn1.LDAPMessage())
                except Exception:  # not whole yet
                    break
                buffer = rest
                if not self.one(message):
                    return

    def send(self, number: int, operation: str, **parts) -> None:
        """One answer."""
        answer = ldapasn1.LDAPMessage()
        answer["messageID"] = number
        body = answer["protocolOp"].setComponentByName(operation).getComponent()
        for name, value in parts.items():
            body[name] = value
        self.request.sendall(encoder.encode(answer))

    def one(self, message) -> bool:
        """Answers one message; false when the connection is over."""
        number, operation = int(message["messageID"]), message["protocolOp"].getName()
        request = message["protocolOp"].getComponent()
        if operation == "unbindRequest":
            return False
        if operation == "bindRequest":
            self.bind(number, request)
        elif operation == "searchRequest":
            self.search(number, request)
        elif operation == "extendedReq":
            self.send(number, "extendedResp", resultCode=PROTOCOL_ERROR, matchedDN="",
                      diagnosticMessage="")
        return True

    def bind(self, number: int, request) -> None:
        """A request to bind, of any kind."""
        choice, value = request["authentication"].getName(), request["authentication"].getComponent()
        code, matched, token = INVALID, b"", None
        if choice == "simple":
            code = self.simple(bytes(request["name"]).decode(), bytes(value).decode())
        elif choice == "sicilyPackageDiscovery":
            code, matched = SUCCESS, PACKAGES
        elif choice == "sicilyNegotiate":
            code, matched = SUCCESS, self.acceptor.answer(bytes(value))
        elif choice == "sicilyResponse":
            code = SUCCESS if self.acceptor.accept(bytes(value)) else INVALID
        elif choice == "sasl":
            code, token = self.sasl(bytes(value["credentials"]))
        parts = {"resultCode": code, "matchedDN": matched, "diagnosticMessage": b""}
        if token is not None:
            parts["serverSaslCreds"] = token
        self.send(number, "bindResponse", **parts)

    @staticmethod
    def simple(name: str, password: str) -> int:
        """A name and a password; without a password anonymous."""
        account = name.rpartition("\\")[2].partition("@")[0].lower()
        return SUCCESS if not password or ntlm.ACCOUNTS.get(account) == password else INVALID

    def sasl(self, token: bytes):
        """A token of NTLMSSP, in SPNEGO or bare."""
        wrapped = not token.startswith(b"NTLMSSP")
        if token[:1] == b"\x60":
            token = SPNEGO_NegTokenInit(token)["MechToken"]
        elif wrapped:
            token = SPNEGO_NegTokenResp(token)["ResponseToken"]
        if ntlm.kind_of(token) == 3:
            return (SUCCESS if self.acceptor.accept(token) else INVALID), None
        challenge = self.acceptor.answer(token)
        if not wrapped:
            return IN_PROGRESS, challenge
        answer = SPNEGO_NegTokenResp()
        answer["NegState"], answer["ResponseToken"] = b"\x01", challenge
        answer["SupportedMech"] = TypesMech["NTLMSSP - Microsoft NTLM Security Support Provider"]
        return IN_PROGRESS, answer.getData()

    def search(self, number: int, request) -> None:
        """The root DSE, or nothing."""
        if not bytes(request["baseObject"]):
            attributes = ldapasn1.PartialAttributeList()
            for place, (name, values) in enumerate(ROOT.items()):
                attributes[place]["type"] = name
                for at, value in enumerate(values):
                    attributes[place]["vals"][at] = value
            self.send(number, "searchResEntry", objectName="", attributes=attributes)
        self.send(number, "searchResDone", resultCode=SUCCESS, matchedDN="", diagnosticMessage="")


class Server(socketserver.ThreadingTCPServer):
    """Listens until it is stopped."""
    allow_reuse_address = daemon_threads = True


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--port", type=int, default=389)
    options = parser.parse_args()
    with Server(("", options.port), Connection) as server:
        server.name = options.name
        server.serve_forever()


if __name__ == "__main__":
    main()
