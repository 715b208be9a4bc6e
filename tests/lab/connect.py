#!/usr/bin/python3
"""connect.py HOST PORT COUNT SECONDS: opens so many connections, that far apart, and resets each.

No tool of Debian does that and nothing else: they all speak, or leave the closing to FIN, which
makes the capture twice as large.
"""
import socket
import struct
import sys
import time


def main() -> None:
    """Open and reset."""
    host, port, count, pause = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    for _ in range(count):
        connection = socket.create_connection((host, port), timeout=5)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        time.sleep(pause)


if __name__ == "__main__":
    main()
