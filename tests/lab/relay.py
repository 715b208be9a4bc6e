#!/usr/bin/python3
"""Runs impacket's ntlmrelayx without dsinternals, which Debian has not: only an attack on LDAP needs it.

    relay.py OPTION...        as ntlmrelayx.py
"""
import runpy
import sys
import types

MISSING = {"dsinternals": [], "dsinternals.system": [], "dsinternals.common": [],
           "dsinternals.common.data": [], "dsinternals.common.data.hello": [],
           "dsinternals.common.cryptography": [],
           "dsinternals.system.Guid": ["Guid"],
           "dsinternals.common.cryptography.X509Certificate2": ["X509Certificate2"],
           "dsinternals.system.DateTime": ["DateTime"],
           "dsinternals.common.data.hello.KeyCredential": ["KeyCredential"]}

for name, members in MISSING.items():
    module = sys.modules[name] = types.ModuleType(name)
    for member in members:
        setattr(module, member, None)
sys.argv[0] = "/usr/share/doc/python3-impacket/examples/ntlmrelayx.py"
runpy.run_path(sys.argv[0], run_name="__main__")
