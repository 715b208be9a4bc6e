"""Other captures of the same traffic: what the network, or a worse place to listen, makes of it.

Two kinds: those that hold all bytes (other segment sizes and order, tags) and those that lack some
(lost packets, one direction only, a file or packets cut short).
"""
import struct
from dataclasses import replace

from pcap import FIN, SYN, Packet, Tcp, dump, piece, put_together, take_apart

Capture = list[Packet]


def resegmented(packets: Capture, size: int) -> Capture:
    """Every segment in pieces of this size."""
    result = []
    for packet in packets:
        tcp = take_apart(packet.frame)
        if tcp is None or len(tcp.payload) <= size or tcp.flags & SYN:
            result.append(packet)
            continue
        result += [Packet(packet.seconds, packet.fraction, put_together(piece(tcp, at, size)))
                   for at in range(0, len(tcp.payload), size)]
    return result


def swapped(packets: Capture, size: int = 200) -> Capture:
    """Segments in smaller pieces, each two neighbours of one direction in the wrong order."""
    result = resegmented(packets, size)
    at = 0
    while at + 1 < len(result):
        first, second = take_apart(result[at].frame), take_apart(result[at + 1].frame)
        if first and second and first.payload and second.payload and first.ends == second.ends:
            a, b = result[at], result[at + 1]
            result[at] = replace(b, seconds=a.seconds, fraction=a.fraction)
            result[at + 1] = replace(a, seconds=b.seconds, fraction=b.fraction)
            at += 1
        at += 1
    return result


def repeated(packets: Capture) -> Capture:
    """Every packet twice."""
    return [p for p in packets for _ in (0, 1)]


def tagged(packets: Capture, *tags: int) -> Capture:
    """With VLAN tags, outermost first, given as EtherType << 16 | VLAN."""
    added = b"".join(struct.pack("!I", tag) for tag in tags)
    return [replace(p, frame=p.frame[:12] + added + p.frame[12:],
                    wire_length=(p.wire_length or len(p.frame)) + len(added)) for p in packets]


def without(packets: Capture, number: int) -> Capture:
    """One packet lost."""
    return packets[:number] + packets[number + 1:]


def one_side(packets: Capture, clients: bool) -> Capture:
    """Only what clients sent, or only what servers sent; who sent the first SYN is the client."""
    openers = set()
    for packet in packets:
        tcp = take_apart(packet.frame)
        if tcp and tcp.flags & 0x12 == SYN:
            openers.add(tcp.ends)
    known = {end for ends in openers for end in (ends, ends[::-1])}

    def wanted(tcp: Tcp | None) -> bool:
        if tcp is None:
            return True
        if tcp.ends in known:
            return (tcp.ends in openers) == clients
        # Begun before the capture: the higher port is the client's.
        return (tcp.header[0:2] > tcp.header[2:4]) == clients

    return [p for p in packets if wanted(take_apart(p.frame))]


def snapped(packets: Capture, size: int) -> Capture:
    """Frames cut at a snap length."""
    return [replace(p, frame=p.frame[:size], wire_length=p.wire_length or len(p.frame))
            for p in packets]


def carries(packet: Packet) -> bool:
    """Would its loss be noticed: has it payload, or does it open a connection?"""
    tcp = take_apart(packet.frame)
    return tcp is None or bool(tcp.payload) or bool(tcp.flags & SYN)


def in_order(packets: Capture) -> bool:
    """Does every TCP segment follow the one before it, without holes and repetitions?"""
    expected = {}
    for tcp in filter(None, (take_apart(p.frame) for p in packets)):
        sequence, = struct.unpack_from("!I", tcp.header, 4)
        if tcp.ends in expected and expected[tcp.ends] != sequence:
            return False
        step = len(tcp.payload) + bool(tcp.flags & SYN) + bool(tcp.flags & FIN)
        expected[tcp.ends] = (sequence + step) & 0xFFFFFFFF
    return True


def complete_variants(header: bytes, packets: Capture):
    """(name, file) of variants that hold every byte of the original."""
    yield "segments-1", dump(header, resegmented(packets, 1))
    yield "segments-7", dump(header, resegmented(packets, 7))
    yield "swapped", dump(header, swapped(packets))
    yield "repeated", dump(header, repeated(packets))
    yield "vlan", dump(header, tagged(packets, 0x8100 << 16 | 110))
    yield "qinq", dump(header, tagged(packets, 0x88A8 << 16 | 200, 0x8100 << 16 | 110))


def lossy_variants(header: bytes, packets: Capture, drops: int):
    """(name, file) of variants that lack bytes; drops is how many lost packets to try."""
    worth = [n for n, packet in enumerate(packets) if carries(packet)]
    step = max(1, len(worth) / drops)
    for number in sorted({worth[int(i * step)] for i in range(min(drops, len(worth)))}):
        yield f"dropped-{number}", dump(header, without(packets, number))
    yield "clients-only", dump(header, one_side(packets, True))
    yield "servers-only", dump(header, one_side(packets, False))
    yield "snapped-300", dump(header, snapped(packets, 300))
    whole = dump(header, packets)
    for part in (1, 2, 3):
        yield f"truncated-{part}-of-4", whole[:len(whole) * part // 4]
    yield "truncated-last-byte", whole[:-1]
