"""Why a capture makes a flood alert, counted a second time by tshark and on purpose without cmtap.

The thresholds are those of docs/floods.md, or of the overrides that a case brings. Each function
yields (rule, client, server); the client is empty where many sources did it together.
"""
import ipaddress
import re
import sys
from collections import defaultdict
from pathlib import Path

import yaml
from reasons import Broken, Seen
from shark import rows

sys.path.insert(0, str(Path(__file__).parents[1] / "lab"))
from configmgr import framing  # noqa: E402

LIBRARY = re.compile(r"/sms_dp_smspkg[a-z]?\$/(pkglib|datalib|filelib)", re.I)
SMB_LIBRARY = re.compile(r"(pkglib|datalib|filelib)(\\|$)", re.I)
ROLE = re.compile(r"/(sms_mp|sms_dp_smspkg|sms_fsp|ccm_system|ccm_incoming)", re.I)
INVENTORY_ACTION = re.compile(r"<InventoryActionID>(\{[^}]*\})")
OTHERS = ("MP_ClientRegistration", "MP_RelayEndpoint", "MP_StatusManager", "MP_HinvEndpoint",
          "MP_SinvEndpoint", "MP_SinvCollFileEndpoint", "MP_DdrEndpoint")
UPLOADS = OTHERS[3:]
UPLOAD = 20 * 1024 * 1024


def reached(times: list[float], count: int, span: float) -> bool:
    """Do so many of these times lie within the span?"""
    times = sorted(times)
    return any(times[i + count - 1] - times[i] <= span for i in range(len(times) - count + 1))


# What needs the roles of servers, which are not known without a site file until they were seen at work.
ROLES = ("syn-flood", "connection-flood", "fragment-flood", "malformed-packet", "bandwidth-flood",
         "bandwidth-flood-packets", "policy-request-flood-distributed",
         "registration-flood-distributed")
# Of many sources where nothing is learned yet: threshold, span, how many a second.
MANY = {"http-request-flood-distributed": (3000, 30, 1000),
        "policy-request-flood-distributed": (3000, 300, 300),
        "registration-flood-distributed": (200, 600, 20),
        "status-flood-distributed": (1000, 600, 100)}


def thresholds_of(case: Path) -> dict[str, int]:
    """What a case's overrides say."""
    file = case / "overrides.yml"
    changed = yaml.safe_load(file.read_text()) if file.exists() else {}
    return {rule: about["threshold"] for rule, about in changed.items()}


def networks_of(site: Path) -> dict[str, set[str]]:
    """Addresses that the site file lists as shared, or for imaging."""
    named = yaml.safe_load(site.read_text()).get("networks", {})
    return {name: {str(a) for n in networks for a in ipaddress.ip_network(n)}
            for name, networks in named.items()}


def servers_of(site: Path) -> set[str]:
    """Addresses of the listed servers."""
    return {str(a) for s in yaml.safe_load(site.read_text())["sites"] for server in s["servers"]
            for a in server["addresses"]}


def readable(transactions) -> list[Seen]:
    """Those that do not break their format."""
    found = []
    for t in transactions:
        seen = Seen(t)
        try:
            assert seen.request and seen.reply and seen.policy_text is not None
        except Broken:
            continue
        found.append(seen)
    return found


def packets_of(capture: Path) -> list[list[str]]:
    """What of every frame is needed here, read once."""
    return rows(capture, "frame", "frame.number", "frame.time_epoch", "ip.src", "ip.dst",
                "tcp.stream", "tcp.flags", "tcp.bogus_header_length", "ip.id", "ip.flags.mf",
                "ip.frag_offset", "frame.len")


def flood_reasons(capture: Path, site: Path, transactions):
    """With the site file, and without it, where nothing is known of networks."""
    packets, seen = packets_of(capture), readable(transactions)
    changed = thresholds_of(capture.parent)
    times = {int(packet[0]): float(packet[1]) for packet in packets}
    of_wire = list(of_packets(packets, servers_of(site)))
    of_wire += of_volume(packets, servers_of(site), changed)
    of_wire += of_many(transactions, times, changed)
    return [of_wire + list(of_transactions(seen, times, networks, changed))
            for networks in (networks_of(site), {})]


def size_of(seen) -> int:
    """What an upload has, or says it has."""
    total = re.search(r"/(\d+)$", seen.t.headers.get("content-range", ""))
    return max(len(seen.t.body), int(total[1]) if total else 0)


def smsid(seen) -> str:
    """Who the message says it is from."""
    return framing.element(seen.request[0], "SourceID")


def counted(seen):
    """(rule, what is grouped by beside client and server, threshold, span, distinct value)."""
    path, status = seen.path.split("?")[0].lower(), seen.t.status
    endpoint, text = seen.endpoint, seen.request[1]
    if not status:
        return
    if ROLE.match(path) and status != 206 and not ("/.sms_pol" in path and status == 200):
        yield "http-request-flood", ("path", path), 600, 30, None
    if ROLE.match(path) and status >= 400 and status not in (401, 407):
        yield "http-request-flood-failing", (), 600, 30, None
    if seen.t.method == "CCM_POST" and endpoint not in OTHERS:
        yield "policy-request-flood", (), 600, 300, None
    if 'RequestType="Always"' in text:
        yield "policy-request-flood-full", (smsid(seen),), 30, 3600, None
    if endpoint == "MP_ClientRegistration" and 'RequestType="Registration"' in text:
        yield "registration-flood", (), 30, 3600, None
    if path == "/sms_fsp/.sms_fsp" or endpoint in ("MP_RelayEndpoint", "MP_StatusManager"):
        yield "status-flood", (), 200, 600, None
    if INVENTORY_ACTION.search(text):
        yield "inventory-flood", (smsid(seen), INVENTORY_ACTION.search(text)[1]), 5, 86400, None
    if endpoint == "MP_PolicyManager" or "/.sms_pol" in path:
        yield "bulk-policy-harvest", (), 50, 3600, smsid(seen)
    if "/.sms_pol" in path:
        yield "bulk-policy-harvest-bodies", (), 1000, 3600, seen.t.target
    if seen.t.headers.get("bits-packet-type", "").lower() == "create-session" or \
            endpoint in UPLOADS:
        yield "inventory-flood-uploads", (), 100, 600, None
    if LIBRARY.match(path) and status == 200:
        yield "content-library-walk", (), 30, 600, path
    if size_of(seen) >= UPLOAD:
        yield "oversized-inventory", (), 1, 1, None


def of_transactions(transactions, times: dict[int, float], networks: dict, changed: dict):
    """Floods, harvest and walks over HTTP."""
    groups, registered = defaultdict(list), {}
    for seen in transactions:
        ends = seen.t.client, seen.t.server
        now = times.get(seen.t.frame, 0)
        if framing.attribute(seen.reply[1], "Status") == "0" and \
                "<ClientRegistrationResponse" in seen.reply[1]:
            registered[ends] = now
        secret = 'secret="1"' in seen.policy_text or (
            "/.sms_pol" in seen.path.lower() and seen.given and seen.t.reply[:2] == b"\x30\x82")
        if secret and now - registered.get(ends, -1e9) <= 600 and \
                ends[0] not in networks.get("imaging", ()):
            yield "fresh-client-secret-policy", *ends
        if ends[0] in networks.get("shared-addresses", ()):
            continue
        for rule, by, count, span, value in counted(seen):
            count = changed.get(rule, count)
            groups[rule, *ends, by, count, span].append((now, value))
    for (rule, client, server, _, count, span), events in groups.items():
        values = {value: now for now, value in reversed(events)}
        if reached([now for now, _ in events] if None in values else list(values.values()),
                   count, span):
            yield rule, client, server


def kind_of(transaction) -> str:
    """As which flood of many sources a transaction counts, beside that of requests."""
    path = transaction.target.split("?")[0].lower()
    if path == "/sms_fsp/.sms_fsp":
        return "status-flood-distributed"
    if transaction.method != "CCM_POST":
        return ""
    return {"MP_ClientRegistration": "registration-flood-distributed",
            "MP_RelayEndpoint": "status-flood-distributed",
            "MP_StatusManager": "status-flood-distributed"}.get(
                Seen(transaction).endpoint, "policy-request-flood-distributed")


def of_many(transactions, times: dict[int, float], changed: dict):
    """Messages by many sources, in seconds that have many of them."""
    seconds = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for t in transactions:
        if not t.status:
            continue
        try:
            rules = {"http-request-flood-distributed", kind_of(t)} - {""}
        except Broken:
            continue
        for rule in rules:
            seconds[rule, t.server][int(times.get(t.frame, 0))][t.client] += 1
    for (rule, server), found in seconds.items():
        count, span, least = MANY[rule]
        sums = {second: sum(by.values()) for second, by in found.items()
                if sum(by.values()) >= least and max(by.values()) < sum(by.values()) / 2}
        if any(sum(n for other, n in sums.items() if 0 <= other - second <= span)
               >= changed.get(rule, count) for second in sums):
            yield rule, "", server


def of_volume(packets, listed: set[str], changed: dict):
    """100 MB or 200,000 packets in ten seconds to one server, ten times what ten seconds had in five
    minutes before."""
    windows, first = defaultdict(lambda: defaultdict(int)), None
    for packet in packets:
        first = float(packet[1]) if first is None else first
        window = int((float(packet[1]) - first) / 10)
        windows["bandwidth-flood", packet[3]][window] += int(packet[10])
        windows["bandwidth-flood-packets", packet[3]][window] += 1
    for (rule, server), sizes in windows.items():
        count = changed.get(rule, 200_000 if rule.endswith("packets") else 100_000_000)
        for window, size in sizes.items():
            before = sum(n for other, n in sizes.items() if other < window - 1)
            if server in listed and window > 30 and \
                    size + sizes.get(window - 1, 0) >= count > before * 100 / window:
                yield rule, "", server


def of_libraries(capture: Path, changed: dict, systems: set[str]):
    """Places of a content library that one address opened, unless it is a site system."""
    opened, asked = defaultdict(dict), {}
    for time, source, target, stream, number, status, name in rows(
            capture, "smb2.cmd == 5", "frame.time_epoch", "ip.src", "ip.dst", "tcp.stream",
            "smb2.msg_id", "smb2.nt_status", "smb2.filename"):
        if not status:
            asked[stream, number] = name
        elif int(status, 0) == 0 and SMB_LIBRARY.match(asked.get((stream, number), "")) and \
                target not in systems:
            opened[target, source].setdefault(asked[stream, number].lower(), float(time))
    for (client, server), times in opened.items():
        if reached(list(times.values()), changed.get("content-library-walk", 30), 600):
            yield "content-library-walk", client, server


def of_smb(capture: Path, changed: dict):
    """SMB sessions by one source, or by all."""
    sessions, everybody = defaultdict(list), defaultdict(list)
    for time, server, client, statuses in rows(
            capture, "smb2.cmd == 1 && smb2.flags.response == 1", "frame.time_epoch", "ip.src",
            "ip.dst", "smb2.nt_status"):
        if int(statuses.split("\x1f")[0], 0) != 0xC0000016:
            sessions[client, server].append(float(time))
            everybody[server].append(float(time))
    for (client, server), times in sessions.items():
        if reached(times, changed.get("smb-session-flood", 60) + 1, 60):
            yield "smb-session-flood", client, server
    for server, times in everybody.items():
        if reached(times, changed.get("smb-session-flood-distributed", 900), 30):
            yield "smb-session-flood-distributed", "", server


def openings(packets):
    """Of each TCP connection: ends, when it was opened, whether answered, and whether completed."""
    found = {}
    for _, time, source, target, stream, flags, bogus, *_ in packets:
        if not stream or bogus:
            continue
        bits = int(flags, 16)
        one = found.setdefault(stream, {"ends": None, "answered": False, "completed": False,
                                        "refused": False})
        if bits & 0x12 == 2:
            one["ends"], one["time"] = (source, target), float(time)
        elif bits & 0x12 == 0x12:
            one["answered"] = True
        elif one["ends"] == (source, target) and bits & 0x14 == 0x10:
            one["completed"] = True
        elif one["ends"] == (target, source) and bits & 4 and not one["answered"]:
            one["refused"] = True
    return [one for one in found.values() if one["ends"]]


def of_packets(packets, listed: set[str]):
    """SYN, connection and fragment floods and malformed packets toward listed servers."""
    halves, wholes, answered = defaultdict(list), defaultdict(list), set()
    for one in openings(packets):
        if one["answered"]:
            answered.add(one["ends"][1])
        if not one["refused"]:
            (wholes if one["completed"] else halves)[one["ends"]].append(one["time"])
    for kind, code, count in ((halves, "syn-flood", 200), (wholes, "connection-flood", 500)):
        everybody = defaultdict(list)
        for (client, server), times in kind.items():
            everybody[server] += times
            if server in listed & answered and reached(times, count, 10):
                yield code, client, server
        for server, times in everybody.items():
            many = max(len(t) for (_, s), t in kind.items() if s == server) < len(times) / 2
            if code == "syn-flood" and server in listed & answered and many and \
                    reached(times, count, 10):
                yield code, "", server
    yield from faults(packets, listed)


def faults(packets, listed: set[str]):
    """Datagrams whose last fragment never came, and impossible TCP headers."""
    fragments, bogus = defaultdict(lambda: [0, 0]), defaultdict(list)
    for _, time, source, target, _, _, wrong, number, more, offset, _ in packets:
        if more in ("1", "True") or offset not in ("", "0"):
            fragments[source, target, number][more in ("0", "False")] += 1
        if wrong:
            bogus[source, target].append(float(time))
    unfinished = defaultdict(int)
    for (source, target, _), (_, last) in fragments.items():
        unfinished[source, target] += not last
    for ends, count in unfinished.items():
        if count >= 50 and ends[1] in listed:
            yield "fragment-flood", *ends
    for ends, times in bogus.items():
        if ends[1] in listed and reached(times, 10, 10):
            yield "malformed-packet", *ends
