#!/usr/bin/python3
"""Writes captures of IPsec that no Debian package speaks: ipsec_packets.py wesp|nat|authip FILE

wesp    RFC 5840: client01 reads an MP list from mp01 inside WESP that says it is not encrypted (HMAC-SHA1-96
        over all before it); client02 speaks to it inside WESP that is.
nat     RFC 3948 and RFC 4303: a client behind a translation reads an MP list in transport mode, ESP with
        NULL encryption and HMAC-SHA2-256-128 in UDP 4500. Checksums inside are those of its own address.
authip  [MS-AIPS] and RFC 2408: main mode of AuthIP, whose chosen group is 0, as with Kerberos.

Addresses, ports and times are fixed, so a capture is always the same, byte for byte.
"""
import hashlib
import hmac
import struct
import sys

from scapy.all import IP, TCP, UDP, Ether, Raw, wrpcap  # pylint: disable=no-name-in-module

CLIENT01, CLIENT02, MP01 = "192.0.2.11", "192.0.2.12", "192.0.2.20"
BEHIND, TRANSLATED = "10.1.1.5", "198.51.100.1"
MACS = {CLIENT01: "02:00:5e:00:00:0b", CLIENT02: "02:00:5e:00:00:0c", MP01: "02:00:5e:00:00:14",
        TRANSLATED: "02:00:5e:00:00:01"}
BEGIN = 1795651200.0  # 2026-11-26, midday
REQUEST = b"GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: mp01.corp.example\r\n\r\n"
LIST = (b'<MPList><MP Name="MP01" FQDN="mp01.corp.example"><Version>9128</Version><Capabilities '
        b'SchemaVersion="1.0"/></MP></MPList>')
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (
    len(LIST), LIST)
KEY = b"Lab-Only-Key"


def talk(client: str, server: str, port: int):
    """(says the server?, bytes) of the TCP segments of one exchange, with their checksums."""
    at = {False: 1000, True: 5000}

    def segment(from_server: bool, flags: str, payload: bytes = b""):
        source, target = (server, client) if from_server else (client, server)
        ports = (80, port) if from_server else (port, 80)
        header = TCP(sport=ports[0], dport=ports[1], seq=at[from_server], flags=flags,
                     ack=at[not from_server] if flags != "S" else 0, window=64240)
        at[from_server] += len(payload) + (1 if "S" in flags or "F" in flags else 0)
        return from_server, bytes(IP(src=source, dst=target) / header / Raw(payload))[20:]

    yield segment(False, "S")
    yield segment(True, "SA")
    yield segment(False, "A")
    yield segment(False, "PA", REQUEST)
    yield segment(True, "A")
    yield segment(True, "PA", REPLY)
    yield segment(False, "A")
    yield segment(False, "FA")
    yield segment(True, "FA")
    yield segment(False, "A")


def esp_null(spi: int, sequence: int, protocol: int, inside: bytes) -> bytes:
    """ESP without its check value: header, payload, padding 1, 2, 3, its length, next header."""
    padding = bytes(range(1, (-len(inside) - 2) % 4 + 1))
    return struct.pack("!II", spi, sequence) + inside + padding + bytes([len(padding), protocol])


def wesp(spi: int, sequence: int, inside: bytes) -> bytes:
    """WESP around it: next header, header length, trailer length, flags."""
    packet = struct.pack("!BBBB", 6, 12, 12, 0) + esp_null(spi, sequence, 6, inside)
    return packet + hmac.new(KEY, packet, hashlib.sha1).digest()[:12]


def wesp_encrypted(spi: int, sequence: int, size: int) -> bytes:
    """WESP whose flags say encrypted: the three lengths are 0, the rest is noise."""
    noise = b"".join(hashlib.sha256(struct.pack("!III", spi, sequence, n)).digest()
                     for n in range(size // 32 + 1))[:size]
    return struct.pack("!BBBBII", 0, 0, 0, 0x20, spi, sequence) + noise


def frame(source: str, target: str, layer) -> Ether:
    """On the wire."""
    return Ether(src=MACS[source], dst=MACS[target]) / IP(src=source, dst=target, **layer[0]) / \
        layer[1]


def make_wesp():
    """Both kinds of WESP."""
    for n, (back, segment) in enumerate(talk(CLIENT01, MP01, 50001), 1):
        ends = (MP01, CLIENT01) if back else (CLIENT01, MP01)
        yield frame(*ends, ({"proto": 141}, Raw(wesp(0xc2000002 if back else 0xc1000001, n,
                                                     segment))))
    for n in range(1, 9):
        ends = (CLIENT02, MP01) if n % 2 else (MP01, CLIENT02)
        yield frame(*ends, ({"proto": 141}, Raw(wesp_encrypted(0xc3000003 + n % 2, n, 120))))


def make_nat():
    """ESP in UDP through a translation, and what keeps it alive."""
    for n, (back, segment) in enumerate(talk(BEHIND, MP01, 50002), 1):
        packet = esp_null(0xc6000006 if back else 0xc5000005, n, 6, segment)
        packet += hmac.new(KEY, packet, hashlib.sha256).digest()[:16]
        ports = {"sport": 4500, "dport": 62465} if back else {"sport": 62465, "dport": 4500}
        ends = (MP01, TRANSLATED) if back else (TRANSLATED, MP01)
        yield frame(*ends, ({}, UDP(**ports) / Raw(packet)))
    yield frame(TRANSLATED, MP01, ({}, UDP(sport=62465, dport=4500) / Raw(b"\xff")))


def payload(following: int, body: bytes) -> bytes:
    """A payload of ISAKMP: which follows, 0, length."""
    return struct.pack("!BBH", following, 0, len(body) + 4) + body


def make_authip():
    """Main mode: Crypto, SA, a vendor id; the answer chooses AES-128, SHA-1 and group 0."""
    def transform(number, last, *attributes):
        body = struct.pack("!BBH", number, 1, 0) + b"".join(
            struct.pack("!HH", 0x8000 | kind, value) for kind, value in attributes)
        return struct.pack("!BBH", 0 if last else 3, 0, len(body) + 4) + body

    def association(*transforms):
        inside = b"".join(transforms)
        proposal = struct.pack("!BBHBBBB", 0, 0, 8 + len(inside), 1, 1, 0, len(transforms))
        return struct.pack("!II", 1, 1) + proposal + inside

    def message(responder, transforms):
        chain = payload(1, struct.pack("!I", 1)) + payload(13, association(*transforms)) + payload(
            0, bytes.fromhex("214ca4faffa7f32d6748e5303395ae83"))
        return struct.pack("!QQBBBBII", 0x1122334455667788, responder, 0x85, 0x10, 243, 0, 0,
                           28 + len(chain)) + chain

    aes = ((1, 7), (14, 128), (2, 2), (4, 0), (11, 1), (12, 28800))
    triple = ((1, 5), (2, 2), (4, 2), (11, 1), (12, 28800))
    asked = message(0, [transform(1, False, *aes), transform(2, True, *triple)])
    answer = message(0x99aabbccddeeff00, [transform(1, True, *aes)])
    for source, target, data in ((CLIENT01, MP01, asked), (MP01, CLIENT01, answer)):
        yield frame(source, target, ({}, UDP(sport=500, dport=500) / Raw(data)))


def main(what: str, path: str) -> None:
    """All packets of a capture, a tenth of a second between them."""
    made = {"wesp": make_wesp, "nat": make_nat, "authip": make_authip}[what]()
    packets = []
    for n, packet in enumerate(made):
        packet.time = BEGIN + n / 10
        packet[IP].id = n + 1
        packets.append(packet)
    wrpcap(path, packets, linktype=1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
