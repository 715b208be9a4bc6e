#!/usr/bin/env python3
"""elephant.py OUT [MEBIBYTES [SNAP]]: writes a capture of one large file that is read over SMB 3.

One connection, one session, one file of the package share of a distribution point, read whole in
requests of a mebibyte: 2 GiB of contents by default, in full frames. SNAP cuts each frame after so
many bytes, as a capture with a snap length does. All but the contents is as a client and a server
say it; they are one text over and over."""
import random
import struct
import sys
import time

from wire import Capture, Host, tcp_flow

SEED = 20261126
READ = 1 << 20
CONTENTS = (b"what is in a package, " * (READ // 22 + 1))[:READ]
CLIENT, SERVER = 0, 1
NAME = "PS100001\\image.wim".encode("utf-16le")
SHARE = "\\\\dp01.corp.example\\SMSPKGD$".encode("utf-16le")
FILE = b"\x09" * 16


def message(side, command, number, body, status=0):
    """A message of session 1 and tree 1 in its frame."""
    header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 16, status, command, 16, side, 0,
                         number, 0xFEFF, 1, 1, bytes(16))
    return struct.pack(">I", len(header) + len(body)) + header + body


class Conversation:
    """All messages, made when they are asked for: they do not fit into memory."""

    def __init__(self, reads):
        negotiate = struct.pack("<HHHHI16sIHHH", 36, 1, 1, 0, 0, bytes(16), 0, 0, 0, 0x0302)
        negotiated = struct.pack("<HHHHII", 65, 1, 0x0302, 0, 0, 0) + bytes(48)
        setup = struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, 0, 0)
        tree = struct.pack("<HHHH", 9, 0, 72, len(SHARE)) + SHARE
        create = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x120089, 0, 7, 1, 0x40, 120,
                             len(NAME), 0, 0) + NAME
        size = reads * READ
        created = struct.pack("<HBBI32sQQII", 89, 0, 0, 1, bytes(32), size, size, 0x80, 0) + \
            FILE + bytes(8)
        self.opening = [
            (negotiate, negotiated), (setup, struct.pack("<HHHH", 9, 0, 72, 0)),
            (tree, struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0x1F01FF)), (create, created)]
        self.reads = reads

    def __len__(self):
        return 2 * (len(self.opening) + self.reads + 1)

    def pair(self, number):
        """Command, request and reply."""
        if number < len(self.opening):
            return (0, 1, 3, 5)[number], *self.opening[number]
        if number == len(self.opening) + self.reads:
            return 6, struct.pack("<HHI", 24, 0, 0) + FILE, struct.pack("<H", 60) + bytes(58)
        at = (number - len(self.opening)) * READ
        return (8, struct.pack("<HBBIQ", 49, 0x50, 0, READ, at) + FILE + bytes(17),
                struct.pack("<HBBIII", 17, 80, 0, READ, 0, 0) + CONTENTS)

    def __getitem__(self, index):
        number, side = divmod(index, 2)
        if number > len(self.opening) + self.reads:
            raise IndexError
        command, *bodies = self.pair(number)
        return side, message(side, command, number, bodies[side]), 300


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    began = time.monotonic()
    mebibytes = int(sys.argv[2]) if len(sys.argv) > 2 else 2048
    snap = int(sys.argv[3]) if len(sys.argv) > 3 else 262144
    ends = Host("192.0.2.11"), Host("192.0.2.30"), 40000, 445
    capture = Capture(sys.argv[1], snap)
    for moment, frame in tcp_flow(random.Random(SEED), ends, 0, Conversation(mebibytes), 200):
        capture.add(moment, frame)
    capture.close()
    print("%s: %d bytes, %d packets, %d MiB read, %.0f s" % (
        sys.argv[1], capture.bytes, capture.packets, mebibytes, time.monotonic() - began))


if __name__ == "__main__":
    main()
