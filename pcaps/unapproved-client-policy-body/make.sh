#!/bin/bash
# A client whose registration is pending fetches a body under its own id.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --registration waiting
record
client client01 register close body=settings
finish
