#!/bin/bash
# A client that cannot be installed tells the fallback status point.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --roles mp,fsp
record
client client01 fsp fsp
client client02 fsp
finish
