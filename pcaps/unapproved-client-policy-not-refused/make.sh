#!/bin/bash
# A client that nobody approved gets nothing.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --policies software
record
client client01 register policy body=software
finish
