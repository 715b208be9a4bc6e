/* The tactics of ATT&CK for Enterprise and the techniques that attacks on ConfigMgr use. */
#include "sensor/output/attack.h"

#include <stddef.h>
#include <string.h>

static const struct attack_name tactics[] = {
        {"reconnaissance", "TA0043", "Reconnaissance"},
        {"resource-development", "TA0042", "Resource Development"},
        {"initial-access", "TA0001", "Initial Access"},
        {"execution", "TA0002", "Execution"},
        {"persistence", "TA0003", "Persistence"},
        {"privilege-escalation", "TA0004", "Privilege Escalation"},
        {"defense-evasion", "TA0005", "Defense Evasion"},
        {"credential-access", "TA0006", "Credential Access"},
        {"discovery", "TA0007", "Discovery"},
        {"lateral-movement", "TA0008", "Lateral Movement"},
        {"collection", "TA0009", "Collection"},
        {"exfiltration", "TA0010", "Exfiltration"},
        {"command-and-control", "TA0011", "Command and Control"},
        {"impact", "TA0040", "Impact"},
};

static const struct attack_name techniques[] = {
        {"t1018", "T1018", "Remote System Discovery"},
        {"t1021", "T1021", "Remote Services"},
        {"t1021.002", "T1021.002", "SMB/Windows Admin Shares"},
        {"t1039", "T1039", "Data from Network Shared Drive"},
        {"t1040", "T1040", "Network Sniffing"},
        {"t1046", "T1046", "Network Service Discovery"},
        {"t1072", "T1072", "Software Deployment Tools"},
        {"t1078", "T1078", "Valid Accounts"},
        {"t1083", "T1083", "File and Directory Discovery"},
        {"t1110", "T1110", "Brute Force"},
        {"t1110.002", "T1110.002", "Password Cracking"},
        {"t1135", "T1135", "Network Share Discovery"},
        {"t1136", "T1136", "Create Account"},
        {"t1187", "T1187", "Forced Authentication"},
        {"t1190", "T1190", "Exploit Public-Facing Application"},
        {"t1195", "T1195", "Supply Chain Compromise"},
        {"t1195.002", "T1195.002", "Compromise Software Supply Chain"},
        {"t1210", "T1210", "Exploitation of Remote Services"},
        {"t1213", "T1213", "Data from Information Repositories"},
        {"t1498", "T1498", "Network Denial of Service"},
        {"t1498.001", "T1498.001", "Direct Network Flood"},
        {"t1499", "T1499", "Endpoint Denial of Service"},
        {"t1499.001", "T1499.001", "OS Exhaustion Flood"},
        {"t1499.002", "T1499.002", "Service Exhaustion Flood"},
        {"t1499.003", "T1499.003", "Application Exhaustion Flood"},
        {"t1499.004", "T1499.004", "Application or System Exploitation"},
        {"t1542", "T1542", "Pre-OS Boot"},
        {"t1542.005", "T1542.005", "TFTP Boot"},
        {"t1550", "T1550", "Use Alternate Authentication Material"},
        {"t1552", "T1552", "Unsecured Credentials"},
        {"t1552.001", "T1552.001", "Credentials In Files"},
        {"t1553", "T1553", "Subvert Trust Controls"},
        {"t1553.004", "T1553.004", "Install Root Certificate"},
        {"t1556", "T1556", "Modify Authentication Process"},
        {"t1557", "T1557", "Adversary-in-the-Middle"},
        {"t1557.001", "T1557.001", "LLMNR/NBT-NS Poisoning and SMB Relay"},
        {"t1557.002", "T1557.002", "ARP Cache Poisoning"},
        {"t1557.003", "T1557.003", "DHCP Spoofing"},
        {"t1558", "T1558", "Steal or Forge Kerberos Tickets"},
        {"t1565", "T1565", "Data Manipulation"},
        {"t1565.001", "T1565.001", "Stored Data Manipulation"},
        {"t1565.002", "T1565.002", "Transmitted Data Manipulation"},
        {"t1570", "T1570", "Lateral Tool Transfer"},
        {"t1573", "T1573", "Encrypted Channel"},
        {"t1584", "T1584", "Compromise Infrastructure"},
        {"t1590", "T1590", "Gather Victim Network Information"},
        {"t1592", "T1592", "Gather Victim Host Information"},
        {"t1600", "T1600", "Weaken Encryption"},
};

static const struct attack_name *find(const struct attack_name *at, size_t count, const char *tag)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(at[i].tag, tag))
			return &at[i];
	return NULL;
}

const struct attack_name *attack_tactic(const char *tag)
{
	return find(tactics, sizeof(tactics) / sizeof(*tactics), tag);
}

const struct attack_name *attack_technique(const char *tag)
{
	return find(techniques, sizeof(techniques) / sizeof(*techniques), tag);
}
