#!/bin/bash
# Says how this capture was recorded; it is not recorded anew, since that takes minutes.
#
# strongSwan 5.9.8 on both ends, inside user-mode-linux (Debian's kernel 6.1, which has ESP and AH),
# captured by tcpdump on the responder. client01 is 192.0.2.11, mp01 198.51.100.20; swanctl of both:
#
#    connections { lab { version = 2; aggressive = no; proposals = aes256gcm16-prfsha384-ecp384
#        local { auth = psk; id = HOST.corp.example }   remote { auth = psk }
#        children { lab { mode = transport; esp_proposals = aes256gcm16-ecp384; local_ts = dynamic } } } }
#    secrets { ike-1 { secret = "Lab-Only-PSK" } }
#
# Then on client01:
#
#    swanctl --initiate --child lab
#    ping -c2 -i.3 198.51.100.20
#    curl "http://198.51.100.20/SMS_MP/.sms_aut?MPLIST"
#    swanctl --terminate --ike lab
set -eu
sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
