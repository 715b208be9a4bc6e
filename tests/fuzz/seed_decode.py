#!/usr/bin/python3
"""Makes the seeds of fuzz_decode from captures: seed_decode.py FOLDER CAPTURE...

A seed holds frames of one capture, each behind its length: the first of each chain of protocols that
tshark sees down to the transport, and all fragments, as far as a seed may grow. What an earlier
capture has shown is left out.
"""
import os
import struct
import subprocess
import sys

LINKS = [1, 113, 276, 101, 0, 108, 12, 228, 147]
SEED_BYTES = 4000
ENDS = ("tcp", "udp", "icmp", "icmpv6", "esp", "arp", "llc", "igmp")


def frames_of(capture):
    data = open(capture, "rb").read()
    if data[:4] != b"\xd4\xc3\xb2\xa1":
        sys.exit("%s: not a little-endian pcap file" % capture)
    link, at, frames = struct.unpack_from("<I", data, 20)[0], 24, []
    while at + 16 <= len(data):
        captured = struct.unpack_from("<I", data, at + 8)[0]
        frames.append(data[at + 16:at + 16 + captured])
        at += 16 + captured
    return link, frames


def chains_of(capture):
    lines = subprocess.run(["tshark", "-n", "-r", capture, "-T", "fields", "-e", "frame.protocols"],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    for line in lines:
        names = line.split(":")
        last = max((i for i, name in enumerate(names) if name in ENDS), default=len(names))
        yield tuple(names[:last + 1])


def main(folder, *captures):
    os.makedirs(folder, exist_ok=True)
    seen = set()
    for capture in captures:
        link, frames = frames_of(capture)
        seeds, size = [[]], 0
        for frame, chain in zip(frames, chains_of(capture)):
            fragment = chain[-1] == "data"
            if (link, chain) in seen and not (fragment and len(seeds) < 3):
                continue
            seen.add((link, chain))
            if size + len(frame) > SEED_BYTES:
                seeds.append([])
                size = 0
            seeds[-1].append(frame)
            size += len(frame)
        for number, seed in enumerate(seed for seed in seeds if seed):
            name = "%s_%d" % (os.path.splitext(os.path.basename(capture))[0], number)
            body = b"".join(struct.pack(">H", len(frame)) + frame for frame in seed)
            with open(os.path.join(folder, name), "wb") as file:
                file.write(bytes([LINKS.index(link), 0]) + body)


main(*sys.argv[1:])
