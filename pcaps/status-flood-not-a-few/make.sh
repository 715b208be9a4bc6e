#!/bin/bash
# A client reports its installation to the fallback status point, a few times.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01
record
client client01 fsp fsp fsp fsp fsp
finish
