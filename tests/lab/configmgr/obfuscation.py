"""The obfuscation of secrets in policy: a blob that brings its own key (http.md 3.7).

     0  4  89 13 00 00 (3DES) or 8A 13 00 00 (AES-256)
     4 40  key material
    44  8  not described by http.md; here the length of the text, then zero
    52  4  length of the ciphertext
    56  4  CryptoAPI ALG_ID
    60  4  zero
    64     ciphertext of the text in UTF-16LE
"""
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

SCHEMES = {"3des": (0x1389, 0x6603, algorithms.TripleDES, 24, 64),
           "aes-256": (0x138A, 0x6610, algorithms.AES, 32, 128)}


def derive(material: bytes, size: int) -> bytes:
    """CryptDeriveKey from a SHA-1 hash: what needs no password is no secret."""
    digest = hashlib.sha1(material).digest().ljust(64, b"\0")
    halves = (hashlib.sha1(bytes(b ^ pad for b in digest)).digest() for pad in (0x36, 0x5C))
    return b"".join(halves)[:size]


def obfuscate(text: str, scheme: str = "3des") -> str:
    """The blob for a text, as upper-case hex."""
    magic, algorithm, cipher, key_size, block_bits = SCHEMES[scheme]
    material = os.urandom(40)
    plain = text.encode("utf-16-le") + b"\0\0"
    padder = PKCS7(block_bits).padder()
    padded = padder.update(plain) + padder.finalize()
    encryptor = Cipher(cipher(derive(material, key_size)),
                       modes.CBC(bytes(block_bits // 8))).encryptor()
    secret = encryptor.update(padded) + encryptor.finalize()
    return (struct.pack("<I", magic) + material + struct.pack("<II", len(plain), 0)
            + struct.pack("<III", len(secret), algorithm, 0) + secret).hex().upper()


def reveal(blob: str) -> str:
    """The text in a blob: the proof that the blobs in the captures are readable by anybody."""
    raw = bytes.fromhex(blob)
    magic, = struct.unpack_from("<I", raw)
    scheme = next(s for s in SCHEMES.values() if s[0] == magic)
    length, = struct.unpack_from("<I", raw, 52)
    _, _, cipher, key_size, block_bits = scheme
    decryptor = Cipher(cipher(derive(raw[4:44], key_size)),
                       modes.CBC(bytes(block_bits // 8))).decryptor()
    padded = decryptor.update(raw[64:64 + length]) + decryptor.finalize()
    unpadder = PKCS7(block_bits).unpadder()
    return (unpadder.update(padded) + unpadder.finalize()).decode("utf-16-le").rstrip("\0")
