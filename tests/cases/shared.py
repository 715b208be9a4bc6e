#!/usr/bin/python3
"""Captures of others (../shared/captures) are read as their description there says.

They lie beside the repository and are not part of it: where they are absent this says so loudly
and passes.
"""
import argparse
import re
import sys
from pathlib import Path

import cmtap
import shared_smb
from cmtap import TOP

SHARED = TOP.parent / "shared/captures"
CAPTURES = {}


def about(name: str):
    """A function that complains about the events of the capture with that name."""
    def keep(function):
        CAPTURES[name] = function
        return function
    return keep


class Seen:
    """What one run told."""

    def __init__(self, run: cmtap.Run):
        self.run = run
        self.counters = {name: int(value.replace(",", "")) for name, value in
                         re.findall(r"(?m)^([a-z_.]+) +([0-9,]+)  ", run.errors)}
        self.http = [d for d in run.documents
                     if d["event"]["kind"] == "event" and d["event"]["dataset"] == "configmgr.http"]

    def alerts(self) -> set:
        """Names of the signatures that fired."""
        return {d["event"]["code"] for d in self.run.alerts}

    def talks(self) -> list[tuple]:
        """Method, target and status of each transaction."""
        return [(get(d, "http.request.method"), get(d, "url.original"),
                 get(d, "http.response.status_code")) for d in self.http]

    def each(self, path: str) -> list:
        """A field of each transaction."""
        return [get(d, path) for d in self.http]

    def whole(self) -> bool:
        """Nothing was missed and nothing is marked as incomplete."""
        return not self.counters.get("stream.gaps") and not self.run.degraded


def get(document, path: str):
    """The member a.b.c, or None."""
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


@about("http_mp_discovery_anon")
def discovery(s: Seen):
    """Three lists, all 200, nobody logged on."""
    yield s.talks() == [("GET", "/SMS_MP/.sms_aut?MPLIST", 200),
                        ("GET", "/SMS_MP/.sms_aut?MPKEYINFORMATIONEX", 200),
                        ("GET", "/SMS_MP/.sms_aut?MPLIST2&PS1", 200)], s.talks()
    yield s.each("configmgr.auth.state") == ["anonymous"] * 3, s.each("configmgr.auth.state")
    yield "trust-on-first-use" in s.alerts() and s.whole(), s.alerts()


@about("http_ccm_post_policy_anon")
def policy(s: Seen):
    """A message in two parts, and a policy body."""
    yield [t[0] for t in s.talks()] == ["CCM_POST", "GET"], s.talks()
    yield s.each("http.response.status_code") == [200, 200], s.talks()
    yield s.each("user_agent.original")[0] == "ConfigMgr Messaging HTTP Sender", s.talks()
    yield s.each("configmgr.message.type")[1] == "policy_body", s.each("configmgr.message.type")
    yield s.each("configmgr.policy.hash")[1] == ["SHA256:00"], s.each("configmgr.policy.hash")
    yield s.whole(), s.counters


@about("http_dp_content_anon")
def content(s: Seen):
    """A listing, a head, two ranges and a file with a password, all to anyone."""
    yield [(t[0], t[2]) for t in s.talks()] == [("PROPFIND", 207), ("HEAD", 200), ("GET", 206),
                                                ("GET", 206), ("GET", 200)], s.talks()
    yield {"content-in-clear-http", "anonymous-dp-http"} <= s.alerts(), \
        s.alerts()
    yield s.each("configmgr.auth.state") == ["anonymous"] * 5, s.each("configmgr.auth.state")
    yield s.whole(), s.counters


@about("http_dp_content_ntlm")
def ntlm(s: Seen):
    """Refused without credentials and with wrong ones, given with right ones; not on port 80."""
    yield set(s.each("server.port")) == {8080}, s.each("server.port")
    states = list(zip(s.each("http.response.status_code"), s.each("configmgr.auth.state")))
    yield [x for x in states if x[0] == 200] == [(200, "authenticated")], states
    yield all(state != "authenticated" for status, state in states if status == 401), states
    given = [d for d in s.http if get(d, "http.response.status_code") == 200]
    yield [get(d, "user.name") for d in given] == ["svc_naa"], given
    yield "content-in-clear-http" in s.alerts(), s.alerts()
    yield "anonymous-dp-http" not in s.alerts() and s.whole(), s.alerts()


@about("http_ipv6_mplist")
def six(s: Seen):
    """The same over IPv6."""
    yield [(get(d, "client.ip"), get(d, "server.ip")) for d in s.http] == [
        ("2001:db8:1::11", "2001:db8:1::20")], s.http
    yield s.talks() == [("GET", "/SMS_MP/.sms_aut?MPLIST", 200)] and s.whole(), s.talks()


@about("http_crl_fetch")
def revocation(s: Seen):
    """HTTP that is not ConfigMgr's."""
    yield s.talks() == [("GET", "/CertEnroll/corp-ca.crl", 200)], s.talks()
    yield s.each("http.response.mime_type") == ["application/pkix-crl"], s.http
    yield s.each("configmgr.message.type") == [None] and not s.alerts(), s.alerts()


@about("flood_http_mplist")
def flood(s: Seen):
    """Sixty times the list, all answered."""
    yield s.talks() == [("GET", "/SMS_MP/.sms_aut?MPLIST", 200)] * 60, len(s.talks())
    yield {get(d, "client.ip") for d in s.http} == {"192.0.2.66"} and s.whole(), s.counters


@about("ip_fragments_v4_v6")
def fragments(s: Seen):
    """Ten datagrams in 31 fragments; one is a request, in four pieces out of order."""
    yield s.counters.get("fragments.completed") == 10, s.counters
    yield s.counters.get("packets.fragment") == 21, s.counters
    yield [t[:2] for t in s.talks()] == [("GET", "/SMS_MP/.sms_aut?MPLIST")], s.talks()
    yield "midstream" in s.each("configmgr.degraded")[0] and not s.alerts(), s.http


@about("vlan110_http_mplist")
def tag(s: Seen):
    """One tag."""
    yield set(s.each("network.vlan.id")) == {"110"}, s.each("network.vlan.id")
    yield len(s.http) == 2 and "unattend.xml" in s.talks()[1][1] and s.whole(), s.talks()


@about("qinq_88a8_200_110_http_mplist")
def tags(s: Seen):
    """Two tags."""
    yield set(s.each("network.vlan.id")) == {"200"}, s.each("network.vlan.id")
    yield set(s.each("network.inner.vlan.id")) == {"110"}, s.each("network.inner.vlan.id")
    yield len(s.http) == 2 and "unattend.xml" in s.talks()[1][1] and s.whole(), s.talks()


@about("netem_loss_reorder_dup_http")
def netem(s: Seen):
    """A file that arrives whole, through losses, repetitions and wrong order."""
    yield s.talks()[-1][1:] == ("/SMS_DP_SMSPKG$/PS100001.1/setup.msi", 200), s.talks()
    yield s.each("http.response.body.bytes")[-1] == 20000, s.each("http.response.body.bytes")
    yield s.counters.get("stream.reordered", 0) >= 7, s.counters
    yield s.whole(), s.counters


@about("ldap_mssms_mp_search")
def directory(s: Seen):
    """Two simple binds, the first anonymous; the password of the second is nowhere told."""
    binds = [d for d in s.run.documents if d["event"]["dataset"] == "configmgr.authentication"]
    yield [(get(d, "configmgr.auth.scheme"), get(d, "configmgr.auth.carrier"),
            get(d, "configmgr.auth.anonymous"), get(d, "user.name"), get(d, "event.outcome"))
           for d in binds] == [
               ("simple", "ldap", True, None, "success"),
               ("simple", "ldap", None, "CN=admin,DC=corp,DC=example", "success")], binds
    yield "secret" not in str(s.run.documents) and s.whole(), s.counters


def about_smb(name: str):
    """The same for a capture of SMB."""
    def statements(s: Seen):
        yield from shared_smb.check(name, s.run.documents, s.alerts())
    statements.__doc__ = "Sessions, shares and files as the description says."
    CAPTURES[name] = statements


for smb_capture in shared_smb.READ:
    about_smb(smb_capture)


def main() -> int:
    """Each of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=cmtap.BINARY, help="default: $CMTAP, debug")
    options = parser.parse_args()
    if not SHARED.is_dir():
        print(f"SKIPPED, NOT TESTED: {SHARED} is not there")
        print("0 passed, 0 failed")
        return 0
    passed = failed = 0
    for name, function in CAPTURES.items():
        run = cmtap.read(SHARED / f"{name}.pcap", None, "-e", "-v", binary=options.binary)
        wrong = [run.crash] if run.crash else []
        try:
            wrong += [f"statement {number}: {what}" for number, (holds, what)
                      in enumerate(function(Seen(run)), 1) if not holds]
        except (IndexError, TypeError) as error:
            wrong.append(f"not even the transactions are there: {error}")
        print(f"{'not ok' if wrong else 'ok'} {name}: {function.__doc__}")
        for line in wrong:
            print(f"  # {str(line)[:600]}")
        passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
