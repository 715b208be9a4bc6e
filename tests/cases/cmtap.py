"""Runs the program under test and reads what it writes."""
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

TOP = Path(__file__).parents[2]
BINARY = os.environ.get("CMTAP", str(TOP / "build/debug/cmtap"))


@dataclass
class Run:
    """One run of `cmtap read`."""
    status: int
    documents: list[dict]
    errors: str

    @property
    def alerts(self) -> list[dict]:
        """The alerts among the documents."""
        return [d for d in self.documents if d.get("event", {}).get("kind") == "alert"]

    @property
    def crash(self) -> str:
        """Why the run counts as a crash, or nothing."""
        if self.status < 0 or self.status > 2:
            return f"ended with status {self.status}"
        return "sanitizer report" if "Sanitizer" in self.errors or "runtime error:" in self.errors \
            else ""

    @property
    def degraded(self) -> bool:
        """Does any document say that it may be incomplete?"""
        return any(d.get("configmgr", {}).get("degraded") for d in self.documents)


def read(capture: Path, site: Path | None = None, *options: str, binary: str = BINARY) -> Run:
    """Run `cmtap read` on a capture."""
    command = [binary, "read", *options, *(["-S", str(site)] if site else []), str(capture)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return Run(-1, [], "no end within 60 seconds")
    documents, errors = [], done.stderr.decode(errors="replace")
    for line in done.stdout.decode(errors="replace").splitlines():
        try:
            documents.append(json.loads(line))
        except ValueError:
            return Run(-1, [], f"not JSON: {line[:200]}\n{errors}")
    return Run(done.returncode, documents, errors)


def key(document: dict) -> tuple[str, str, str]:
    """What makes an alert equal to another one: its signature, client and server."""
    client = document.get("client") or document.get("source") or {}
    return (document.get("event", {}).get("code", ""), client.get("ip", ""),
            document.get("server", {}).get("ip", ""))
