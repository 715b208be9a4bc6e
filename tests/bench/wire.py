"""Frames for the generated captures: Ethernet, IPv4 and IPv6, TCP and UDP with right checksums,
and pcap files of them.

A conversation is a generator of (time in microseconds, frame); many of them are interleaved by
time. Checksums are sums of 16-bit words modulo 65,535, for which Python's large integers are
quick: int.from_bytes(bytes) % 65535 is the sum of all words."""
import heapq
import ipaddress
import struct

SYN, FIN, PSH, ACK = 2, 1, 8, 16
TCP, UDP = 6, 17
SEGMENT = 1448  # bytes of data in a full frame of 1514, with time stamps
EPOCH = 1790000000  # of all generated captures, seconds


def words(data):
    """The sum of the 16-bit words of data, modulo 65,535."""
    return int.from_bytes(data if len(data) % 2 == 0 else bytes(data) + b"\0", "big") % 65535


def checksum(total):
    """The checksum of words with this sum."""
    rest = total % 65535
    return ~rest & 0xFFFF if rest else 0


class Host:
    """An address of either family, with the Ethernet address that goes with it."""

    def __init__(self, address):
        self.packed = ipaddress.ip_address(address).packed
        self.mac = b"\x02\x00" + self.packed[-4:]


class Direction:
    """What is the same in all frames from one end of a flow to the other."""

    def __init__(self, source, destination, protocol, source_port, destination_port):
        self.v6 = len(source.packed) == 16
        self.ports = struct.pack(">HH", source_port, destination_port)
        self.addresses = source.packed + destination.packed
        self.link = destination.mac + source.mac + (b"\x86\xdd" if self.v6 else b"\x08\x00")
        self.protocol = protocol
        self.pseudo = words(self.addresses) + protocol + source_port + destination_port
        # version, IHL, TTL 64 and protocol, "do not fragment", addresses
        self.v4_sum = 0x4500 + 0x4000 + (64 << 8 | protocol) + words(self.addresses)
        self.identification = source_port

    def frame(self, transport):
        """A frame of a transport header and its payload."""
        if self.v6:
            return b"".join((self.link, b"\x60\0\0\0", struct.pack(
                ">HBB", len(transport), self.protocol, 64), self.addresses, transport))
        self.identification = (self.identification + 1) & 0xFFFF
        length = len(transport) + 20
        total = self.v4_sum + length + self.identification
        return b"".join((self.link, struct.pack(
            ">BBHHHBBH", 0x45, 0, length, self.identification, 0x4000, 64, self.protocol,
            checksum(total)), self.addresses, transport))

    def udp(self, payload):
        length = len(payload) + 8
        value = checksum(self.pseudo + 2 * length + words(payload)) or 0xFFFF
        return self.frame(self.ports + struct.pack(">HH", length, value) + payload)

    def tcp(self, sequence, acknowledgment, flags, options, payload=b""):
        """A segment; options are padded to 4 bytes already."""
        offset = 20 + len(options) << 10 | flags
        total = (self.pseudo + 20 + len(options) + len(payload) + (sequence >> 16) +
                 (sequence & 0xFFFF) + (acknowledgment >> 16) + (acknowledgment & 0xFFFF) +
                 offset + 0xFAF0 + words(options) + words(payload))
        head = struct.pack(">IIHHHH", sequence, acknowledgment, offset, 0xFAF0, checksum(total), 0)
        return self.frame(b"".join((self.ports, head, options, payload)))


def both_ways(protocol, client, server, client_port, server_port):
    return (Direction(client, server, protocol, client_port, server_port),
            Direction(server, client, protocol, server_port, client_port))


def tcp_flow(rng, ends, start, messages, round_trip, close=True):
    """A TCP connection with its handshake, acknowledgments and end.

    `messages` are (side, bytes, pause before in microseconds), side 0 the client's; `ends` is
    (client, server, client port, server port)."""
    way = both_ways(TCP, *ends)
    sequence = [rng.getrandbits(32), rng.getrandbits(32)]
    now = start
    half = max(round_trip // 2, 1)

    def stamp():
        return b"\1\1\x08\x0a" + struct.pack(">II", now // 1000 & 0xFFFFFFFF, start // 1000)

    def segment(side, flags, payload=b""):
        out = way[side].tcp(sequence[side], sequence[1 - side] if flags & ACK else 0, flags,
                            stamp(), payload)
        sequence[side] = sequence[side] + len(payload) + (flags & 3 != 0) & 0xFFFFFFFF
        return now, out

    mss = b"\2\4\5\xb4\4\2" + b"\x08\x0a" + struct.pack(">II", start // 1000, 0) + b"\1\3\3\7"
    yield now, way[0].tcp(sequence[0], 0, SYN, mss)
    sequence[0] = sequence[0] + 1 & 0xFFFFFFFF
    now += half
    yield now, way[1].tcp(sequence[1], sequence[0], SYN | ACK, mss)
    sequence[1] = sequence[1] + 1 & 0xFFFFFFFF
    now += half
    yield segment(0, ACK)

    for number, (side, data, pause) in enumerate(messages):
        now += pause + half
        unacknowledged = 0
        for at in range(0, len(data), SEGMENT):
            part = data[at:at + SEGMENT]
            last = at + SEGMENT >= len(data)
            again = sequence[side]
            yield segment(side, ACK | PSH if last else ACK, part)
            if rng.random() < 0.0005:  # sent again, as if the acknowledgment had been lost
                now += 3 * round_trip
                yield now, way[side].tcp(again, sequence[1 - side], ACK, stamp(), part)
            now += 12
            unacknowledged += 1
            if unacknowledged == 2:
                unacknowledged = 0
                yield segment(1 - side, ACK)
            if at // SEGMENT % 20 == 19:
                now += half
        answered = number + 1 < len(messages) and messages[number + 1][0] != side
        if unacknowledged and not (answered and messages[number + 1][2] < 40000):
            now += half
            yield segment(1 - side, ACK)
    if close:
        now += half
        yield segment(0, FIN | ACK)
        now += half
        yield segment(1, FIN | ACK)
        now += half
        yield segment(0, ACK)


def udp_flow(ends, start, messages):
    """Datagrams: `messages` as for tcp_flow."""
    way = both_ways(UDP, *ends)
    now = start
    for side, data, pause in messages:
        now += pause
        yield now, way[side].udp(data)


class Capture:
    """A pcap file being written, with microseconds, in this machine's usual byte order."""

    def __init__(self, path, snap=262144):
        self.file = open(path, "wb", 1 << 20)
        self.file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, 1))
        self.snap = snap
        self.bytes, self.packets = 24, 0

    def add(self, time, frame):
        whole, frame = len(frame), frame[:self.snap]
        size = len(frame)
        self.file.write(struct.pack("<IIII", EPOCH + time // 1000000, time % 1000000, size, whole))
        self.file.write(frame)
        self.bytes += size + 16
        self.packets += 1

    def close(self):
        self.file.close()


def interleave(capture, starts):
    """Writes conversations in the order of time. `starts` yields (start time, conversation), the
    earliest first."""
    heap, turn = [], 0
    upcoming = next(starts, None)
    while heap or upcoming:
        while upcoming and (not heap or upcoming[0] <= heap[0][0]):
            first = next(upcoming[1], None)
            if first:
                heapq.heappush(heap, (first[0], turn, first[1], upcoming[1]))
                turn += 1
            upcoming = next(starts, None)
        if not heap:
            continue
        time, order, frame, conversation = heap[0]
        capture.add(time, frame)
        following = next(conversation, None)
        if following:
            heapq.heapreplace(heap, (following[0], order, following[1], conversation))
        else:
            heapq.heappop(heap)
