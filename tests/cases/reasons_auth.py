"""Why logons and RPC calls make alerts, judged by what tshark reads, without cmtap's code."""
from collections import defaultdict
from pathlib import Path

import shark
import yaml

FIELDS = ["frame.time_epoch", "tcp.dstport", "tcp.stream", "ip.src", "ipv6.src",
          "ip.dst", "ipv6.dst",
          "ntlmssp.messagetype", "ntlmssp.ntlmserverchallenge", "ntlmssp.auth.username",
          "ntlmssp.auth.ntresponse", "ntlmssp.ntlmv2_response.ntproofstr", "ntlmssp.ntlmv2_response.target_name",
          "dcerpc.pkt_type",
          "dcerpc.opnum", "dcerpc.cn_bind_to_uuid", "dcerpc.auth_level", "http.response.code",
          "ldap.resultCode"]
# Logons, calls, and what answers a logon: HTTP replies, session setups, responses to a bind.
FRAMES = "ntlmssp || dcerpc || http.response || smb2.cmd == 1 || smb.cmd == 0x73 || \
ldap.protocolOp == 1"
EFSRPC = ("c681d488-d850-11d0-8c52-00c04fd90f7e", "df1941c5-fe89-4e79-bf10-463657acf44d")
MAPPER_OR_PIPE = ("135", "139", "445")
ROLES = ("4b324fc8-1670-01d3-1278-5a47bf6ee188", "338cd001-2244-31f1-aaaa-900038001003")
PRIVACY = 6
# Without a site file these rest on what was learned before, so they may be fewer.
LEARNED = ("site-account-wrong-host", "ntlm-to-site-system", "ntlm-to-site-system-v1",
           "coerced-authentication", "role-enumeration", "ntlm-relay-service",
           "server-to-server-in-clear")


def rows(capture: Path):
    """The frames that matter, as dictionaries of first values."""
    for values in shark.rows(capture, FRAMES, *FIELDS):
        row = {name: value.split(shark.SEVERAL)[0] for name, value in zip(FIELDS, values)}
        row["from"] = row["ip.src"] or row["ipv6.src"]
        row["to"] = row["ip.dst"] or row["ipv6.dst"]
        yield row


class AuthJudge:
    """All alerts about logons and calls that one capture has a reason for."""

    def __init__(self, case: Path):
        sites = yaml.safe_load((case / "site.yml").read_text()) or {}
        servers = [s for site in sites.get("sites") or [] for s in site.get("servers") or []]
        self.listed = {a for s in servers for a in s.get("addresses", [])}
        self.homes = {s["name"].split(".")[0].lower() + "$": set(s.get("addresses", []))
                      for s in servers if "name" in s}
        for site in sites.get("sites") or []:
            for accounts in (site.get("accounts") or {}).values():
                for name, addresses in accounts.items():
                    self.homes[name.rpartition("\\")[2].lower()] = set(addresses)
        self.addresses = defaultdict(set)
        for server in servers:
            self.addresses[server.get("name", "").lower()] |= set(server.get("addresses", []))
        self.rows = list(rows(case / "capture.pcap"))

    def logons(self):
        """Proofs with the time of their answer, in the order of these."""
        open_, challenge, done = {}, {}, []
        for row in self.rows:
            stream = row["tcp.stream"]
            kind = int(row["ntlmssp.messagetype"] or "0", 16)
            if kind == 2:
                challenge[stream] = row["ntlmssp.ntlmserverchallenge"]
            elif kind == 3:
                user = row["ntlmssp.auth.username"]
                if user not in ("", "NULL"):
                    open_[stream] = {**row, "user": user.lower(),
                                     "challenge": challenge.get(stream, "")}
            elif stream in open_ and row["from"] == open_[stream]["to"]:
                refused = row["http.response.code"] in ("401", "407") or \
                    row["ldap.resultCode"] == "49"
                done.append({**open_.pop(stream), "refused": refused})
        return done + [{**row, "refused": False} for row in open_.values()]

    def calls(self):
        """RPC requests with interface and level of their connection, in order of replies."""
        bound, level, asked = {}, {}, {}
        for row in self.rows:
            stream, kind = row["tcp.stream"], row["dcerpc.pkt_type"]
            if kind in ("11", "14"):
                bound[stream] = row["dcerpc.cn_bind_to_uuid"]
                level[stream] = int(row["dcerpc.auth_level"] or 0)
            elif kind == "0":
                asked[stream] = row
            elif kind == "2" and stream in asked:
                row = asked.pop(stream)
                yield {**row, "uuid": bound.get(stream, ""), "level": level.get(stream, 0)}

    def judge(self):
        """Identities of alerts: code, client, server."""
        logons, calls = self.logons(), list(self.calls())
        for logon in logons:
            pair = logon["from"], logon["to"]
            home = self.homes.get(logon["user"])
            if home is not None and pair[0] not in home:
                yield ("site-account-wrong-host", *pair)
            if home is not None and pair[1] in self.listed and not logon["refused"]:
                yield ("ntlm-to-site-system", *pair)
            if self.elsewhere(logon["ntlmssp.ntlmv2_response.target_name"], pair[1]):
                yield ("ntlm-relay-service", *pair)
            if len(logon["ntlmssp.auth.ntresponse"]) == 48 and pair[1] in self.listed:
                yield ("ntlm-to-site-system-v1", *pair)
        for code, what in (("ntlm-relay", "challenge"),
                           ("ntlm-relay-response", "ntlmssp.ntlmv2_response.ntproofstr")):
            yield from self.relayed(logons, code, what)
        for call in calls:
            yield from self.call(call, logons)
        asked = defaultdict(list)
        for call in calls:
            client, server = call["from"], call["to"]
            if call["uuid"] in ROLES and client not in self.listed and \
                    server in self.listed and server not in asked[client]:
                asked[client].append(server)
        for client, servers in asked.items():
            if len(servers) >= 3:
                yield ("role-enumeration", client, servers[2])
        for client, server in self.answers(calls):
            if self.listed.issuperset((client, server)):
                yield ("server-to-server-in-clear", client, server)

    def elsewhere(self, service: str, server: str) -> bool:
        """Does the service of a response name another host than a listed server it was sent to?"""
        host = service.partition("/")[2].lower()
        own = {name for name, addresses in self.addresses.items() if server in addresses}
        own |= {name.split(".")[0] for name in own}
        return bool(host and own) and host not in own | {server}

    def answers(self, calls: list):
        """Client and server of whatever was answered over HTTP, or in clear over RPC."""
        for row in self.rows:
            if row["http.response.code"]:
                yield row["to"], row["from"]
        for call in calls:
            if call["level"] != PRIVACY and call["tcp.dstport"] not in MAPPER_OR_PIPE:
                yield call["from"], call["to"]

    def learned(self):
        """What there is a reason for once it is learned from HTTP who is a site system."""
        pairs = set(self.answers(list(self.calls())))
        servers = {server for _, server in pairs}
        return {("server-to-server-in-clear", *pair) for pair in pairs if pair[0] in servers}

    @staticmethod
    def relayed(logons: list, code: str, what: str):
        """The second pair of hosts with the same value."""
        pairs = defaultdict(list)
        for logon in logons:
            pair = logon["from"], logon["to"]
            if logon[what] and pair not in pairs[logon[what]]:
                pairs[logon[what]].append(pair)
        for seen in pairs.values():
            if len(seen) > 1:
                yield (code, *seen[1])

    def call(self, call: dict, logons: list):
        """What one call is a reason for."""
        pair = call["from"], call["to"]
        if call["uuid"] in EFSRPC and pair[1] in self.listed:
            for logon in logons:
                apart = abs(float(logon["frame.time_epoch"]) - float(call["frame.time_epoch"]))
                if logon["from"] == pair[1] and logon["to"] not in self.listed and apart <= 30:
                    yield ("coerced-authentication", *pair)
