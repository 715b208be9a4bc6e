#!/usr/bin/python3
"""Makes encapsulated_*.pcap with scapy: one TCP or UDP packet in each encapsulation we read.

Run it in this folder with Debian's python3-scapy. The result does not depend on when or where.
"""
import random

from scapy.all import (AH, ARP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether, GRE, ICMP, IP,
                       IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                       IPv6ExtHdrRouting, LLC, PPP, PPPoE, Raw, SNAP, TCP, UDP, fragment, fragment6,
                       raw)
from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III
from scapy.contrib.geneve import GENEVE
from scapy.contrib.mpls import MPLS
from scapy.layers.inet6 import ICMPv6EchoRequest
from scapy.layers.vxlan import VXLAN
from scapy.utils import RawPcapWriter

random.seed(2)
number = 0


def ether():
    return Ether(src="02:00:00:00:00:02", dst="02:00:00:00:00:01")


def vendor_ether():
    # tshark tells a pseudowire with control word from one without by vendors it knows.
    return Ether(src="00:50:56:00:00:02", dst="00:50:56:00:00:01")


def payload(size=None):
    global number
    number += 1
    return Raw(bytes(random.randrange(256) for _ in range(size or 10 + number % 40)))


def tcp(size=None):
    body = payload(size)
    return TCP(sport=49152 + number, dport=80, seq=1000 * number, ack=7, flags="PA") / body


def udp(size=None):
    body = payload(size)
    return UDP(sport=50000 + number, dport=30000 + number) / body


def inner4(transport=None):
    return IP(src="192.0.2.11", dst="192.0.2.20", id=number) / (transport or tcp())


def inner6(transport=None):
    return IPv6(src="2001:db8:1::11", dst="2001:db8:1::20") / (transport or tcp())


def outer4(**more):
    return IP(src="198.51.100.1", dst="198.51.100.2", id=number, **more)


def outer6(**more):
    return IPv6(src="2001:db8:ff::1", dst="2001:db8:ff::2", **more)


def both(wrap):
    return [wrap(inner4()), wrap(inner6()), wrap(inner4(udp())), wrap(inner6(udp()))]


def plain():
    frames = both(lambda ip: ether() / ip)
    frames += both(lambda ip: ether() / Dot1Q(vlan=110) / ip)
    frames += both(lambda ip: ether() / Dot1AD(vlan=200) / Dot1Q(vlan=110) / ip)
    frames += both(lambda ip: Ether(src="02:00:00:00:00:02", dst="02:00:00:00:00:01", type=0x9100)
                   / Dot1Q(vlan=201) / Dot1Q(vlan=111) / ip)
    frames += [ether() / IP(src="192.0.2.11", dst="192.0.2.20", options=[b"\x94\x04\0\0"]) / tcp()]
    frames += [ether() / inner6(IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / tcp())]
    frames += [ether() / inner6(IPv6ExtHdrRouting(segleft=0) / udp())]
    frames += [ether() / inner6(IPv6ExtHdrFragment(id=9) / tcp())]
    frames += [ether() / ARP(), ether() / inner4(ICMP() / payload()),
               ether() / inner6(ICMPv6EchoRequest(data=b"abc"))]
    frames += both(lambda ip: Ether(src="02:00:00:00:00:02", dst="02:00:00:00:00:01",
                                    type=8 + len(ip)) / LLC(dsap=0xaa, ssap=0xaa, ctrl=3)
                   / SNAP(OUI=0, code=0x800 if IP in ip else 0x86dd) / ip)
    ah = AH(nh=6, payloadlen=4, spi=256, seq=1, icv=b"\0" * 12)
    # TCP with its checksum, which scapy fills in only where IP is directly above.
    frames += [ether() / IP(src="192.0.2.11", dst="192.0.2.20", proto=51) / ah
               / Raw(raw(inner4())[20:])]
    frames += [ether() / IPv6(src="2001:db8:1::11", dst="2001:db8:1::20", nh=51) / ah
               / Raw(raw(inner6())[40:])]
    return frames


def tunnels():
    frames = both(lambda ip: ether() / MPLS(label=16, s=0) / MPLS(label=17, s=1) / ip)
    frames += both(lambda ip: ether() / MPLS(label=16, s=1) 
                   / Raw(b"\0\0\0\1" + raw(vendor_ether() / ip)))
    frames += both(lambda ip: ether() / MPLS(label=16, s=1)
                   / Raw(raw(vendor_ether() / ip)))
    frames += both(lambda ip: ether() / PPPoE(sessionid=1)
                   / PPP(proto=0x21 if IP in ip else 0x57) / ip)
    for outer in outer4, outer6:
        frames += both(lambda ip: ether() / outer() / GRE() / ip)
        frames += both(lambda ip: ether() / outer() / GRE(chksum_present=1, key_present=1,
                                                         seqnum_present=1) / ip)
        frames += both(lambda ip: ether() / outer() / GRE(key_present=1, key=0x138801,
                                                         proto=0x6558) / ether() / ip)
        frames += both(lambda ip: ether() / outer() / GRE(proto=0x8847) / MPLS(s=1) / ip)
        frames += both(lambda ip: ether() / outer() / GRE(proto=0x88be) / Raw(raw(ether() / ip)))
        frames += both(lambda ip: ether() / outer() / GRE(proto=0x88be, seqnum_present=1)
                       / ERSPAN_II(ver=1, vlan=110, session_id=3) / Raw(raw(ether() / ip)))
        frames += both(lambda ip: ether() / outer() / GRE(proto=0x22eb, seqnum_present=1)
                       / ERSPAN_III(ver=2, vlan=110, session_id=3) / Raw(raw(ether() / ip)))
        frames += both(lambda ip: ether() / outer() / UDP(sport=50000, dport=4789)
                       / VXLAN(vni=7, flags=8) / ether() / ip)
        frames += both(lambda ip: ether() / outer() / UDP(sport=50000, dport=6081)
                       / GENEVE(vni=7, proto=0x6558) / ether() / Dot1Q(vlan=120) / ip)
        frames += both(lambda ip: ether() / outer() / ip)
        frames += both(lambda ip: ether() / outer() / UDP(sport=50000, dport=4789)
                       / VXLAN(vni=7, flags=8) / ether() / outer4() / GRE() / outer6() / ip)
    return frames


def fragments():
    frames = []
    for size in 3000, 5000:
        frames += fragment(IP(src="192.0.2.11", dst="192.0.2.20", id=number) / udp(size), 1480)
        frames += reversed(fragment6(IPv6(src="2001:db8:1::11", dst="2001:db8:1::20")
                                     / IPv6ExtHdrFragment(id=number) / udp(size), 1280))
    inside = ether() / inner4(tcp(2000))
    frames += fragment(outer4() / UDP(sport=50000, dport=4789) / VXLAN(vni=7, flags=8) / inside,
                       800)
    return [ether() / frame for frame in frames]


def write(name, link, frames):
    with RawPcapWriter("encapsulated_%s.pcap" % name, linktype=link, nano=False,
                       sync=True) as capture:
        capture._write_header(None)
        for i, frame in enumerate(frames):
            capture._write_packet(raw(frame), sec=1767225600, usec=i, caplen=None, wirelen=None)


def loopback(ip, swap):
    family = (2 if IP in ip else 30).to_bytes(4, "big" if swap else "little")
    return Raw(family + raw(ip))


write("ethernet", 1, plain())
write("tunnels", 1, tunnels())
write("fragments", 1, fragments())
write("sll", 113, both(lambda ip: CookedLinux(proto=0x800 if IP in ip else 0x86dd) / ip))
write("sll2", 276, both(lambda ip: CookedLinuxV2(proto=0x800 if IP in ip else 0x86dd) / ip))
write("raw", 101, both(lambda ip: ip))
write("null", 0, both(lambda ip: loopback(ip, False)))
write("null_swapped", 0, both(lambda ip: loopback(ip, True)))
write("loop", 108, both(lambda ip: loopback(ip, True)))
