"""Conversations of an ordinary network: what clients and servers say in TLS, SMB2, HTTP, SSH, DNS
and QUIC. Each function gives the messages of one flow: (side, bytes, pause in microseconds), side 0
the client's. TLS, SMB2 and SSH are right in their framing and their first messages; what would be
encrypted is random."""
import gzip
import struct

CLIENT, SERVER = 0, 1
POOL = 1 << 20
HOSTS = ("www", "mail", "files", "intranet", "cdn", "api", "login", "static", "video", "updates")


class Noise:
    """Random bytes, cut from a pool so that they cost nothing."""

    def __init__(self, rng):
        self.rng = rng
        self.pool = rng.randbytes(POOL)

    def take(self, size):
        parts = []
        while size > 0:
            at = self.rng.randrange(POOL - 16)
            parts.append(self.pool[at:at + size])
            size -= len(parts[-1])
        return b"".join(parts)


def host_name(rng):
    return "%s%d.example.net" % (rng.choice(HOSTS), rng.randrange(300))


# --- TLS ---

def extension(kind, body):
    return struct.pack(">HH", kind, len(body)) + body


def handshake(kind, body):
    message = struct.pack(">I", kind << 24 | len(body)) + body
    return b"\x16\x03\x01" + struct.pack(">H", len(message)) + message


def client_hello(rng, noise, name):
    server = name.encode()
    suites = struct.pack(">12H", 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9,
                         0xCCA8, 0xC013, 0x009C, 0x002F)
    extensions = b"".join((
        extension(0, struct.pack(">HBH", len(server) + 3, 0, len(server)) + server),
        extension(23, b""),
        extension(65281, b"\0"),
        extension(10, struct.pack(">HHHH", 6, 0x1D, 0x17, 0x18)),
        extension(11, b"\1\0"),
        extension(13, struct.pack(">HHHHHH", 10, 0x403, 0x804, 0x401, 0x503, 0x805)),
        extension(16, b"\0\x0c\x02h2\x08http/1.1"),
        extension(43, b"\4\3\4\3\3"),
        extension(45, b"\1\1"),
        extension(51, struct.pack(">HHH", 36, 0x1D, 32) + noise.take(32)),
        extension(21, bytes(rng.randrange(100, 200))),
    ))
    return handshake(1, b"\3\3" + noise.take(32) + b"\x20" + noise.take(32) +
                     struct.pack(">H", len(suites)) + suites + b"\1\0" +
                     struct.pack(">H", len(extensions)) + extensions)


def server_hello(noise):
    extensions = extension(43, b"\3\4") + extension(
        51, struct.pack(">HH", 0x1D, 32) + noise.take(32))
    return handshake(2, b"\3\3" + noise.take(32) + b"\x20" + noise.take(32) + b"\x13\x01\0" +
                     struct.pack(">H", len(extensions)) + extensions) + b"\x14\x03\x03\0\1\1"


def tls_records(noise, size):
    parts = []
    while size > 0:
        part = min(size, 16384)
        parts.append(b"\x17\x03\x03" + struct.pack(">H", part) + noise.take(part))
        size -= part
    return b"".join(parts)


def tls(rng, noise, bulk):
    yield CLIENT, client_hello(rng, noise, host_name(rng)), 100
    yield SERVER, server_hello(noise) + tls_records(noise, rng.randrange(1800, 3600)), 900
    yield CLIENT, b"\x14\x03\x03\0\1\1" + tls_records(noise, 69), 500
    if bulk:
        yield CLIENT, tls_records(noise, rng.randrange(300, 900)), 1000
        yield SERVER, tls_records(noise, int(rng.lognormvariate(12.2, 1))), 8000
        return
    for _ in range(rng.randrange(2, 22)):
        yield CLIENT, tls_records(noise, rng.randrange(30, 240)), rng.randrange(1000, 900000)
        yield SERVER, tls_records(noise, rng.randrange(30, 420)), rng.randrange(500, 20000)


# --- SMB2 ---

def smb2_message(command, number, status, flags, body):
    header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, status, command, 1, flags, 0,
                         number, 0xFEFF, 1, 0x4000000041, bytes(16))
    return struct.pack(">I", len(header) + len(body)) + header + body


def ntlm(number, noise):
    """An NTLMSSP message: negotiate, challenge or authenticate, of nobody in particular."""
    start = b"NTLMSSP\0" + struct.pack("<I", number)
    flags = struct.pack("<I", 0xE2088297)
    version = bytes.fromhex("0a00614a0000000f")
    if number == 1:
        return start + flags + bytes(16) + version
    if number == 2:
        name = "CORP".encode("utf-16-le")
        return (start + struct.pack("<HHI", 8, 8, 56) + flags + noise.take(8) + bytes(8) +
                struct.pack("<HHI", 4, 4, 64) + version + name + bytes(4))
    values = [noise.take(24), noise.take(280)] + [
        text.encode("utf-16-le") for text in ("CORP", "user", "WS0001")] + [noise.take(16)]
    fields, at = b"", 88
    for value in values:
        fields += struct.pack("<HHI", len(value), len(value), at)
        at += len(value)
    return start + fields + flags + version + bytes(16) + b"".join(values)


def smb2(rng, noise, bulk):
    number = 0

    def request(command, body):
        return CLIENT, smb2_message(command, number, 0, 0, body), rng.randrange(200, 4000)

    def reply(command, body, status=0):
        return SERVER, smb2_message(command, number, status, 1, body), rng.randrange(200, 2000)

    yield request(0, struct.pack("<HHHHI16sQ4H", 36, 4, 1, 0, 0x7F, noise.take(16), 0, 0x202,
                                 0x210, 0x300, 0x302))
    yield reply(0, struct.pack("<HHHH16sIIIIQQHHI", 65, 1, 0x302, 0, noise.take(16), 0x2F, 1 << 20,
                               1 << 20, 1 << 20, 0, 0, 128, 0, 0))
    for step, status in ((1, 0xC0000016), (3, 0)):
        number += 1
        token = ntlm(step, noise)
        yield request(1, struct.pack("<HBBIIHHQ", 25, 0, 1, 1, 0, 88, len(token), 0) + token)
        token = ntlm(2, noise) if step == 1 else b""
        yield reply(1, struct.pack("<HHHH", 9, 0, 72, len(token)) + token, status)
    number += 1
    path = "\\\\files.corp.example\\team".encode("utf-16-le")
    yield request(3, struct.pack("<HHHH", 9, 0, 72, len(path)) + path)
    yield reply(3, struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0x1F01FF))
    for _ in range(rng.randrange(1, 4) if bulk else rng.randrange(10, 60)):
        number += 1
        name = ("docs\\%08x.dat" % rng.getrandbits(32)).encode("utf-16-le")
        yield request(5, bytes(44) + struct.pack("<HHII", 120, len(name), 0, 0) + bytes(4) + name)
        yield reply(5, struct.pack("<HBBI", 89, 0, 0, 1) + bytes(80))
        number += 1
        size = rng.randrange(65536, 524288) if bulk else rng.randrange(40, 600)
        yield request(8, struct.pack("<HBBIQ", 49, 80, 0, size, 0) + bytes(33))
        yield reply(8, struct.pack("<HBBIII", 17, 80, 0, size, 0, 0) + noise.take(size))


# --- HTTP ---

def http_body(rng, noise, bulk):
    if bulk:
        return "application/octet-stream", "", noise.take(int(rng.lognormvariate(12, 1)))
    text = b"<html><body>" + b"".join(
        b"<p class=c%d>%s</p>\n" % (i, noise.take(6).hex().encode())
        for i in range(rng.randrange(3, 60))) + b"</body></html>"
    if rng.random() < 0.4:
        packed = gzip.compress(text, 1, mtime=0)
        return "text/html; charset=utf-8", "Content-Encoding: gzip\r\n", packed
    return "text/html; charset=utf-8", "", text


def web(rng, noise, bulk):
    host = host_name(rng)
    for _ in range(1 if bulk else rng.randrange(1, 8)):
        path = "/%s/%x?id=%d" % (rng.choice(HOSTS), rng.getrandbits(40), rng.randrange(9999))
        if rng.random() < 0.1:
            form = noise.take(rng.randrange(20, 200)).hex()
            yield CLIENT, ("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\n"
                           "Content-Length: %d\r\n\r\n%s" % (path, host, len(form), form)
                           ).encode(), rng.randrange(1000, 200000)
        else:
            yield CLIENT, ("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux "
                           "x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: */*\r\n"
                           "Accept-Encoding: gzip\r\nCookie: session=%032x\r\n\r\n"
                           % (path, host, rng.getrandbits(128))).encode(), rng.randrange(
                               1000, 400000)
        if rng.random() < 0.15:
            yield SERVER, (b"HTTP/1.1 304 Not Modified\r\nServer: nginx\r\n"
                           b"ETag: \"5f-61\"\r\n\r\n"), rng.randrange(500, 30000)
            continue
        kind, encoding, body = http_body(rng, noise, bulk)
        yield SERVER, ("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: %s\r\n%s"
                       "Content-Length: %d\r\n\r\n" % (kind, encoding, len(body))
                       ).encode() + body, rng.randrange(500, 30000)


# --- SSH ---

SSH_CIPHERS = (b"chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,"
               b"aes128-gcm@openssh.com")
SSH_MACS = b"umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512,hmac-sha1"
SSH_NAMES = (
    b"curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256",
    b"ssh-ed25519,rsa-sha2-512,rsa-sha2-256", SSH_CIPHERS, SSH_CIPHERS, SSH_MACS, SSH_MACS,
    b"none,zlib@openssh.com", b"none,zlib@openssh.com", b"", b"")

def ssh(rng, noise, _bulk):
    yield CLIENT, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", 1000
    yield SERVER, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", 2000
    for side in (CLIENT, SERVER):
        body = b"\x14" + noise.take(16) + b"".join(
            struct.pack(">I", len(names)) + names for names in SSH_NAMES) + bytes(5)
        padding = 16 - (len(body) + 5) % 8
        yield side, struct.pack(">IB", len(body) + padding + 1, padding) + body + bytes(
            padding), 700
    for _ in range(rng.randrange(40, 500)):
        yield CLIENT, noise.take(rng.choice((36, 36, 36, 52, 84))), rng.randrange(2000, 400000)
        yield SERVER, noise.take(rng.choice((36, 36, 52, 100, 180))), rng.randrange(300, 9000)


# --- DNS and QUIC ---

def dns(rng, _noise, _bulk):
    for _ in range(rng.randrange(1, 3)):
        number = rng.getrandbits(16)
        name = b"".join(bytes((len(part),)) + part.encode()
                        for part in host_name(rng).split(".")) + b"\0"
        question = name + struct.pack(">HH", rng.choice((1, 1, 28)), 1)
        yield CLIENT, struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + question, 1000
        address = struct.pack(">HHHIHI", 0xC00C, 1, 1, 300, 4, rng.getrandbits(32))
        yield SERVER, (struct.pack(">6H", number, 0x8180, 1, 1, 0, 0) + question +
                       address), rng.randrange(300, 40000)


def quic(rng, noise, bulk):
    first, second = noise.take(8), noise.take(8)
    for side, own, other in ((CLIENT, first, second), (SERVER, second, first)):
        head = (b"\xc3\0\0\0\1\x08" + other + b"\x08" + own + b"\0" +
                struct.pack(">H", 0x4000 | 1180))
        yield side, head + noise.take(1200 - len(head)), 15000
    for _ in range(rng.randrange(60, 500) if bulk else rng.randrange(4, 60)):
        if rng.random() < 0.3:
            yield CLIENT, b"\x43" + second + noise.take(rng.randrange(20, 60)), rng.randrange(4000)
        size = 1240 if bulk else rng.choice((30, 60, 120, 400, 1240))
        yield SERVER, b"\x43" + first + noise.take(size), rng.randrange(50, 4000)
