#!/usr/bin/python3
"""crowd.py HOST WHAT COUNT SOURCES SECONDS: so many requests from so many addresses of this machine.

Each address (192.0.2.101 and on) has one connection, and sends what is due in one go, as a client does
that pipelines: a real flood in few packets. Begins with a second, so that captures made anew count
the same. WHAT: file, message, nothing (in place of one), registration, state, body, upload.
"""
import asyncio
import subprocess
import sys
import time
import uuid
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from configmgr import framing, keys, location, registration  # noqa: E402
from configmgr.bits import PROTOCOL  # noqa: E402

FIRST = 101
STEPS = 10  # a second


def ccm(host: str, endpoint: str, xml: str) -> bytes:
    """A CCM message, unsigned, its payload compressed."""
    payload, length = framing.request_payload(xml)
    msg = framing.request_msg(endpoint=endpoint, host="CLIENT", target=host, length=length,
                              hooks='<Hook3 Name="zlib-compress" />')
    body = framing.join(msg, zlib.compress(payload))
    return (f"CCM_POST /ccm_system/request HTTP/1.1\r\nHost: {host}\r\nUser-Agent: ccmhttp\r\n"
            f"Content-Type: {framing.CONTENT_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode() + body


def maker(what: str, host: str):
    """What makes the request of a number."""
    head = f"HTTP/1.1\r\nHost: {host}\r\n"
    if what == "file":
        return lambda n: f"HEAD /SMS_MP/.sms_dcm?{n} {head}\r\n".encode()
    if what == "body":
        return lambda n: (f"HEAD /SMS_MP/.sms_pol?{{{uuid.UUID(int=n + (1 << 127))}}}.1_00 "
                          f"{head}\r\n").encode()
    if what == "state":
        return lambda n: (f"POST /SMS_FSP/.sms_fsp {head}User-Agent: ccmsetup\r\n"
                          "Content-Length: 15\r\n\r\n<StateMessage/>").encode()
    if what == "upload":
        return lambda n: (f"BITS_POST /CCM_Incoming/{{{uuid.UUID(int=n + (1 << 127))}}} {head}"
                          "BITS-Packet-Type: Create-Session\r\nBITS-Supported-Protocols: "
                          f"{PROTOCOL}\r\nContent-Length: 0\r\n\r\n").encode()
    if what == "nothing":
        return lambda n: (f"CCM_POST /ccm_system/request {head}User-Agent: ccmhttp\r\n"
                          "Content-Length: 0\r\n\r\n").encode()
    if what == "message":
        text = ccm(host, "MP_LocationManager", location.site_request("PS1"))
    else:
        pair = keys.KeyPair(Path("build/lab/crowd.pem"), ["SMS", "CLIENT"], keys.SMS_SIGNING)
        text = ccm(host, "MP_ClientRegistration", registration.request(
            host="CLIENT", fqdn="client.corp.example", signing=pair, encryption=pair,
            version="5.00.9128.1000"))
    return lambda n: text


async def drain(reader: asyncio.StreamReader) -> None:
    """Read what is answered."""
    while await reader.read(65536):
        pass


async def crowd(host: str, what: str, count: int, sources: int, seconds: float) -> None:
    """Connect all, then send what is due, ten times a second."""
    make, writers, readers = maker(what, host), [], []
    for number in range(sources):
        reader, writer = await asyncio.open_connection(
            host, 80, local_addr=(f"192.0.2.{FIRST + number}", 0))
        writers.append(writer)
        readers.append(asyncio.create_task(drain(reader)))
    await asyncio.sleep(1.05 - time.time() % 1)
    begun, steps, sent = time.time(), max(1, round(seconds * STEPS)), 0
    for step in range(steps):
        due = [b""] * sources
        for number in range(sent, count * (step + 1) // steps):
            due[number % sources] += make(number)
        sent = count * (step + 1) // steps
        for writer, requests in zip(writers, due):
            writer.write(requests)
        await asyncio.sleep(max(0.0, begun + (step + 1) / STEPS - time.time()))
    await asyncio.sleep(0.5)
    for writer in writers:
        writer.close()


def main() -> None:
    """Take the addresses and send."""
    host, what = sys.argv[1:3]
    count, sources, seconds = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    for number in range(sources):
        subprocess.run(["ip", "addr", "add", f"192.0.2.{FIRST + number}/24", "dev", "eth0"],
                       check=True)
    asyncio.run(crowd(host, what, count, sources, seconds))


if __name__ == "__main__":
    main()
