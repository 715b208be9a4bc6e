#!/usr/bin/python3
"""A site system of the lab: speaks the HTTP of an MP, DP, SUP or FSP as its options say.

It is no Configuration Manager: it answers to the byte as shared/protocol/http.md describes the
real one, checks signatures and NTLM proofs as a real one does, and knows nothing else.
"""
import argparse
import ssl
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from roles.distribution import DistributionPoint  # noqa: E402
from roles.fallback import FallbackStatusPoint  # noqa: E402
from roles.management import ManagementPoint  # noqa: E402
from roles.scenario import Scenario, add_options  # noqa: E402
from roles.updates import SoftwareUpdatePoint  # noqa: E402
from roles.web import WebHandler, WebServer  # noqa: E402


class SiteSystem(ManagementPoint, DistributionPoint, SoftwareUpdatePoint, FallbackStatusPoint,
                 WebHandler):
    """Asks each role that is played here in turn."""

    def answer(self):
        target = self.target()
        path = target.partition("?")[0].lower()
        roles = self.scenario.roles
        done = (("mp" in roles and self.management(path, target))
                or ("dp" in roles and self.distribution(target))
                or ("sup" in roles and self.updates(target))
                or ("fsp" in roles and self.fallback(path)))
        if not done:
            self.reply(404)


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=80)
    parser.add_argument("--bind", default="::")
    parser.add_argument("--tls", metavar="PEM", help="certificate and key: speak TLS")
    add_options(parser)
    options = parser.parse_args()
    SiteSystem.scenario = Scenario(options)
    address = f"::ffff:{options.bind}" if "." in options.bind else options.bind
    server = WebServer((address, options.port), SiteSystem)
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
