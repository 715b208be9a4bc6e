#!/bin/bash
# A morning in a small office: one MP, DP and SUP, three clients, and one machine that should not be there.
. "$(dirname "$0")/../../tests/lab/case.sh"
serve mp01 --roles mp,fsp --list-site PS1 --policies settings,software,naa --dp dp01.corp.example --sup sup01.corp.example
serve dp01 --roles dp
serve sup01 --roles sup --port 8530
serve rogue01 --list-site PS1 --server nginx --keys "$WORK/rogue" --dp rogue01.corp.example
client client03 register+ntlm
record
# a new domain computer
client client01 fsp 'aut=MPLIST1&PS1' aut=MPKEYINFORMATION aut=SITESIGNCERT siteinfo register+ntlm policy bodies \
	report=ddr report=hinv report=state location=PS100012.3 wsuslocation
client client01 --server http://dp01.corp.example content=PS100012.3
client client01 --server http://sup01.corp.example:8530 wsus=GetConfig wsus=GetCookie wsus=SyncUpdates
# a workgroup computer that nobody approved yet
client client02 'aut=MPLIST1&PS1' register policy bodies location=PS100012.3
client client02 --server http://dp01.corp.example content+ccm=PS100012.3
# an old client, which is then misled
client client03 --version 2.50.4160.2000 report=ddr
# and the machine that should not be there
client rogue01 --server http://dp01.corp.example loot
client rogue01 --host client01 relay
client client03 --server http://rogue01.corp.example 'aut=MPLIST1&PS1' location=PS100012.3
finish
