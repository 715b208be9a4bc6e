#!/usr/bin/python3
"""A server of MS-EFSR over TCP, by impacket's RPC server: it answers EfsRpcOpenFileRaw.

It runs the command behind `--` when it is called, before it answers: a real server opens the path
that its caller names, and answers when that has failed.

    efsr_server.py PORT -- COMMAND...
"""
import subprocess
import sys

from impacket.dcerpc.v5.rpcrt import DCERPCServer

EFSRPC = ("c681d488-d850-11d0-8c52-00c04fd90f7e", "1.0")
ERROR_BAD_NETPATH = 53


def main() -> None:
    """Serve until killed."""
    port, command = int(sys.argv[1]), sys.argv[3:]

    def open_file(_data: bytes) -> bytes:
        subprocess.run(command, timeout=20, check=False)
        return bytes(20) + ERROR_BAD_NETPATH.to_bytes(4, "little")

    class Server(DCERPCServer):
        """Impacket's own listens on the loopback address alone."""

        def __init__(self):
            super().__init__()
            self._listenAddress = "0.0.0.0"

    server = Server()
    server.setListenPort(port)
    server.addCallbacks(EFSRPC, "efsrpc", {0: open_file})
    server.run()


if __name__ == "__main__":
    main()
