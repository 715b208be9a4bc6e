# Sourced by pcaps/*/make.sh after case.sh: real Samba, its clients, impacket's, and a real KDC.
#
#   samba HOST [LINE...]            smbd on HOST with accounts of the lab; each LINE is one of [global]
#   rpc_server HOST                 samba-dcerpcd on HOST: RPC over TCP, its endpoint mapper at 135
#   impacket HOST EXAMPLE ARG...    an example program of impacket on HOST; failure is no error
#   python HOST ARG...              Debian's own python3 on HOST
#   rpc HOST BINDING COMMAND OPT... rpcclient on HOST as svc_naa
#   kdc HOST SERVICE/HOST...        MIT's KDC of realm CORP.EXAMPLE on HOST, with accounts of the lab and
#                                   these services, whose keys are in $KEYTAB; KERBEROS: LINEs for samba
#   ticket HOST ACCOUNT             kinit on HOST: COMMANDs there use it in `kerberized HOST COMMAND...`
#   relay HOST PORT OPTION...       impacket's ntlmrelayx on HOST, which listens on PORT
#
# Accounts exist inside the lab only: namespaces see a passwd of their own. Their password is $PASSWORD.
# shellcheck shell=bash
PASSWORD='Lab-Only-Passw0rd!'
ACCOUNTS="svc_naa svc_push svc_sender site01\$ dp01\$ mp01\$"
EXAMPLES=/usr/share/doc/python3-impacket/examples

KEYTAB=$WORK/kdc/services.keytab
KERBEROS=('realm = CORP.EXAMPLE' 'kerberos method = dedicated keytab' "dedicated keytab file = $KEYTAB")

kerberized() { # HOST COMMAND...
	local host=$1
	shift
	ns "$host" env KRB5_CONFIG="$WORK/kdc/krb5.conf" KRB5_KDC_PROFILE="$WORK/kdc/kdc.conf" \
		KRB5CCNAME="$WORK/kdc/$host.ccache" "$@"
}

kdc() { # HOST SERVICE...
	local host=$1 dir=$WORK/kdc name
	shift
	mkdir -p "$dir"
	cat >"$dir/krb5.conf" <<-END
		[libdefaults]
		default_realm = CORP.EXAMPLE
		dns_lookup_kdc = false
		dns_lookup_realm = false
		rdns = false
		udp_preference_limit = 1
		[realms]
		CORP.EXAMPLE = {
			kdc = $host.corp.example
		}
		[domain_realm]
		.corp.example = CORP.EXAMPLE
	END
	cat >"$dir/kdc.conf" <<-END
		[kdcdefaults]
		kdc_ports = 88
		kdc_tcp_ports = 88
		[realms]
		CORP.EXAMPLE = {
			database_name = $dir/principal
			key_stash_file = $dir/stash
			acl_file = $dir/acl
			disable_pac = true
			supported_enctypes = ${ENCTYPES:-aes256-cts:normal aes128-cts:normal}
		}
		[logging]
		kdc = FILE:$dir/kdc.log
	END
	{
		kerberized "$host" kdb5_util create -s -r CORP.EXAMPLE -P "$PASSWORD"
		for name in $ACCOUNTS; do
			kerberized "$host" kadmin.local -q "addprinc -pw $PASSWORD $name"
		done
		for name in "$@"; do
			kerberized "$host" kadmin.local -q "addprinc -randkey $name"
			kerberized "$host" kadmin.local -q "ktadd -k $KEYTAB $name"
		done
	} >"$dir/setup.log" 2>&1
	background "$dir/krb5kdc.log" "$host" env KRB5_CONFIG="$dir/krb5.conf" \
		KRB5_KDC_PROFILE="$dir/kdc.conf" krb5kdc -n
	wait_port "$host" 88
}

ticket() { # HOST ACCOUNT
	echo "$PASSWORD" | kerberized "$1" kinit "$2" >>"$WORK/kinit.log" 2>&1
}

accounts() { # HOST: unix accounts that only this namespace sees
	local name file=/etc/netns/$PREFIX-$1/passwd id=64000
	grep -v ':64[0-9][0-9][0-9]:' /etc/passwd >"$file"
	for name in $ACCOUNTS; do
		echo "$name:x:$id:65534::/nonexistent:/usr/sbin/nologin" >>"$file"
		id=$((id + 1))
	done
}

samba_conf() { # HOST LINE...
	local host=$1 dir=$WORK/samba-$1 line
	shift
	mkdir -p "$dir/private" "$dir/cache" "$dir/share/PS100001" "$dir/rpc"
	echo "password=secret-in-clear" >"$dir/share/PS100001/unattend.xml"
	cat <<-END
		[global]
		workgroup = CORP
		netbios name = ${host^^}
		server role = standalone server
		security = user
		passdb backend = tdbsam:$dir/private/passdb.tdb
		private dir = $dir/private
		lock directory = $dir/cache
		state directory = $dir/cache
		cache directory = $dir/cache
		pid directory = $dir
		ncalrpc dir = $dir/rpc
		log file = $dir/log.%m
		disable netbios = yes
		smb ports = 445
		load printers = no
		disable spoolss = no
		printing = bsd
		dns proxy = no
	END
	for line in "$@"; do echo "$line"; done
	cat <<-END
		[SMSPKGD\$]
		path = $dir/share
		read only = no
		force user = root
		[SCCMContentLib\$]
		path = $dir/share
		read only = yes
		[ADMIN\$]
		path = $dir/share
		read only = no
		force user = root
	END
}

samba() { # HOST LINE...
	local host=$1 dir=$WORK/samba-$1 name
	mkdir -p "$dir"
	accounts "$host"
	samba_conf "$@" >"$dir/smb.conf"
	for name in $ACCOUNTS; do
		printf '%s\n%s\n' "$PASSWORD" "$PASSWORD" |
			ns "$host" pdbedit -s "$dir/smb.conf" -a -t -u "$name" >>"$dir/pdbedit.log" 2>&1
	done
	background "$dir/smbd.log" "$host" env KRB5_CONFIG="$WORK/kdc/krb5.conf" smbd -F --no-process-group -s "$dir/smb.conf"
	wait_port "$host" 445
}

rpc_server() { # HOST: after samba HOST 'rpc start on demand helpers = no'
	local dir=$WORK/samba-$1
	background "$dir/dcerpcd.log" "$1" /usr/libexec/samba/samba-dcerpcd -F --no-process-group \
		-s "$dir/smb.conf" --libexec-rpcds
	wait_port "$1" 135
}

impacket() { # HOST EXAMPLE ARGUMENT...
	local host=$1 example=$2
	shift 2
	ns "$host" timeout 60 /usr/bin/python3 "$EXAMPLES/$example.py" "$@" \
		>>"$WORK/$example.log" 2>&1 || true
}

python() { # HOST ARGUMENT...
	local host=$1
	shift
	ns "$host" timeout 60 /usr/bin/python3 "$@"
}

rpc() { # HOST BINDING COMMAND [OPTION...]: rpcclient as svc_naa; failure is no error
	local host=$1 binding=$2 command=$3
	shift 3
	ns "$host" timeout 30 rpcclient -U "CORP/svc_naa%$PASSWORD" "$@" "$binding" -c "$command" \
		>>"$WORK/rpcclient.log" 2>&1 || true
}

relay() { # HOST PORT OPTION...: impacket's ntlmrelayx on HOST; it ends when its standard input does
	local host=$1 port=$2
	shift 2
	background "$WORK/relay.log" "$host" bash -c \
		'cd "$1"; shift; exec /usr/bin/python3 "$@" < <(sleep 100)' relay "$WORK" \
		"$LAB/relay.py" --no-wcf-server --no-raw-server --no-dump --no-da --no-acl "$@"
	wait_port "$host" "$port"
}

# A client push as network.md 6.2 has it: registry, files, service. HOST and the account that pushes to TARGET.
push() { # HOST ACCOUNT TARGET
	local as="CORP/$2:$PASSWORD@$3.corp.example"
	mkdir -p "$WORK/push"
	head -c 30000 /dev/zero >"$WORK/push/ccmsetup.exe"
	printf '[MobileClient]\r\nSMSSITECODE=PS1\r\nSMSMP=mp01.corp.example\r\n' >"$WORK/push/MobileClient.tcf"
	impacket "$1" reg "$as" query -keyName 'HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion'
	(
		cd "$WORK/push"
		ns "$1" timeout 60 smbclient -s /dev/null --option=nameresolveorder=host -U "CORP/$2%$PASSWORD" \
			"//$3.corp.example/ADMIN\$" \
			-c 'mkdir ccmsetup; cd ccmsetup; put ccmsetup.exe; put MobileClient.tcf'
	) >>"$WORK/push.log" 2>&1 || true
	impacket "$1" services "$as" create -name ccmsetup -display ccmsetup \
		-path '%windir%\ccmsetup\ccmsetup.exe /runservice'
}
