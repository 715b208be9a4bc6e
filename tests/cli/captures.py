"""Captures made of others, for tests.

deal IN OUT...           deals the packets of IN to the others, one each in turn
halves IN FIRST SECOND   the first half of IN; the packets of the second half without file header
pcapng IN OUT            the same packets in a pcapng file
cut IN OUT BYTES         IN without its last BYTES
later IN OUT SECONDS     the same packets that much later
"""
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cases"))
from pcap import load  # noqa: E402


def packed(packets, shift=0):
    """Packets as in a pcap file of this machine's byte order."""
    return b"".join(struct.pack("=IIII", p.seconds + shift, p.fraction, len(p.frame),
                                p.wire_length or len(p.frame)) + p.frame for p in packets)


def header(whole):
    """A pcap header for packed(); the first bytes of a file tell micro- from nanoseconds."""
    nano = whole[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
    order = "<" if whole[0] in (0x4D, 0xD4) else ">"
    link, = struct.unpack_from(order + "I", whole, 20)
    return struct.pack("=IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)


def block(kind, body):
    """A pcapng block."""
    body += b"\0" * (-len(body) % 4)
    return struct.pack("=II", kind, len(body) + 12) + body + struct.pack("=I", len(body) + 12)


def pcapng(packets):
    """A section with one Ethernet interface in microseconds."""
    out = block(0x0A0D0D0A, struct.pack("=IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("=HHI", 1, 0, 0))
    for p in packets:
        time = p.seconds * 1000000 + p.fraction
        out += block(6, struct.pack("=IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(p.frame),
                                    p.wire_length or len(p.frame)) + p.frame)
    return out


def main(what, source, *targets):
    """Make them."""
    data = Path(source).read_bytes()
    if what == "cut":
        Path(targets[0]).write_bytes(data[:-int(targets[1])])
        return
    packets = load(Path(source))[1]
    top = header(data)
    if what == "deal":
        for i, target in enumerate(targets):
            Path(target).write_bytes(top + packed(packets[i::len(targets)]))
    elif what == "halves":
        half = len(packets) // 2
        Path(targets[0]).write_bytes(top + packed(packets[:half]))
        Path(targets[1]).write_bytes(packed(packets[half:]))
    elif what == "pcapng":
        Path(targets[0]).write_bytes(pcapng(packets))
    elif what == "later":
        Path(targets[0]).write_bytes(top + packed(packets, int(targets[1])))
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
