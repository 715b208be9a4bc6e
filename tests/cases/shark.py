"""What tshark and its daemon sharkd read in a capture, each capture dissected as seldom as can be.

tshark takes long to start, so it is run once a capture, for the fields of all frames, and sharkd,
which stays, tells which frames a display filter lets through and what the streams carried.
"""
import base64
import json
import subprocess
import threading
from pathlib import Path

SEVERAL = "\x1f"  # between the values of one field in one frame

_mine = threading.local()
_asked: dict[tuple, dict[str, None]] = {}  # fields that somebody asked for, by tshark's options


class Sharkd:
    """One sharkd, which holds one capture at a time; preferences are tshark's, name to value."""

    def __init__(self, preferences: dict[str, str]):
        self.process = subprocess.Popen(["sharkd", "-"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.loaded, self.number = None, 0
        for name, value in preferences.items():
            self.ask("setconf", name=name, value=value)

    def ask(self, method: str, **parameters):
        """The result of one call."""
        self.number += 1
        call = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": parameters}
        self.process.stdin.write(json.dumps(call).encode() + b"\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith(b"{"):
                answer = json.loads(line)
                if "error" in answer:
                    raise ValueError(f"sharkd: {method} {parameters}: {answer['error']}")
                return answer["result"]
        raise ValueError(f"sharkd ended at {method} {parameters}")

    def frames(self, query: str) -> list[int]:
        """Numbers of the frames that a display filter lets through."""
        # sharkd keeps results by the text of the filter, and those of an earlier capture too.
        fresh = f"({query}) && frame.number < {(1 << 31) - self.number}"
        return [found["num"] for found in self.ask("frames", filter=fresh)]

    def load(self, capture: Path) -> "Sharkd":
        """The same, with this capture."""
        if self.loaded != capture:
            self.ask("load", file=str(capture.resolve()))
            self.loaded = capture
        return self


def sharkd(capture: Path, **preferences: str) -> Sharkd:
    """This thread's sharkd with these preferences, with a capture."""
    if not hasattr(_mine, "sharkd"):
        _mine.sharkd = {}
    key = tuple(preferences.items())
    if key not in _mine.sharkd:
        _mine.sharkd[key] = Sharkd(preferences)
    return _mine.sharkd[key].load(capture)


def read(capture: Path, fields, preferences: dict[str, str]) -> list[dict[str, str]]:
    """Fields of all frames by tshark."""
    columns = [part for name in fields for part in ("-e", name)]
    options = [part for pair in preferences.items() for part in ("-o", ":".join(pair))]
    text = subprocess.run(["tshark", "-r", str(capture), *options, "-T", "fields", "-E",
                           f"aggregator={SEVERAL}", *columns], stdout=subprocess.PIPE, timeout=120,
                          stderr=subprocess.DEVNULL, check=True).stdout.decode()
    return [dict(zip(fields, line.split("\t"))) for line in text.split("\n")[:-1]]


def table(capture: Path, fields, **preferences: str) -> list[dict[str, str]]:
    """All frames with these fields, and more: what was asked of one capture will be of the next."""
    key = tuple(preferences.items())
    asked = _asked.setdefault(key, {})
    asked.update(dict.fromkeys(fields))
    held = getattr(_mine, "tables", None)
    if held is None or held[0] != capture:
        held = _mine.tables = (capture, {})
    frames = held[1].get(key)
    if frames is None or frames and not frames[0].keys() >= set(fields):
        frames = held[1][key] = read(capture, list(asked), preferences)
    return frames


def rows(capture: Path, query: str, *fields: str, **preferences: str) -> list[list[str]]:
    """Fields of the frames that a display filter lets through."""
    frames = table(capture, fields, **preferences)
    if query != "frame":
        frames = [frames[n - 1] for n in sharkd(capture, **preferences).frames(query)]
    return [[frame[name] for name in fields] for frame in frames]


def follow(capture: Path, streams: list[int]) -> dict[int, tuple[list[str], list[bytes]]]:
    """Both ends of each TCP stream and the bytes each of them sent."""
    found = {}
    for number in streams:
        told = sharkd(capture).ask("follow", follow="TCP", filter=f"tcp.stream=={number}")
        sides = [b"", b""]
        for piece in told.get("payloads", ()):
            sides[piece.get("s", 0)] += base64.b64decode(piece["d"])
        found[number] = ([told["chost"], told["shost"]], sides)
    return found
