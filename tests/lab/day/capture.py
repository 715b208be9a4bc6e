"""TCP conversations as frames, written in packet-time order with right checksums."""
import heapq
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "cases"))
from pcap import FIN, PSH, SYN, Tcp, put_together  # noqa: E402

ACK = 16
SEGMENT = 1460
GAP = 0.00012  # between two packets of one conversation


class CaptureFile:
    """Collects packets, and writes those that no later conversation can come before."""

    def __init__(self, path: Path):
        self.file = path.open("wb")
        self.file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        self.waiting: list[tuple[float, int, bytes]] = []
        self.size, self.packets = 24, 0

    def add(self, time: float, frame: bytes) -> None:
        """Take a packet."""
        self.packets += 1
        heapq.heappush(self.waiting, (time, self.packets, frame))

    def flush(self, until: float = float("inf")) -> None:
        """Write what is older."""
        while self.waiting and self.waiting[0][0] < until:
            time, _, frame = heapq.heappop(self.waiting)
            microseconds = round(time * 1_000_000)
            self.file.write(struct.pack("=IIII", microseconds // 1_000_000,
                                        microseconds % 1_000_000, len(frame), len(frame)) + frame)
            self.size += 16 + len(frame)

    def close(self) -> None:
        """Write the rest."""
        self.flush()
        self.file.close()


class Conversation:
    """One TCP connection from SYN to FIN."""

    def __init__(self, capture: CaptureFile, time: float, client: tuple[str, int],
                 server: tuple[str, int], chance):
        self.capture, self.time = capture, time
        self.ends = [(address(client[0]), client[1]), (address(server[0]), server[1])]
        self.sequence = [chance.getrandbits(31), chance.getrandbits(31)]
        self._send(0, SYN)
        self._send(1, SYN | ACK)
        self._send(0, ACK)

    def _send(self, side: int, flags: int, payload: bytes = b"") -> None:
        (source, sport), (target, dport) = self.ends[side], self.ends[1 - side]
        acknowledged = self.sequence[1 - side] if flags & ACK else 0
        header = struct.pack("!HHIIBBHHH", sport, dport, self.sequence[side], acknowledged,
                             0x50, flags, 64240, 0, 0)
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 0, self.sequence[side] & 0xFFFF, 0x4000, 128, 6,
                         0) + source + target
        link = b"\x02\0" + target + b"\x02\0" + source + b"\x08\0"
        self.capture.add(self.time, put_together(Tcp(link, ip, header, payload)))
        step = len(payload) + bool(flags & (SYN | FIN))
        self.sequence[side] = (self.sequence[side] + step) & 0xFFFFFFFF
        self.time += GAP

    def say(self, side: int, data: bytes) -> None:
        """One side's message: 0 the client's, 1 the server's."""
        for at in range(0, len(data), SEGMENT):
            last = at + SEGMENT >= len(data)
            self._send(side, ACK | (PSH if last else 0), data[at:at + SEGMENT])
            if at // SEGMENT % 2:
                self._send(1 - side, ACK)

    def pause(self, seconds: float) -> None:
        """Nothing for a while."""
        self.time += seconds

    def close(self) -> None:
        """FIN from both sides."""
        self._send(0, FIN | ACK)
        self._send(1, FIN | ACK)
        self._send(0, ACK)


def address(text: str) -> bytes:
    """An IPv4 address as bytes."""
    return bytes(int(part) for part in text.split("."))
