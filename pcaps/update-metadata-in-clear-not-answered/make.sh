#!/bin/bash
# A call that the update service does not answer.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve sup01 --roles sup --port 8530 --answer 'POST /ClientWebService.*=503'
record
client client01 --server http://sup01.corp.example:8530 wsus=SyncUpdates wsus=GetConfig
finish
