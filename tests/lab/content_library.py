#!/usr/bin/python3
"""A content library as a distribution point has it, and who walks through it over SMB.

    content_library.py make FOLDER FILES          writes PkgLib, DataLib and FileLib
    content_library.py walk SERVER USER PASSWORD [MOST]
                                                  as cmloot does, with impacket's SMB classes: lists
                                                  DataLib, reads its INI files, fetches what they name

Layout: http.md 6.4 and network.md 1.1. SMB 2.1, as impacket encrypts whatever version 3 lets it."""
import hashlib
import io
import sys
from pathlib import Path

NAMES = ("setup", "unattend", "install", "config", "join")
EXTENSIONS = ("ps1", "xml", "cmd", "ini", "vbs")


def make(top: Path, files: int) -> None:
    """One package for five files."""
    for number in range(files):
        package = f"PS1{number // 5 + 1:05d}"
        name = f"{NAMES[number % 5]}{number}.{EXTENSIONS[number % 5]}"
        body = f"rem {name} of {package}\r\npassword=secret-in-clear-{number}\r\n".encode()
        digest = hashlib.sha256(body).hexdigest().upper()
        data = top / "DataLib" / f"{package}.1"
        stored = top / "FileLib" / digest[:4]
        for folder in (top / "PkgLib", data, stored):
            folder.mkdir(parents=True, exist_ok=True)
        (top / "PkgLib" / f"{package}.INI").write_text(f"[Packages]\r\n{package}.1=\r\n")
        (top / "DataLib" / f"{package}.1.INI").write_text(f"[{package}.1]\r\n")
        (data / f"{name}.INI").write_text(
            f"[File]\r\nSize={len(body)}\r\nAttributes=32\r\nHash={digest}\r\n")
        (stored / digest).write_bytes(body)
        (stored / f"{digest}.INI").write_text(f"[File]\r\n{package}=\r\n")


def walk(server: str, user: str, password: str, most: int) -> None:
    """Lists and reads; `most` INI files at most."""
    from impacket.smb3structs import SMB2_DIALECT_21
    from impacket.smbconnection import SMBConnection

    connection = SMBConnection(server, server, preferredDialect=SMB2_DIALECT_21)
    connection.login(user, password, "CORP")

    def names(pattern: str, directories: bool) -> list[str]:
        return [f.get_longname() for f in connection.listPath("SCCMContentLib$", pattern)
                if bool(f.is_directory()) == directories and f.get_longname() not in (".", "..")]

    def get(path: str) -> str:
        to = io.BytesIO()
        connection.getFile("SCCMContentLib$", path, to.write)
        return to.getvalue().decode()

    for folder in names("DataLib\\*", True):
        for name in names(f"DataLib\\{folder}\\*", False):
            if not most:
                break
            most -= 1
            lines = get(f"DataLib\\{folder}\\{name}").split()
            digest = dict(line.split("=", 1) for line in lines if "=" in line)["Hash"]
            print(folder, name, len(get(f"FileLib\\{digest[:4]}\\{digest}")))
    connection.close()


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        walk(*sys.argv[2:5], int(sys.argv[5]) if len(sys.argv) > 5 else -1)
