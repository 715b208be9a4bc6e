"""Runs the program under test and reads what it writes."""
import json
import os
import subprocess
import tempfile
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


def overrides(case: Path) -> list[str]:
    """Options for the overrides that a case brings: the thresholds of floods, smaller."""
    file = case / "overrides.yml"
    return ["--overrides", str(file)] if file.exists() else []


def read(capture: Path, site: Path | None = None, *options: str, binary: str = BINARY) -> Run:
    """Run `cmtap read` on a capture."""
    command = [binary, "read", *options, *(["-S", str(site)] if site else []), str(capture)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return Run(-1, [], "no end within 60 seconds")
    return read_documents(done.returncode, done.stdout.splitlines(),
                          done.stderr.decode(errors="replace"))


def read_documents(status: int, lines: list[bytes], errors: str) -> Run:
    """What a run wrote."""
    documents = []
    for line in lines:
        try:
            documents.append(json.loads(line.decode(errors="replace")))
        except ValueError:
            return Run(-1, [], f"not JSON: {line[:200]!r}\n{errors}")
    return Run(status, documents, errors)


def secrets_of(case: Path) -> Path | None:
    """The key log file of a case, where it has one."""
    keylog = case / "keys.log"
    return keylog if keylog.exists() else None


class Replayer:
    """Many runs of `cmtap read` by one process that reads the rules once: tests/replay."""

    def __init__(self, program: str, overrides_file: Path | None = None):
        self.program, self.overrides_file = program, overrides_file
        self.process = None
        self.errors = None

    def start(self) -> None:
        """A new process, for the first job or after a crash."""
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([self.program, str(TOP / "tests/replay/replay.yml"),
                                         str(TOP / "signatures"),
                                         *([str(self.overrides_file)] if self.overrides_file
                                           else [])], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.errors)

    def read(self, capture: Path, site: Path | None = None, events: bool = False,
             keylog: Path | None = None) -> Run:
        """As read() above."""
        if self.process is None:
            self.start()
        place = self.errors.seek(0, os.SEEK_END)
        job = f"{'events' if events else 'alerts'}\t{site or ''}\t{keylog or ''}\t{capture}\n"
        lines = []
        try:
            self.process.stdin.write(job.encode())
            self.process.stdin.flush()
            for line in self.process.stdout:
                if line.startswith(b"end "):
                    self.errors.seek(place)
                    return read_documents(int(line[4:]), lines, self.errors.read().decode(
                        errors="replace"))
                lines.append(line)
        except BrokenPipeError:
            pass
        return Run(-1, [], f"ended in the middle, {self.close()}")

    def close(self) -> str:
        """End the process; tells what is wrong with its end, such as a leak."""
        if self.process is None:
            return ""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()
        status = self.process.wait(timeout=60)
        self.process = None
        self.errors.seek(0)
        return f"status {status}: " + self.errors.read().decode(errors="replace") if status else ""


# Correlations of connections between different hosts: which of these is seen last, and gives the alert
# its client and server, depends on what was lost. What they have in common does not.
BETWEEN_CONNECTIONS = ("ntlm-relay", "ntlm-relay-response", "coerced-authentication")


def key(document: dict) -> tuple[str, str, str]:
    """What makes an alert equal to another one: its signature, client and server, or its group."""
    code = document.get("event", {}).get("code", "")
    group = document.get("configmgr", {}).get("correlation", {}).get("group")
    if code in BETWEEN_CONNECTIONS and group:
        return code, group, ""
    client = document.get("client") or document.get("source") or {}
    return (code, client.get("ip", ""),
            document.get("server", {}).get("ip", ""))
