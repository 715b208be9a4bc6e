"""Classic pcap files, and the TCP packets in them: read, taken apart, put together with right sums.

Ethernet with VLAN tags, IPv4 and IPv6 without extension headers, TCP. Everything else is passed on
as it is.
"""
import array
import struct
import sys
from dataclasses import dataclass, replace
from pathlib import Path

TAGS = (0x8100, 0x88A8)
FIN, SYN, PSH = 1, 2, 8


@dataclass(frozen=True)
class Packet:
    """A captured frame."""
    seconds: int
    fraction: int
    frame: bytes
    wire_length: int = 0


@dataclass(frozen=True)
class Tcp:
    """A frame that holds TCP, in parts."""
    link: bytes      # Ethernet header with its tags
    ip: bytes        # IP header
    header: bytes    # TCP header with options
    payload: bytes

    @property
    def six(self) -> bool:
        """IPv6?"""
        return self.ip[0] >> 4 == 6

    @property
    def ends(self) -> tuple:
        """Source and destination, each an address and a port."""
        first, size = (8, 16) if self.six else (12, 4)
        return ((self.ip[first:first + size], self.header[0:2]),
                (self.ip[first + size:first + 2 * size], self.header[2:4]))

    @property
    def flags(self) -> int:
        """TCP flags."""
        return self.header[13]


def load(path: Path) -> tuple[bytes, list[Packet]]:
    """File header and packets; raises ValueError for anything but classic pcap."""
    data = path.read_bytes()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">",
             b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}.get(data[:4])
    if order is None:
        raise ValueError(f"{path} is no pcap file")
    packets, place = [], 24
    while place + 16 <= len(data):
        seconds, fraction, size, wire = struct.unpack_from(order + "IIII", data, place)
        packets.append(Packet(seconds, fraction, data[place + 16:place + 16 + size], wire))
        place += 16 + size
    # From here on everything is written in our own byte order.
    magic = struct.unpack(order + "I", data[:4])[0]
    rest = struct.unpack(order + "HHiIII", data[4:24])
    return struct.pack("=IHHiIII", magic, *rest), packets


def dump(header: bytes, packets: list[Packet]) -> bytes:
    """A file of these packets."""
    return header + b"".join(
        struct.pack("=IIII", p.seconds, p.fraction, len(p.frame), p.wire_length or len(p.frame))
        + p.frame for p in packets)


def take_apart(frame: bytes) -> Tcp | None:
    """The parts of a TCP frame; None when it is none, a fragment, or has an impossible header."""
    place = 12
    while frame[place:place + 2] and struct.unpack_from("!H", frame, place)[0] in TAGS:
        place += 4
    kind, = struct.unpack_from("!H", frame, place)
    start = place + 2
    if kind == 0x0800:
        size, total = (frame[start] & 15) * 4, struct.unpack_from("!H", frame, start + 2)[0]
        fragment, = struct.unpack_from("!H", frame, start + 6)
        if frame[start + 9] != 6 or fragment & 0x3FFF:
            return None
    elif kind == 0x86DD:
        size, total = 40, 40 + struct.unpack_from("!H", frame, start + 4)[0]
        if frame[start + 6] != 6:
            return None
    else:
        return None
    tcp = start + size
    data = tcp + (frame[tcp + 12] >> 4) * 4
    if data < tcp + 20:
        return None
    return Tcp(frame[:start], frame[start:tcp], frame[tcp:data], frame[data:start + total])


def checksum(data: bytes) -> int:
    """The Internet checksum."""
    words = array.array("H", data + b"\0" if len(data) & 1 else data)
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~(total if sys.byteorder == "big" else (total >> 8) | (total & 0xFF) << 8) & 0xFFFF


def put_together(tcp: Tcp) -> bytes:
    """The frame of these parts, with lengths and checksums made anew."""
    length = len(tcp.header) + len(tcp.payload)
    if tcp.six:
        ip = tcp.ip[:4] + struct.pack("!H", length) + tcp.ip[6:]
        pseudo = ip[8:40] + struct.pack("!II", length, 6)
    else:
        ip = tcp.ip[:2] + struct.pack("!H", len(tcp.ip) + length) + tcp.ip[4:10] + b"\0\0" + (
            tcp.ip[12:])
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        pseudo = ip[12:20] + struct.pack("!HH", 6, length)
    header = tcp.header[:16] + b"\0\0" + tcp.header[18:]
    total = checksum(pseudo + header + tcp.payload)
    return tcp.link + ip + header[:16] + struct.pack("!H", total) + header[18:] + tcp.payload


def piece(tcp: Tcp, start: int, size: int) -> Tcp:
    """A segment of part of the payload; PSH and FIN stay with the last one."""
    payload = tcp.payload[start:start + size]
    sequence = (struct.unpack_from("!I", tcp.header, 4)[0] + start) & 0xFFFFFFFF
    flags = tcp.flags if start + size >= len(tcp.payload) else tcp.flags & ~(FIN | PSH)
    header = tcp.header[:4] + struct.pack("!I", sequence) + tcp.header[8:13] + bytes([flags]) + (
        tcp.header[14:])
    return replace(tcp, header=header, payload=payload)
