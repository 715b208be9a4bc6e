"""NTLM over HTTP, both ends, with a real check of the NTLMv2 proof; the codec is impacket's."""
import base64
import hashlib
import hmac
import os
import struct

from impacket import ntlm as codec

ACCOUNTS = {"svc_naa": "Lab-Only-Passw0rd!", "client01$": "Lab-Only-Client01!",
            "client02$": "Lab-Only-Client02!", "client03$": "Lab-Only-Client03!",
            "mp01$": "Lab-Only-Mp01!"}
DOMAIN = "CORP"
WANTED_FLAGS = 0xE0088297


def field(message: bytes, offset: int) -> bytes:
    """A (length, size, offset) field of an NTLM message."""
    length, _, start = struct.unpack_from("<HHI", message, offset)
    return message[start:start + length]


def kind_of(message: bytes) -> int:
    """1 negotiate, 2 challenge, 3 authenticate; 0 for anything else."""
    if len(message) < 12 or message[:8] != b"NTLMSSP\0":
        return 0
    return struct.unpack_from("<I", message, 8)[0]


class Acceptor:
    """The server's side of one connection."""

    def __init__(self, host: str):
        self.host, self.challenge, self.user = host, b"", ""

    def answer(self, negotiate: bytes) -> bytes:
        """Type 2 for a type 1."""
        self.challenge = os.urandom(8)
        pairs = codec.AV_PAIRS()
        pairs[codec.NTLMSSP_AV_DOMAINNAME] = DOMAIN.encode("utf-16-le")
        pairs[codec.NTLMSSP_AV_HOSTNAME] = self.host.split(".")[0].upper().encode("utf-16-le")
        pairs[codec.NTLMSSP_AV_DNS_HOSTNAME] = self.host.encode("utf-16-le")
        info = pairs.getData()
        asked = codec.NTLMAuthNegotiate()
        asked.fromString(negotiate)
        name = DOMAIN.encode("utf-16-le")
        message = codec.NTLMAuthChallenge()
        message["flags"] = ((asked["flags"] & WANTED_FLAGS) | codec.NTLMSSP_TARGET_TYPE_DOMAIN
                            | codec.NTLMSSP_REQUEST_TARGET | codec.NTLMSSP_NEGOTIATE_TARGET_INFO
                            | codec.NTLMSSP_NEGOTIATE_NTLM | codec.NTLMSSP_NEGOTIATE_UNICODE
                            | codec.NTLMSSP_NEGOTIATE_VERSION)
        message["domain_len"] = message["domain_max_len"] = len(name)
        message["domain_offset"] = 56
        message["challenge"] = self.challenge
        message["domain_name"] = name
        message["TargetInfoFields_len"] = message["TargetInfoFields_max_len"] = len(info)
        message["TargetInfoFields"] = info
        message["TargetInfoFields_offset"] = 56 + len(name)
        message["Version"], message["VersionLen"] = bytes.fromhex("0a007c4f0000000f"), 8
        return message.getData()

    def accept(self, authenticate: bytes) -> bool:
        """Is the type 3 the right answer to our challenge?"""
        response = field(authenticate, 20)
        domain = field(authenticate, 28).decode("utf-16-le")
        user = field(authenticate, 36).decode("utf-16-le")
        password = ACCOUNTS.get(user.lower())
        if not self.challenge or password is None or len(response) < 24:
            return False
        key = hmac.new(codec.compute_nthash(password),
                       (user.upper() + domain).encode("utf-16-le"), hashlib.md5).digest()
        proof = hmac.new(key, self.challenge + response[16:], hashlib.md5).digest()
        if not hmac.compare_digest(proof, response[:16]):
            return False
        self.user = user
        return True


class Initiator:
    """The client's side of one connection."""

    def __init__(self, user: str, password: str, workstation: str):
        self.user, self.password = user, password
        self.first = codec.getNTLMSSPType1(workstation, DOMAIN, signingRequired=False)

    def negotiate(self) -> str:
        """Type 1, for the Authorization header."""
        return "NTLM " + base64.b64encode(self.first.getData()).decode()

    def authenticate(self, challenge: str) -> str:
        """Type 3 for the type 2 of a WWW-Authenticate header."""
        third, _ = codec.getNTLMSSPType3(self.first, base64.b64decode(challenge), self.user,
                                         self.password, DOMAIN)
        return "NTLM " + base64.b64encode(third.getData()).decode()
