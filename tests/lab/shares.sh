# Sourced by pcaps/*/make.sh after case.sh: the shares of site systems on real Samba.
#
#   shares HOST [LINE...]          samba of samba.sh with ConfigMgr's shares; LINE: of [global]
#   smb HOST ARGUMENT...           smbclient on HOST, as svc_naa unless -U is given
#   LOOSE SIGNED ENCRYPTED         sets of LINEs: guests and version 1, signing, encryption
#
# What is on the shares is made up; names and places are those of the reference (network.md 1.1, 1.2).
# shellcheck shell=bash disable=SC2034
. "$TOP/tests/lab/samba.sh"

LOOSE=('server min protocol = NT1' 'ntlm auth = ntlmv1-permitted' 'map to guest = Bad User'
	'restrict anonymous = 0' 'guest ok = yes')
SIGNED=('server min protocol = SMB2_02' 'server signing = mandatory')
ENCRYPTED=('server min protocol = SMB3_00' 'smb encrypt = required')

content() { # FOLDER: one package, the content library, inboxes, boot media
	local top=$1 n
	mkdir -p "$top"/{PS100001/scripts,PkgLib,DataLib,FileLib,SMSTemp,SMSImages/PS100005} \
		"$top"/{receive,pubkey,inboxes/hman.box/pubkey,inboxes/ddm.box,Client,pkgs/PS100007}
	head -c 20000 /dev/zero | tr '\0' s >"$top/PS100001/setup.msi"
	echo "password=secret-in-clear" >"$top/PS100001/unattend.xml"
	echo "echo installed" >"$top/pkgs/PS100007/setup.cmd"
	for n in $(seq -w 40); do
		mkdir -p "$top/DataLib/PS1000$n.1" "$top/FileLib/AB$n"
		echo "[File]" >"$top/DataLib/PS1000$n.1/setup$n.ps1.INI"
	done
	head -c 3000 /dev/zero >"$top/SMSTemp/2026.11.26.08.00.00.0001.{11111111-2222-3333-4444-555555555555}.boot.var"
	head -c 2000 /dev/zero >"$top/SMSTemp/2026.11.26.08.00.00.0001.{11111111-2222-3333-4444-555555555555}.boot.bcd"
	head -c 4000 /dev/zero >"$top/SMSImages/PS100005/boot.PS100005.wim"
	chmod -R a+rwX "$top"
}

shares() { # HOST LINE...
	local host=$1 top=$WORK/samba-$1/share name lines=()
	shift
	content "$top"
	for name in SMS_PS1 REMINST SMS_SITE 'pkgs$'; do
		lines+=("[$name]" "path = $top" "read only = no" "force user = root")
	done
	samba "$host" "$@" "${lines[@]}"
}

smb() { # HOST ARGUMENT...
	local host=$1 as="-Usvc_naa%$PASSWORD"
	shift
	for argument in "$@"; do
		case $argument in -U* | -N) as= ;; esac
	done
	(
		cd "$WORK"
		# shellcheck disable=SC2086
		ns "$host" timeout 60 smbclient -s /dev/null --option=clientminprotocol=NT1 \
			--option=nameresolveorder=host --option="netbiosname=${host^^}" $as "$@"
	) >>"$WORK/smbclient-$host.log" 2>&1 || true
}
