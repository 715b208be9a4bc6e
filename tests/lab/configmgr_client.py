#!/usr/bin/python3
"""A client of the lab: takes the steps that it is given, in order, over one connection a server.

A step is NAME[+FLAG...][=VALUE], for example: aut=MPLIST  register+ntlm  policy=OnUpdate
body+token=naa  report+encrypted=hinv  content+ntlm=PS100012.3  wsus=SyncUpdates  loot+signature
others+register=31  close (the connection)  wait=FILE (until it exists)  server=URL (talk to another server)
"""
import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from agent.machine import Machine  # noqa: E402
from agent.tools import Tool  # noqa: E402
from agent.web import Web  # noqa: E402


def wait_for(path: Path) -> None:
    """Until the file exists, at most 20 seconds."""
    for _ in range(400):
        if path.exists():
            return
        time.sleep(0.05)
    sys.exit(f"{path} never came")


def take(client: Tool, step: str, ca: str) -> None:
    """Take one step."""
    name, _, value = step.partition("=")
    name, *flags = name.split("+")
    print(step, flush=True)
    if name == "close":
        client.web.close()
    elif name == "open":
        client.web.open()
    elif name == "wait":
        wait_for(Path(value))
    elif name == "server":
        client.web.close()
        client.web = Web(value, ca)
    else:
        getattr(client, f"step_{name}")(value, flags)


def main() -> None:
    """Parse the command line and take the steps."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", required=True, help="name of this machine")
    parser.add_argument("--server", default="http://mp01.corp.example")
    parser.add_argument("--site", default="PS1")
    parser.add_argument("--version", default="5.00.9128.1000")
    parser.add_argument("--agent", default="ccmhttp", help="User-Agent of CCM messages")
    parser.add_argument("--state", type=Path, default=Path("build/lab/clients"))
    parser.add_argument("--ca", default="", help="certificate that TLS servers must chain to")
    parser.add_argument("steps", nargs="+", metavar="STEP")
    options = parser.parse_args()
    machine = Machine(options.host, options.state / options.host, options.site, options.version)
    client = Tool(machine, Web(options.server, options.ca), options.agent)
    for step in options.steps:
        take(client, step, options.ca)
    client.web.close()


if __name__ == "__main__":
    main()
