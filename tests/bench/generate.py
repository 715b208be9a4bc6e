#!/usr/bin/env python3
"""generate.py OUT [MEGABYTES]: writes a mixed capture for the benchmark.

At least 20,000 TCP flows in 500 MB and more: TLS, SMB2, ordinary HTTP, SSH, DNS and QUIC, of small
and of bulk flows, and 2 % Configuration Manager over HTTP, interleaved by time, a tenth of it over
IPv6. The same arguments give the same file on every machine with the same Python."""
import random
import struct
import sys
import time

import talk
import talk_configmgr
from wire import Capture, Host, interleave, tcp_flow, udp_flow

SEED = 20261122
DURATION = 100_000_000  # microseconds between the first and the last start of a flow

# name: (conversation, bulk, server port, UDP, share of the bytes in %)
KINDS = {
    "mp": (talk_configmgr.management_point, False, 80, False, 1.2),
    "dp": (talk_configmgr.distribution_point, False, 80, False, 0.8),
    "tls": (talk.tls, False, 443, False, 22.0),
    "tls bulk": (talk.tls, True, 443, False, 22.0),
    "smb2": (talk.smb2, False, 445, False, 9.0),
    "smb2 bulk": (talk.smb2, True, 445, False, 10.0),
    "web": (talk.web, False, 80, False, 7.0),
    "web bulk": (talk.web, True, 80, False, 8.0),
    "ssh": (talk.ssh, False, 22, False, 14.0),
    "dns": (talk.dns, False, 53, True, 1.0),
    "quic": (talk.quic, False, 443, True, 2.0),
    "quic bulk": (talk.quic, True, 443, True, 3.0),
}


def cost(messages, udp):
    """About how many bytes of a capture file these messages become."""
    if udp:
        return sum(len(data) + 58 for _, data, _ in messages)
    frames = 9 + sum(len(data) * 3 // 2 // 1448 + 2 for _, data, _ in messages)
    return frames * 82 + sum(len(data) for _, data, _ in messages)


class Mix:
    """Chooses what comes next, so that each kind keeps its share of the bytes."""

    def __init__(self, target):
        self.rng = random.Random(SEED)
        self.noise = talk.Noise(self.rng)
        self.target = target
        self.bytes = dict.fromkeys(KINDS, 0)
        self.flows = dict.fromkeys(KINDS, 0)

    def hosts(self, name):
        v6 = self.rng.random() < 0.1
        client = self.rng.randrange(1, 4000)
        server = {"mp": 20, "dp": 30}.get(name) or 40 + self.rng.randrange(200)
        if v6:
            return Host("2001:db8:1::%x" % client), Host("2001:db8:2::%x" % server)
        return Host("198.18.%d.%d" % (client >> 8, client & 255)), Host("192.0.2.%d" % server)

    def flow(self, start):
        """The conversation furthest behind its share."""
        name = max(KINDS, key=lambda kind: KINDS[kind][4] * (sum(self.bytes.values()) + 1) / 100
                   - self.bytes[kind])
        speak, bulk, port, udp, _ = KINDS[name]
        messages = list(speak(self.rng, self.noise, bulk))
        self.bytes[name] += cost(messages, udp)
        self.flows[name] += 1
        ends = (*self.hosts(name), self.rng.randrange(1024, 65536), port)
        if udp:
            return udp_flow(ends, start, messages)
        return tcp_flow(self.rng, ends, start, messages, self.rng.randrange(200, 20000))

    def starts(self):
        while sum(self.bytes.values()) < self.target:
            start = DURATION * sum(self.bytes.values()) // self.target
            yield start, self.flow(start + self.rng.randrange(1000))


def background(rng):
    """ARP requests and ICMP errors, as there always are some."""
    for number in range(2000):
        now = number * (DURATION // 2000)
        address = struct.pack(">I", 0xC6120000 | rng.randrange(65536))
        yield now, (b"\xff" * 6 + b"\2\0" + address + b"\x08\6\0\1\x08\0\6\4\0\1\2\0" + address +
                    address + bytes(6) + b"\xc0\0\2\1").ljust(60, b"\0")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    began = time.monotonic()
    mix = Mix(int(sys.argv[2] if len(sys.argv) > 2 else 640) * 1_000_000)
    capture = Capture(sys.argv[1])

    def starts():
        yield 0, background(random.Random(SEED))
        yield from mix.starts()

    interleave(capture, starts())
    capture.close()
    print("%s: %d bytes, %d packets of %.0f bytes on average, %d TCP flows, %.0f s" % (
        sys.argv[1], capture.bytes, capture.packets, capture.bytes / capture.packets - 16,
        sum(flows for kind, flows in mix.flows.items() if not KINDS[kind][3]),
        time.monotonic() - began))
    total = sum(mix.bytes.values())
    for kind, flows in mix.flows.items():
        print("  %-10s %6d flows, %4.1f %% of the bytes" % (
            kind, flows, 100 * mix.bytes[kind] / total))


if __name__ == "__main__":
    main()
