#!/usr/bin/python3
"""Binds at an LDAP server, once for each ACCOUNT:PASSWORD, and looks for what the directory says of ConfigMgr.

    ldap_client.py SERVER simple|ldap3|impacket ACCOUNT:PASSWORD...

By ldap3 (simple binds, or NTLM by Sicily) or by impacket's LDAP (NTLM by Sicily). `:` is an anonymous bind. A refusal is
no error.
"""
import sys

import ldap3
from impacket.ldap import ldap

FILTER = "(objectClass=mSSMSManagementPoint)"
DOMAIN = "CORP"


def main() -> None:
    """Bind."""
    server, way, *accounts = sys.argv[1:]
    for account, password in (pair.split(":", 1) for pair in accounts):
        if way == "impacket":
            connection = ldap.LDAPConnection(f"ldap://{server}", "dc=corp,dc=example")
            try:
                connection.login(account, password, DOMAIN)
                connection.search(searchFilter=FILTER)
            except (ldap.LDAPSessionError, ldap.LDAPSearchError) as refusal:
                print(account, refusal)
            connection.close()
            continue
        how = {"user": account, "password": password, "authentication": ldap3.SIMPLE} \
            if account else {}
        if way == "ldap3":
            how |= {"user": f"{DOMAIN}\\{account}", "authentication": ldap3.NTLM}
        connection = ldap3.Connection(ldap3.Server(server, get_info=ldap3.NONE), **how)
        if connection.bind():
            connection.search("dc=corp,dc=example", FILTER)
        connection.unbind()


if __name__ == "__main__":
    main()
