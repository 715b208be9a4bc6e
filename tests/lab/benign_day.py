#!/usr/bin/python3
"""Writes the capture of a benign day: two sites, three MPs, five DPs, up to 500 clients.

Clients start between half past seven and nine (a fifth runs all night), ask for policy when they
start and every hour, report discovery, inventory and state when these are due, scan for updates,
and at nine everybody fetches the same new package with Windows authentication. One client in nineteen is
new that day: it registers with the account of its computer and fetches all its policy. One request in a
hundred meets a busy server and is repeated. Nothing on this day is an attack; what crosses the
wire in clear (policy, content, inventory, state, update metadata) is all that may be found.

The same options give the same file. Signatures and NTLM proofs have the right form and no key
behind them. The site file goes beside the capture.
"""
import argparse
import heapq
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from configmgr.clock import CHANCE  # noqa: E402
from configmgr.policy import INTRANET, Policy  # noqa: E402
from day.capture import CaptureFile  # noqa: E402
from day.estate import SITES, Client, clients, package, site_file  # noqa: E402
from day.talk import Talk  # noqa: E402

MIDNIGHT = 1768176000  # Monday, 2026-01-12 00:00 UTC
HOUR = 3600
EVERYBODY_STARTS_BY, DEPLOYMENT, EVENING = 9 * HOUR, 9 * HOUR, 17.5 * HOUR
SETTINGS = [Policy(f"{{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B2{n:02X}0}}", "ClientSettings", INTRANET,
                   f'<instance class="CCM_ClientAgentConfig"><property name="Setting{n}" type="19">'
                   f"<value>{n}</value></property></instance>") for n in range(12)]


class Day:
    """The agenda of all clients, in order of time."""

    def __init__(self, options: argparse.Namespace, capture: CaptureFile):
        self.capture, self.chance = capture, random.Random(options.seed)
        self.end = options.hours * HOUR
        self.packages = {site.code: package(site, options.package) for site in SITES}
        self.agenda: list[tuple[float, int, Client, str]] = []
        self.counter = 0
        for client in clients(options.clients, options.seed):
            self.begin(client)

    def begin(self, client: Client) -> None:
        """When does this client start?"""
        night_owl = client.chance.random() < 0.2
        start = (client.chance.uniform(0, HOUR) if night_owl else
                 client.chance.triangular(7.5 * HOUR, EVERYBODY_STARTS_BY, 8 * HOUR))
        client.leaves = 24 * HOUR if night_owl else EVENING + client.chance.uniform(-HOUR, HOUR)
        self.plan(start, client, "start")
        self.plan(DEPLOYMENT + client.chance.expovariate(1 / 300), client, "deployment")
        if client.chance.random() < 1 / 7:
            self.plan(start + client.chance.uniform(600, 6 * HOUR), client, "inventory")
        if client.chance.random() < 1 / 7:
            self.plan(start + client.chance.uniform(600, 6 * HOUR), client, "scan")

    def plan(self, time: float, client: Client, what: str) -> None:
        """Put something on the agenda."""
        if time < min(self.end, client.leaves):
            self.counter += 1
            heapq.heappush(self.agenda, (time, self.counter, client, what))

    def run(self, limit: int) -> None:
        """Live the day, or as much of it as the size limit allows."""
        while self.agenda:
            time, _, client, what = heapq.heappop(self.agenda)
            self.capture.flush(MIDNIGHT + time)
            if self.capture.size > limit:
                print(f"the limit is reached at {time / HOUR:.1f} h", file=sys.stderr)
                break
            getattr(self, what)(MIDNIGHT + time, client)

    def to_mp(self, time: float, client: Client) -> Talk:
        """A connection to the management point; one in a hundred is sent away first."""
        if client.chance.random() < 0.01:
            talk = Talk(self.capture, time, client, client.mp)
            talk.busy()
            talk.close()
            time += 30
        return Talk(self.capture, time, client, client.mp)

    def start(self, time: float, client: Client) -> None:
        """Full policy with the bodies that are new to it, then the list; state a little later."""
        talk = self.to_mp(time, client)
        new = client.number % 19 == 7
        if new:
            talk.register()
        talk.assignments(SETTINGS, full=True)
        for chosen in SETTINGS if new else client.chance.sample(SETTINGS, 2):
            talk.body(chosen)
        talk.mp_list()
        talk.close()
        again = time - MIDNIGHT
        self.plan(again + HOUR + client.chance.uniform(-300, 300), client, "hourly")
        self.plan(again + client.chance.uniform(60, 900), client, "state")

    def hourly(self, time: float, client: Client) -> None:
        """The policy poll: mostly nothing new."""
        talk = self.to_mp(time, client)
        news = client.chance.sample(SETTINGS, 1) if client.chance.random() < 0.1 else []
        talk.assignments(news, full=False)
        for chosen in news:
            talk.body(chosen)
        talk.close()
        self.plan(time - MIDNIGHT + HOUR + client.chance.uniform(-300, 300), client, "hourly")

    def state(self, time: float, client: Client) -> None:
        """State messages, when there are any."""
        talk = self.to_mp(time, client)
        talk.report("state")
        if client.chance.random() < 0.1:
            talk.report("status")
        talk.close()
        self.plan(time - MIDNIGHT + client.chance.uniform(1, 4) * HOUR, client, "state")

    def inventory(self, time: float, client: Client) -> None:
        """The weekly reports."""
        talk = self.to_mp(time, client)
        for kind in ("ddr", "hinv", "sinv", "metering"):
            talk.report(kind)
            talk.wire.pause(client.chance.uniform(1, 20))
        talk.close()

    def deployment(self, time: float, client: Client) -> None:
        """Everybody fetches the package."""
        content = self.packages[client.site.code]
        talk = self.to_mp(time, client)
        talk.locate(content)
        talk.close()
        talk = Talk(self.capture, time + 2, client, client.dp)
        talk.fetch(content)
        talk.close()

    def scan(self, time: float, client: Client) -> None:
        """The weekly scan for updates."""
        talk = Talk(self.capture, time, client, client.site.sup, 8530)
        talk.scan()
        talk.close()


def main() -> None:
    """Write the capture and its site file."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--clients", type=int, default=500, choices=range(1, 501), metavar="N")
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--package", type=int, default=100_000, help="bytes of the new package")
    parser.add_argument("--reduced", action="store_true",
                        help="60 clients until half past eleven, a package of 8,000 bytes")
    parser.add_argument("--limit", type=int, default=1_000_000_000, help="bytes, roughly")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.reduced:
        options.clients, options.hours, options.package = 60, 11.5, 8000
    CHANCE.seed(options.seed)
    capture = CaptureFile(options.output)
    Day(options, capture).run(options.limit)
    capture.close()
    options.output.with_suffix(".site.yml").write_text(site_file())
    print(f"{options.output}: {capture.packets} packets, {capture.size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
