"""Certificates of the right form with made-up keys, as new clients make themselves when they register."""
from datetime import datetime, timedelta

RSA = bytes.fromhex("300d06092a864886f70d0101010500")
SHA256_RSA = bytes.fromhex("300d06092a864886f70d01010b0500")
USAGE = {"signing": "1.3.6.1.4.1.311.101", "encryption": "1.3.6.1.4.1.311.101.2"}


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element of DER."""
    value = b"".join(parts)
    size = len(value)
    length = bytes([size]) if size < 128 else (
        b"\x81" + bytes([size]) if size < 256 else b"\x82" + size.to_bytes(2, "big"))
    return bytes([tag]) + length + value


def oid(text: str) -> bytes:
    """An object identifier."""
    first, second, *rest = (int(part) for part in text.split("."))
    data = bytes([first * 40 + second])
    for number in rest:
        digits = [number & 127]
        while number := number >> 7:
            digits.insert(0, number & 127 | 128)
        data += bytes(digits)
    return tlv(6, data)


def name(common: str) -> bytes:
    """A distinguished name of SMS and the machine."""
    return tlv(0x30, *(tlv(0x31, tlv(0x30, oid("2.5.4.3"), tlv(0x0C, text.encode())))
                       for text in ("SMS", common)))


def made_up(host: str, time: float, usage: str, chance) -> bytes:
    """A self-signed certificate; its key is random bytes, and so is its signature."""
    start = datetime.utcfromtimestamp(time) - timedelta(days=1)
    dates = [tlv(0x18, (start + timedelta(days=365 * years)).strftime("%Y%m%d%H%M%SZ").encode())
             if years else tlv(0x17, start.strftime("%y%m%d%H%M%SZ").encode()) for years in (0, 99)]
    modulus = b"\0" + bytes([chance.randrange(128, 256)]) + chance.randbytes(254) + b"\x01"
    key = tlv(0x30, RSA, tlv(3, b"\0", tlv(0x30, tlv(2, modulus), tlv(2, b"\x01\0\x01"))))
    extension = tlv(0xA3, tlv(0x30, tlv(0x30, oid("2.5.29.37"),
                                        tlv(4, tlv(0x30, oid(USAGE[usage]))))))
    body = tlv(0x30, tlv(0xA0, tlv(2, b"\x02")), tlv(2, b"\x01" + chance.randbytes(15)), SHA256_RSA,
               name(host), tlv(0x30, *dates), name(host), key, extension)
    return tlv(0x30, body, SHA256_RSA, tlv(3, b"\0" + chance.randbytes(256)))
