#!/usr/bin/python3
"""rules.py: every shipped rule is complete, valid by the JSON schemas of Sigma, one of the detections of
the design, and has a golden case in pcaps/ that fires it and another that must not.

    schema    sigma/*.json (SigmaHQ/sigma-specification)
    complete  title, id, name, status, description, author, date, references, tags with a tactic and a
              technique of ATT&CK, level, falsepositives, custom.control, .remedy, .evidence
    name      a line of detections.txt, or such a name with `-...` behind it; the level is that line's
    control   a line of controls.txt
    cases     a folder whose expected alerts have it, by their rule.uuid where its detection has several
              rules; and a folder <detection>*-not-*, or one whose README calls it its near miss, whose
              expected alerts do not

Rules that only correlations count need no case, and are informational. awaited.txt names rules whose
cases are still to come."""
import datetime
import json
import re
import sys
import uuid
from pathlib import Path

import jsonschema
import yaml

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
KEYS = ["title", "id", "name", "status", "description", "author", "date", "references", "tags",
        "level", "falsepositives"]
CUSTOM = ["control", "remedy", "evidence"]
CATALOGUE = re.compile(r"configmgr\.(coerce|cred|elevate|exec|recon|takeover)-\d+")


def lines(name: str) -> list[str]:
    """The lines of a list, without comments."""
    text = (HERE / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def plain(node: object) -> object:
    """Dates as JSON has them: texts."""
    if isinstance(node, dict):
        return {str(k): plain(v) for k, v in node.items()}
    if isinstance(node, list):
        return [plain(v) for v in node]
    return node.isoformat() if isinstance(node, datetime.date) else node


class Rules:
    """All that is shipped, and what is known beside it."""

    def __init__(self) -> None:
        self.rules = [(path.relative_to(TOP), plain(document))
                      for path in sorted((TOP / "signatures").glob("*/*.yml"))
                      for document in yaml.safe_load_all(path.read_text()) if document]
        self.counted = {name for _, rule in self.rules for name in
                        rule.get("correlation", {}).get("rules", [])
                        if not rule["correlation"].get("generate")}
        self.schemas = {kind: json.loads((HERE / "sigma" / f"sigma-{file}-schema.json").read_text())
                        for kind, file in (("detection", "detection-rule"),
                                           ("correlation", "correlation-rules"),
                                           ("filter", "filters"))}
        detections = [line.split() for line in lines("detections.txt")]
        self.levels = {d[0]: d[1] for d in detections}
        self.without_near_miss = {d[0] for d in detections if "no-near-miss" in d}
        self.controls = set(lines("controls.txt"))
        self.awaited = set(lines("awaited.txt"))
        self.by_id = {rule["id"]: rule["name"] for _, rule in self.rules}
        self.variants = {rule["custom"]["reports_as"] for _, rule in self.rules
                         if "reports_as" in rule.get("custom", {})}
        attack = (TOP / "sensor/output/attack.c").read_text()
        self.attack = set(re.findall(r'\{"([a-z0-9.-]+)", "T', attack))
        self.cases = {}
        for case in sorted((TOP / "pcaps").iterdir()):
            fired = {self.fired(json.loads(line))
                     for file in case.glob("expected*.jsonl")
                     for line in file.read_text().splitlines() if line.strip()}
            readme = case / "README.md"
            self.cases[case.name] = (fired, readme.read_text() if readme.exists() else "")

    def fired(self, expected: dict) -> str:
        """The rule that an expected alert is of; empty where it may be one of several."""
        code, uuid_ = expected["event"]["code"], expected.get("rule", {}).get("uuid")
        return self.by_id.get(uuid_, "") if uuid_ or code in self.variants else code

    def schema(self, rule: dict):
        """What the schema does not take."""
        kind = next((k for k in ("correlation", "filter") if k in rule), "detection")
        checker = jsonschema.FormatChecker()
        for error in jsonschema.Draft202012Validator(self.schemas[kind],
                                                     format_checker=checker).iter_errors(rule):
            yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"

    def complete(self, rule: dict):
        """What is missing, or says nothing."""
        custom = rule.get("custom", {})
        yield from (f"there is no {key}" for key in KEYS if not rule.get(key))
        yield from (f"there is no custom.{key}" for key in CUSTOM if not custom.get(key))
        try:
            uuid.UUID(str(rule.get("id")))
        except ValueError:
            yield f"id {rule.get('id')} is no UUID"
        for tag in rule.get("tags", []):
            known = tag[7:] in self.attack if tag.startswith("attack.") else CATALOGUE.fullmatch(tag)
            if not known:
                yield f"tag {tag} is neither known of ATT&CK nor of the catalogue of ConfigMgr attacks"
        if not any(re.fullmatch(r"attack\.t\d{4}(\.\d{3})?", t) for t in rule.get("tags", [])):
            yield "no tag is a technique of ATT&CK"
        if not any(re.fullmatch(r"attack\.[a-z-]+", t) for t in rule.get("tags", [])):
            yield "no tag is a tactic of ATT&CK"
        yield from (f"reference {r} is no address" for r in rule.get("references", [])
                    if not re.match(r"https?://\S+$", r))
        if custom.get("control") not in self.controls:
            yield f"control {custom.get('control')} is not among controls.txt"
        said = {"description": rule.get("description"), "remedy": custom.get("remedy")}
        if rule.get("name") in self.counted:  # the correlation that counts it says more
            said = {}
        for key, text in said.items():
            if len(str(text or "").split()) < 8:
                yield f"{key} says too little"

    def detection_of(self, name: str) -> str | None:
        """The detection that a rule is, or is a variant of."""
        found = [d for d in self.levels if name == d or name.startswith(d + "-")]
        return max(found, key=len, default=None)

    def named(self, rule: dict):
        """What is wrong with its name and level."""
        name = rule.get("name", "")
        detection = self.detection_of(name)
        if name in self.counted:
            if rule.get("level") != "informational":
                yield "it is only counted, so its level is informational"
        elif not detection:
            yield f"{name} is no detection of detections.txt"
        elif name == detection and rule.get("level") != self.levels[detection]:
            yield f"its level is {rule.get('level')}, in detections.txt {self.levels[detection]}"
        reported = rule.get("custom", {}).get("reports_as", detection)
        if reported != detection:
            yield f"it reports as {reported}, and is a variant of {detection}"

    def cased(self, rule: dict):
        """Which cases are missing."""
        name = rule.get("name", "")
        detection = self.detection_of(name)
        if name in self.counted or not detection:
            return
        near = re.compile(rf"near miss(es)? of [^.:;]*\b{re.escape(name)}(?![-\w])", re.I)
        fires = any(name in fired for fired, _ in self.cases.values())
        silent = detection in self.without_near_miss or any(
            name not in fired and ("-not-" in case and case.startswith(detection)
                                   or near.search(readme))
            for case, (fired, readme) in self.cases.items())
        missing = [what for what, there in (("fires it", fires), ("is its near miss", silent))
                   if not there]
        if missing and name not in self.awaited:
            yield f"no case {detection}* in pcaps/ {' and none '.join(missing)}"
        if not missing and name in self.awaited:
            print(f"# {name}: its cases are there, take it out of awaited.txt")


def main() -> int:
    """Check all rules, and those that are there twice."""
    rules, passed, failed = Rules(), 0, 0
    seen: dict[str, str] = {}
    for path, rule in rules.rules:
        name = rule.get("name", "?")
        complaints = [*rules.schema(rule), *rules.complete(rule), *rules.named(rule),
                      *rules.cased(rule)]
        for key in (rule.get("id"), rule.get("name")):
            if key in seen:
                complaints.append(f"{key} is used by {seen[key]} too")
            seen[key] = f"{path}"
        if not re.fullmatch(r"[a-z0-9_]{6,66}\.yml", path.name):
            complaints.append("the name of its file should be 10 to 70 of a-z, 0-9 and _")
        print(f"{'not ok' if complaints else 'ok'} {path} {name}")
        for complaint in complaints:
            print(f"  # {complaint}")
        passed, failed = passed + (not complaints), failed + bool(complaints)
    unknown = rules.awaited - {rule.get("name") for _, rule in rules.rules}
    for name in sorted(unknown):
        print(f"not ok awaited.txt: there is no rule {name}")
    failed += len(unknown)
    print(f"rules: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
