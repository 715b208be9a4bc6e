"""The content library of a distribution point, as its web handler shows it (http.md 6)."""
import hashlib
import random
from dataclasses import dataclass, field
from urllib.parse import unquote

UNATTEND = ('<?xml version="1.0"?>\r\n<unattend><AutoLogon><Username>labadmin</Username><Password>'
            "<Value>Lab-Only-Passw0rd!</Value></Password></AutoLogon></unattend>\r\n").encode()
README = b"<html><head><title>Read me</title></head><body><h1>Setup</h1></body></html>\r\n"
UPDATE = "6d1f2c3a-0b4e-4c58-9f10-2a6b7c8d9e01"
APPLICATION = "Content_0b6f8a52-3c1d-4e7f-8a90-5b4c3d2e1f01"


def noise(seed: str, size: int) -> bytes:
    """Bytes that look like a program, the same each time."""
    return b"MZ" + random.Random(seed).randbytes(size - 2)


@dataclass
class Content:
    """One content object: an id, its version and the files in it, folders by slash."""
    id: str
    version: str
    files: dict[str, bytes] = field(default_factory=dict)


CONTENTS = [
    Content("PS100012", "3", {"setup.cmd": b"setup\r\n" * 64, "scripts/unattend.xml": UNATTEND,
                              "readme.html": README}),
    Content(APPLICATION, "1", {"client.msi": noise("msi", 12000)}),
    Content(UPDATE, "1", {"update.cab": noise("cab", 6000)}),
]


class Library:
    """What is below /SMS_DP_SMSPKG$/ and /SMS_DP_SMSSIG$/; names are compared without case."""

    def __init__(self, host: str, contents: list[Content] | None = None):
        self.host, self.contents = host, contents if contents is not None else CONTENTS
        self.hashes = {hashlib.sha256(data).hexdigest().upper(): data
                       for c in self.contents for data in c.files.values()}

    def find(self, name: str) -> Content | None:
        """The content of an id, with or without its version."""
        wanted = name.lower()
        return next((c for c in self.contents
                     if wanted in (c.id.lower(), f"{c.id}.{c.version}".lower())), None)

    def file(self, path: str) -> bytes | None:
        """A file by its path below the virtual directory."""
        path = unquote(path).strip("/")
        first, _, rest = path.partition("/")
        if first.lower() == "filelib":
            return self._filelib(rest)
        if first.lower() == "datalib":
            return self._datalib(rest)
        if first.lower() == "pkglib":
            return self._pkglib(rest)
        content = self.find(first)
        rest = rest[6:] if rest.lower().startswith("sccm?/") else rest
        if not content or not rest:
            return None
        return next((d for n, d in content.files.items() if n.lower() == rest.lower()), None)

    def _filelib(self, rest: str) -> bytes | None:
        name = rest.rpartition("/")[2].upper()
        if name.endswith(".INI"):
            owner = next((c.id for c in self.contents for d in c.files.values()
                          if hashlib.sha256(d).hexdigest().upper() == name[:-4]), None)
            return f"[Packages]\r\n{owner}=\r\n".encode() if owner else None
        return self.hashes.get(name)

    def _datalib(self, rest: str) -> bytes | None:
        if not rest.lower().endswith(".ini"):
            return None
        first, _, inner = rest[:-4].partition("/")
        content = self.find(first)
        if content and not inner:
            return b"[Content]\r\nVersion=1\r\n"
        data = next((d for n, d in content.files.items() if n.lower() == inner.lower()),
                    None) if content else None
        if data is None:
            return None
        return (f"[File]\r\nSize={len(data)}\r\nAttributes=32\r\nTimeModified=132500000000000000"
                f"\r\nHash={hashlib.sha256(data).hexdigest().upper()}\r\n").encode()

    def _pkglib(self, rest: str) -> bytes | None:
        content = self.find(rest.rpartition(".")[0]) if rest.lower().endswith(".ini") else None
        if not content:
            return None
        return f"[Packages]\r\n{content.id}={content.version}\r\n".encode()

    def listing(self, path: str, root: str) -> str | None:
        """A folder as the handler prints it; only the lines with links are known from real ones."""
        entries = self._entries(unquote(path).strip("/"))
        if entries is None:
            return None
        base = f"http://{self.host}{root}/"
        lines = "".join(
            f'<br>&lt;dir&gt <a href="{base}{target}">{name}</a>' if size is None
            else f'<br>{size} <a href="{base}{target}">{name}</a>'
            for name, target, size in entries)
        title = f"{self.host} - {root}/{path}"
        return (f"<html><head><title>{title}</title></head><body><H1>{title}</H1><hr><pre>"
                f"{lines}</pre><hr></body></html>")

    def _entries(self, path: str) -> list[tuple[str, str, int | None]] | None:
        first, _, rest = path.partition("/")
        names = [f"{c.id}.{c.version}" for c in self.contents]
        if path == "":
            return [(n, n, None) for n in ("DataLib", "FileLib", "PkgLib")]
        if path.lower() == "datalib":
            return ([(n, n, None) for n in names]
                    + [(f"{n}.INI", f"Datalib/{n}.INI", 24) for n in names])
        if path.lower() == "pkglib":
            return [(f"{c.id}.INI", f"PkgLib/{c.id}.INI", 32) for c in self.contents]
        if path.lower() == "filelib":
            return [(h[:4], f"FileLib/{h[:4]}", None) for h in self.hashes]
        if first.lower() == "filelib":
            return [(h, f"FileLib/{h[:4]}/{h}", len(d)) for h, d in self.hashes.items()
                    if h[:4] == rest.upper()] or None
        content = self.find(first)
        return self._folder(content, first, rest) if content else None

    @staticmethod
    def _folder(content: Content, first: str, rest: str):
        prefix, seen = (rest + "/" if rest else ""), {}
        for name, data in content.files.items():
            if not name.lower().startswith(prefix.lower()):
                continue
            head, slash, _ = name[len(prefix):].partition("/")
            seen[head] = None if slash else len(data)
        return [(n, f"{first}/{prefix}{n}", size) for n, size in seen.items()] or None

    def multistatus(self, path: str, root: str) -> str | None:
        """The answer to PROPFIND: the content's files under their /sccm?/ names."""
        content = self.find(unquote(path).strip("/").partition("/")[0])
        if not content:
            return None
        base = f"http://{self.host}{root}/{content.id}"
        rows = [(f"{base}/", 0, 1)] + [(f"{base}/sccm?/{name}", len(data), 0)
                                       for name, data in content.files.items()]
        return ('<?xml version="1.0" encoding="utf-8"?><D:multistatus xmlns:D="DAV:">' + "".join(
            f"<D:response><D:href>{href}</D:href><D:propstat><D:status>HTTP/1.1 200 OK</D:status>"
            f"<D:prop><D:getcontentlength>{size}</D:getcontentlength><D:iscollection>{folder}"
            "</D:iscollection></D:prop></D:propstat></D:response>"
            for href, size, folder in rows) + "</D:multistatus>")

    def signature(self, name: str) -> bytes | None:
        """<ContentID>.<ver>.tar of SMSSIG: per file a header block and an RDC signature block."""
        content = self.find(name.lower().removesuffix(".tar"))
        if not content:
            return None
        blocks = b""
        for file in content.files:
            head = bytearray(512)
            head[:len(file)] = file.encode()
            head[124:136] = b"00000000013\0"
            rdc = bytes.fromhex("1800000001000100010001").ljust(512, b"\0")
            blocks += bytes(head) + rdc
        return blocks + bytes(1024)
