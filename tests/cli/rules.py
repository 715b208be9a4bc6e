"""What rule files hold, read without cmtap: rules.py names|all PATH...

names    rules that raise alerts of their own, one a line
all      every rule, those that are only counted by correlations included
"""
import sys
from pathlib import Path

import yaml


def documents(paths):
    """All rules in files and folders."""
    for path in map(Path, paths):
        for file in sorted(path.rglob("*.yml")) if path.is_dir() else [path]:
            yield from (d for d in yaml.safe_load_all(file.read_text()) if d and "filter" not in d)


def main(what, *paths):
    """List them."""
    rules = list(documents(paths))
    counted = set()
    for rule in rules:
        correlation = rule.get("correlation", {})
        if not correlation.get("generate"):
            counted.update(correlation.get("rules", []))
    print("\n".join(sorted(r["name"] for r in rules
                           if what == "all" or not {r["name"], r.get("id")} & counted)))


main(*sys.argv[1:])
