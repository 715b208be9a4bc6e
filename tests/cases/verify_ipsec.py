#!/usr/bin/python3
"""Compares what cmtap tells of IKE, ESP, AH and WESP with what tshark reads, field by field.

Of every first exchange: version, kind, SPIs, vendor ids, transforms offered and chosen, notifications.
Of later exchanges: kind and message id. Of associations: their SPIs. Numbers are named here a second
time, from IANA's registries; the name of a vendor id must have it as its MD5.
"""
import argparse
import hashlib
import json
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import shark

TOP = Path(__file__).parents[2]
SHARED = TOP.parent / "shared/captures"
EXCHANGES = {2: "main-mode", 4: "aggressive-mode", 5: "informational", 32: "quick-mode",
             34: "ike-sa-init", 35: "ike-auth", 36: "create-child-sa", 37: "informational",
             243: "authip-main-mode", 244: "authip-quick-mode", 245: "authip-extended-mode"}
FIRST = {2, 4, 34, 243}
ENCRYPTION_1 = {1: "des-cbc", 5: "3des-cbc", 7: "aes-cbc", 8: "camellia-cbc"}
HASH_1 = {1: "md5", 2: "sha1", 4: "sha2-256", 5: "sha2-384", 6: "sha2-512"}
AUTHENTICATION_1 = {1: "psk", 3: "rsa-signature", 65001: "xauth-psk"}
ENCRYPTION_2 = {2: "des-cbc", 3: "3des-cbc", 11: "null", 12: "aes-cbc", 13: "aes-ctr",
                18: "aes-gcm-8", 19: "aes-gcm-12", 20: "aes-gcm-16", 28: "chacha20-poly1305"}
PRF_2 = {1: "hmac-md5", 2: "hmac-sha1", 4: "aes128-xcbc", 5: "hmac-sha2-256",
         6: "hmac-sha2-384", 7: "hmac-sha2-512", 8: "aes128-cmac"}
INTEGRITY_2 = {0: "none", 1: "hmac-md5-96", 2: "hmac-sha1-96", 5: "aes-xcbc-96", 8: "aes-cmac-96",
               12: "hmac-sha2-256-128", 13: "hmac-sha2-384-192", 14: "hmac-sha2-512-256"}
GROUPS = {0: "none", 1: "modp-768", 2: "modp-1024", 5: "modp-1536", 14: "modp-2048",
          15: "modp-3072", 16: "modp-4096", 19: "ecp-256", 20: "ecp-384", 21: "ecp-521",
          22: "modp-1024-160", 31: "x25519"}
NOTIFY_1 = {14: "no-proposal-chosen", 24576: "responder-lifetime", 24578: "initial-contact"}
NOTIFY_2 = {14: "no-proposal-chosen", 17: "invalid-ke-payload", 16388: "nat-detection-source-ip",
            16389: "nat-detection-destination-ip", 16390: "cookie",
            16404: "multiple-auth-supported", 16406: "redirect-supported",
            16418: "childless-ikev2-supported", 16430: "ikev2-fragmentation-supported",
            16431: "signature-hash-algorithms"}
# Ids that are no MD5 of anything: dead peer detection (RFC 3706), XAUTH.
CONSTANTS = {"Dead Peer Detection": "afcad71368a1f1c96b8696fc77570100", "XAUTH": "09002689dfd6b712"}
KEYED = {7, 8, 12, 13, 14, 15, 16, 18, 19, 20, 23}  # ciphers whose key length is told
FIELDS = ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "isakmp.ispi", "isakmp.rspi",
          "isakmp.version", "isakmp.exchangetype", "isakmp.messageid", "isakmp.typepayload",
          "isakmp.vid_bytes", "isakmp.ike.attr.encryption_algorithm",
          "isakmp.ike.attr.key_length", "isakmp.ike.attr.hash_algorithm",
          "isakmp.ike.attr.group_description", "isakmp.ike.attr.authentication_method",
          "isakmp.tf.id.encr", "isakmp.ike2.attr.key_length", "isakmp.tf.id.integ",
          "isakmp.tf.id.prf", "isakmp.tf.id.dh", "isakmp.notify.msgtype")
NOBODY = "0000000000000000"


def many(text: str) -> list[str]:
    """The values of one field of a frame."""
    return [part for part in text.split(shark.SEVERAL) if part]


def numbers(text: str) -> list[int]:
    """The same, as numbers."""
    return [int(part, 0) for part in many(text)]


def named(text: str, names: dict[int, str]) -> list[str]:
    """Each once, in order, by name; by number where the registry above has none."""
    return list(dict.fromkeys(names.get(n, str(n)) for n in numbers(text)))


def ciphers(ids: list[int], lengths: list[int], names: dict[int, str]) -> list[str]:
    """With their key lengths, which only some have."""
    left, found = iter(lengths), []
    for number in ids:
        length = next(left, None) if number in KEYED else None
        found.append(names.get(number, str(number)) + (f"-{length}" if length else ""))
    return list(dict.fromkeys(found))


def proposals(m: dict[str, str]) -> dict[str, list[str]]:
    """What a message offers or chooses, under the names of fields.md."""
    if m["isakmp.version"] == "0x20":
        found = {"encryption": ciphers(numbers(m["isakmp.tf.id.encr"]),
                                       numbers(m["isakmp.ike2.attr.key_length"]), ENCRYPTION_2),
                 "integrity": named(m["isakmp.tf.id.integ"], INTEGRITY_2),
                 "prf": named(m["isakmp.tf.id.prf"], PRF_2),
                 "group": named(m["isakmp.tf.id.dh"], GROUPS)}
    else:
        found = {"encryption": ciphers(numbers(m["isakmp.ike.attr.encryption_algorithm"]),
                                       numbers(m["isakmp.ike.attr.key_length"]), ENCRYPTION_1),
                 "integrity": named(m["isakmp.ike.attr.hash_algorithm"], HASH_1),
                 "group": named(m["isakmp.ike.attr.group_description"], GROUPS),
                 "authentication": named(m["isakmp.ike.attr.authentication_method"],
                                         AUTHENTICATION_1)}
    return {name: values for name, values in found.items() if values}


def messages(capture: Path) -> list[dict[str, str]]:
    """All messages of IKE."""
    return [dict(zip(FIELDS, row)) for row in shark.rows(capture, "isakmp", *FIELDS)]


def first_exchanges(capture: Path) -> dict[str, dict]:
    """Facts of each first exchange, by the initiator's SPI."""
    found, client = {}, {}
    for m in messages(capture):
        spi, kind = m["isakmp.ispi"], int(m["isakmp.exchangetype"])
        sender = m["ip.src"] or m["ipv6.src"]
        if kind == 5 and spi in found and many(m["isakmp.notify.msgtype"]):
            found[spi].update(answered=True, responder_spi=m["isakmp.rspi"],
                              notify=named(m["isakmp.notify.msgtype"], NOTIFY_1))
        if kind not in FIRST or int(m["isakmp.messageid"], 0):
            continue
        client.setdefault(spi, sender)
        facts = found.setdefault(spi, {"exchange": EXCHANGES[kind], "vendors": []})
        facts["version"] = "2.0" if m["isakmp.version"] == "0x20" else "1.0"
        if sender == client[spi] and "offered" not in facts:
            facts["offered"] = proposals(m)
            facts["vendors"] += many(m["isakmp.vid_bytes"])
        elif sender == client[spi] and facts.get("notify") in (["invalid-ke-payload"], ["cookie"]):
            # Asked to ask in another way: that is what is answered in the end.
            for name in ("answered", "notify", "responder_spi", "chosen"):
                facts.pop(name, None)
            facts["offered"], facts["vendors"] = proposals(m), many(m["isakmp.vid_bytes"])
        elif sender != client[spi] and "answered" not in facts:
            facts["answered"] = True
            facts["responder_spi"] = m["isakmp.rspi"]
            facts["vendors"] += many(m["isakmp.vid_bytes"])
            chosen = {n: v[0] for n, v in proposals(m).items()}
            if chosen:
                facts["chosen"] = chosen
            facts["notify"] = named(m["isakmp.notify.msgtype"],
                                    NOTIFY_2 if m["isakmp.version"] == "0x20" else NOTIFY_1)
    return found


def vendor_fits(told: str, read: str) -> bool:
    """A vendor id by its name, or by its bytes."""
    if told in CONSTANTS:
        return read.startswith(CONSTANTS[told])
    return read == told.lower() or any(
        read.startswith(hashlib.md5(text.encode()).hexdigest())
        for text in (told, told + "\n", told.partition(" (")[0]))


def complaints_of_exchange(event: dict, facts: dict):
    """Where the event of a first exchange differs."""
    ike = event["configmgr"]["ike"]
    for name in ("version", "exchange"):
        if ike[name] != facts[name]:
            yield f"{name} is {ike[name]}, tshark reads {facts[name]}"
    if ike.get("offered", {}) != facts.get("offered", {}):
        yield f"offered is {ike.get('offered')}, tshark reads {facts.get('offered')}"
    vendors = list(dict.fromkeys(facts["vendors"])) if ike["outcome"] != "unanswered" else None
    if vendors is not None:
        told = ike.get("vendors", [])
        for read in vendors:
            if not any(vendor_fits(t, read) for t in told):
                yield f"vendor {read} is not among {told}"
        for name in told:
            if not any(vendor_fits(name, read) for read in vendors):
                yield f"vendor {name!r} is none that tshark reads: {vendors}"
    if ike["outcome"] == "unanswered":
        return
    if ike.get("responder_spi", NOBODY) != facts.get("responder_spi", NOBODY):
        yield f"responder_spi is {ike.get('responder_spi')}, tshark reads {facts['responder_spi']}"
    chosen = {n: v for n, v in ike.get("chosen", {}).items() if n != "lifetime"}
    if chosen != facts.get("chosen", {}):
        yield f"chosen is {chosen}, tshark reads {facts.get('chosen')}"
    if ike.get("notify", []) != facts.get("notify", []):
        yield f"notify is {ike.get('notify')}, tshark reads {facts.get('notify')}"


def associations(capture: Path) -> Counter:
    """Packets by SPI of ESP, AH and WESP that are not inside another one."""
    found = Counter()
    for row in shark.rows(capture, "esp || ah", "esp.spi", "ah.spi"):
        esp, ah = many(row[0]), many(row[1])
        found.update(ah[:1] or esp[:1])
        found.update(esp[:1] if ah else [])
    # tshark does not read WESP: four bytes, perhaps four of padding, then ESP (RFC 5840).
    for (data,) in shark.rows(capture, "ip.proto == 141", "data.data"):
        packet = bytes.fromhex(data.replace(":", ""))
        at = 8 if packet[3] & 0x10 else 4
        found["0x" + packet[at:at + 4].hex()] += 1
    return found


def check(job) -> tuple[str, int, list[str]]:
    """Name, number of events and complaints of one capture."""
    capture, binary = job
    name = capture.parent.name if capture.name == "capture.pcap" else capture.stem
    done = subprocess.run([binary, "read", "-q", "-e", str(capture)], check=True,
                          stdout=subprocess.PIPE, timeout=120)
    events = [d for d in map(json.loads, done.stdout.splitlines())
              if d["event"].get("dataset") == "configmgr.ipsec"]
    firsts, complaints, seen = first_exchanges(capture), [], defaultdict(set)
    for event in events:
        ike = event["configmgr"].get("ike")
        if not ike:
            continue
        seen[ike["initiator_spi"]].add((ike["exchange"], ike["message_id"]))
        if ike["message_id"] == 0:
            facts = firsts.get(ike["initiator_spi"])
            complaints += list(complaints_of_exchange(event, facts)) if facts else [
                f"tshark reads no exchange of {ike['initiator_spi']}"]
    wanted = defaultdict(set)
    for m in messages(capture):
        # Informational ones are not told, but as the answer to what they refuse.
        if int(m["isakmp.exchangetype"]) in (5, 37):
            continue
        wanted[m["isakmp.ispi"]].add((EXCHANGES[int(m["isakmp.exchangetype"])],
                                      int(m["isakmp.messageid"], 0)))
    for spi in wanted.keys() | seen.keys():
        if wanted[spi] != seen[spi]:
            complaints.append(f"exchanges of {spi} are {sorted(seen[spi])}, "
                              f"tshark reads {sorted(wanted[spi])}")
    told = {spi for d in events for spi in d["configmgr"].get("ipsec", {}).get("spi", [])}
    packets = associations(capture)
    complaints += [f"tshark reads no SPI {spi}" for spi in told - packets.keys()]
    complaints += [f"SPI {spi} of {n} packets is not told" for spi, n in packets.items()
                   if n > 3 and spi not in told]
    return name, len(events), complaints


def main() -> int:
    """Compare all captures that hold IPsec."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=str(TOP / "build/cmtap"))
    parser.add_argument("-k", default="", help="only captures whose name holds this")
    options = parser.parse_args()
    captures = [c for c in [*sorted(TOP.glob("pcaps/ip*sec-*/capture.pcap")),
                            *sorted(TOP.glob("pcaps/ike-*/capture.pcap")),
                            *sorted(TOP.glob("pcaps/*-not-esp/capture.pcap")),
                            *sorted(SHARED.glob("ike*.pcap"))]
                if options.k in str(c)]
    failed = total = 0
    with ThreadPoolExecutor(2) as pool:
        for name, count, complaints in pool.map(check, ((c, options.binary) for c in captures)):
            print(f"{'not ok' if complaints else 'ok'} {name}, {count} events")
            for complaint in complaints[:8]:
                print(f"  # {complaint}")
            failed, total = failed + bool(complaints), total + count
    print(f"{len(captures) - failed} passed, {failed} failed; {total} events")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
