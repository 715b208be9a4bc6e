#!/bin/bash
# A software update scan over HTTP.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve sup01 --roles sup --port 8530
record
client client01 --server http://sup01.corp.example:8530 wsus=GetConfig wsus=GetCookie wsus=SyncUpdates wsus=GetExtendedUpdateInfo
finish
