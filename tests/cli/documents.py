"""What tests ask of documents on standard input, one JSON object a line.

check            every line is a JSON object, in packet-time order; prints how many there are
codes            the signature of each alert, in order
counts           how often each signature alerted, repeated alerts included: "NAME COUNT"
get PATH...      the value of a.b.c in each document that has it; of several, a line for each that
                 has all of them
"""
import json
import sys
from collections import Counter


def get(document, path):
    """The member a.b.c, or None."""
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def main(what, *arguments):
    """Answer one question."""
    lines = sys.stdin.buffer.read().split(b"\n")
    if lines.pop():
        sys.exit("the last line has no end")
    documents = [json.loads(line) for line in lines]
    if not all(isinstance(d, dict) and d for d in documents):
        sys.exit("a line is no JSON object")
    if what == "check":
        times = [d["@timestamp"] for d in documents]
        for before, after in zip(times, times[1:]):
            if after < before:
                sys.exit(f"{after} comes after {before}")
        print(len(documents))
    elif what == "codes":
        print("\n".join(d["event"]["code"] for d in documents if d["event"]["kind"] == "alert"))
    elif what == "counts":
        counts = Counter()
        for d in documents:
            if d["event"]["kind"] in ("alert", "metric"):
                counts[d["event"]["code"]] += get(d, "configmgr.throttled.count") or 1
        print("\n".join(f"{name} {count}" for name, count in sorted(counts.items())))
    elif what == "get":
        for values in ([get(d, path) for path in arguments] for d in documents):
            if None not in values:
                print(*(v if isinstance(v, str) else json.dumps(v) for v in values))
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
