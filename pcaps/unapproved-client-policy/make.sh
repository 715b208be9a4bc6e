#!/bin/bash
# A client that nobody approved asks for policy and gets it.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 register policy bodies
finish
