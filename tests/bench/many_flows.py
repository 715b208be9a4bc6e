#!/usr/bin/env python3
"""many_flows.py OUT [FLOWS]: writes a capture of very many flows that never end, for the check that
memory stays below the configured cap.

A million distinct flows by default, in a minute of packet time, of four kinds in turn: a connection
attempt without an answer, a connection with half a request to a management point, a DNS query, and
data of a connection whose start is not in the capture. Each packet of a flow comes after all first
packets of the thousand flows around it."""
import random
import sys
import time

from wire import ACK, PSH, SYN, TCP, UDP, Capture, Host, both_ways

SEED = 20261122
DURATION = 60_000_000
GROUP = 1000  # flows whose packets are interleaved
REQUEST = (b"GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: CM01.corp.example\r\n"
           b"User-Agent: SMS CCM 5.0\r\n")
QUERY = (b"\0\7\1\0\0\1\0\0\0\0\0\0\x0b_mssms_mp_c\x04_tcp\x04corp\x07example\0\0\x21\0\1")


def flow(rng, number, servers):
    """The frames of flow `number`: its client address and port are its own."""
    client = Host("198.%d.%d.%d" % (18 + (number >> 16 & 1), number >> 8 & 255, number & 255))
    port = 1024 + (number >> 17) * 4099 % 60000
    kind = number % 4
    sequence, other = rng.getrandbits(32), rng.getrandbits(32)
    if kind == 2:
        return [both_ways(UDP, client, servers[0], port, 53)[0].udp(QUERY)]
    there, back = both_ways(TCP, client, servers[number // 4 % len(servers)], port,
                            (80, 80, 0, 445)[kind])
    if kind == 3:
        return [there.tcp(sequence, other, ACK | PSH, b"", bytes(40)),
                back.tcp(other, sequence + 40 & 0xFFFFFFFF, ACK, b"")]
    syn = there.tcp(sequence, 0, SYN, b"\2\4\5\xb4")
    if kind == 0:
        return [syn]
    sequence = sequence + 1 & 0xFFFFFFFF
    return [syn, back.tcp(other, sequence, SYN | ACK, b"\2\4\5\xb4"),
            there.tcp(sequence, other + 1 & 0xFFFFFFFF, ACK | PSH, b"", REQUEST)]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    began = time.monotonic()
    flows = int(sys.argv[2] if len(sys.argv) > 2 else 1_000_000)
    rng = random.Random(SEED)
    servers = [Host("192.0.2.%d" % (20 + i)) for i in range(8)]
    capture = Capture(sys.argv[1])
    for start in range(0, flows, GROUP):
        group = [flow(rng, number, servers) for number in range(start, min(start + GROUP, flows))]
        base = DURATION * start // flows
        for step in range(3):
            for place, frames in enumerate(group):
                if step < len(frames):
                    capture.add(base + step * 5000 + place, frames[step])
    capture.close()
    print("%s: %d bytes, %d packets, %d flows, %.0f s" % (
        sys.argv[1], capture.bytes, capture.packets, flows, time.monotonic() - began))


if __name__ == "__main__":
    main()
