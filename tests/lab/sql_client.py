#!/usr/bin/python3
"""sql_client.py [--strict] HOST DATABASE ACCOUNT PASSWORD: logs on to SQL Server with Windows
authentication (NTLM), by impacket. --strict speaks TDS 8: TLS first, ALPN tds/8.0."""
import argparse
import ssl

from impacket.tds import MSSQL


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strict", action="store_true")
    for name in ("host", "database", "account", "password"):
        parser.add_argument(name)
    wanted = parser.parse_args()
    connection = MSSQL(wanted.host, 1433)
    connection.connect()
    if wanted.strict:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["tds/8.0"])
        connection.socket = context.wrap_socket(connection.socket, server_hostname=wanted.host)
    good = connection.login(wanted.database, wanted.account, wanted.password, "CORP", None, True)
    print("logged on" if good else "refused")
    connection.disconnect()


if __name__ == "__main__":
    main()
