#!/bin/bash
# A new client registers and fetches its policy, in which there is no secret.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --registration approved
record
client client01 register policy bodies
finish
