#!/usr/bin/env python3
"""Prints alerts (JSON lines) as a short table and the first one whole: show-alerts.py FILE"""
import json
import sys

documents = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
alerts = [d for d in documents if d["event"]["kind"] == "alert"]
for d in alerts:
    print(f'{d["@timestamp"][11:23]}  {d["log"]["level"]:<13} {d["event"]["code"]:<26} '
          f'{d.get("client", {}).get("ip", ""):<15} -> {d.get("server", {}).get("ip", ""):<15} '
          f'{d.get("url", {}).get("original", "")[:60]}')
if alerts:
    print("\nThe gravest of them, whole:\n")
    print(json.dumps(max(alerts, key=lambda d: d["event"]["severity"]), indent=1))
