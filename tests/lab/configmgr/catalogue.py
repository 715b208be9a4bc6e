"""The policies that scenarios name: harmless ones and those with secrets (http.md 3.7)."""
import zlib

from configmgr.framing import BOM, utf16
from configmgr.obfuscation import obfuscate
from configmgr.policy import (COMPRESSED, INTRANET, REQUIRES_AUTH, SECRET, TASK_SEQUENCE, WHOLE,
                              Policy)

PASSWORD = "Lab-Only-Passw0rd!"


def prop(name: str, value: str, kind: int = 8, secret: bool = False) -> str:
    """A property of a policy instance."""
    mark = ' secret="1"' if secret else ""
    return (f'<property name="{name}" type="{kind}"{mark}><value><![CDATA[{value}]]></value>'
            "</property>")


def naa(scheme: str) -> str:
    """Network access account."""
    return ('<instance class="CCM_NetworkAccessAccount">' + prop("SiteSettingsKey", "1", 19)
            + prop("NetworkAccessUsername", obfuscate("CORP\\svc_naa", scheme), secret=True)
            + prop("NetworkAccessPassword", obfuscate(PASSWORD, scheme), secret=True)
            + "</instance>")


def task_sequence(scheme: str) -> str:
    """Task sequence with a domain join password in it, the whole sequence one obfuscated blob."""
    sequence = (
        '<sequence version="3.10"><step type="SMS_TaskSequence_ApplyNetworkSettingsAction" '
        'name="Apply Network Settings"><defaultVarList><variable name="OSDJoinAccount">'
        'CORP\\svc_join</variable><variable name="OSDJoinPassword">' + PASSWORD
        + "</variable></defaultVarList></step></sequence>")
    return ('<instance class="CCM_TaskSequence">' + prop("PKG_Name", "Deploy Windows")
            + prop("TS_Sequence", obfuscate(sequence, scheme), secret=True) + "</instance>")


def collection_settings(scheme: str) -> str:
    """Collection variables: hex of zlib of UTF-16 inside CDATA."""
    inner = ('<CollectionSettings><instance class="CCM_CollectionVariable">'
             + prop("Name", "LocalAdminPassword").replace("<![CDATA[", "").replace("]]>", "")
             + prop("Value", obfuscate(PASSWORD, scheme), secret=True)
             .replace("<![CDATA[", "").replace("]]>", "")
             + "</instance></CollectionSettings>")
    blob = zlib.compress(BOM + utf16(inner)).hex().upper()
    return ('<instance class="CCM_CollectionSettings">' + prop("CollectionSettings", blob)
            + "</instance>")


def settings(interval: int = 60) -> str:
    """Harmless client settings."""
    return ('<instance class="CCM_PolicyAgent_Configuration">' + prop("SiteSettingsKey", "1", 19)
            + prop("AssignmentRequestInterval", str(interval), 19) + "</instance>")


def software() -> str:
    """A software deployment."""
    return ('<instance class="CCM_SoftwareDistribution">' + prop("PKG_PackageID", "PS100012")
            + prop("PRG_CommandLine", "setup.cmd /quiet") + "</instance>")


def guid(tail: int) -> str:
    """An id of the lab's own."""
    return f"{{5F1F6C0E-1B59-4C39-9E0D-9D4B7F2B{tail:04X}}}"


def catalogue() -> dict[str, Policy]:
    """The policies that scenarios name."""
    auth = REQUIRES_AUTH | INTRANET
    hidden = auth | SECRET | WHOLE
    return {
        "settings": Policy(guid(0x1000), "ClientSettings", INTRANET, settings()),
        "software": Policy(guid(0x1010), "SoftwareDistribution", auth, software()),
        "compressed": Policy(guid(0x1020), "ClientSettings", COMPRESSED, settings(30)),
        "naa": Policy(guid(0x1030), "NAAConfig", hidden, naa("3des")),
        "naa-aes": Policy(guid(0x1040), "NAAConfig", hidden, naa("aes-256")),
        "tasksequence": Policy(guid(0x1050), "TaskSequence", hidden | TASK_SEQUENCE,
                               task_sequence("aes-256")),
        "collection": Policy(guid(0x1060), "CollectionSettings", hidden,
                             collection_settings("aes-256")),
        "naa-compressed": Policy(guid(0x1070), "NAAConfig", hidden | COMPRESSED, naa("3des")),
    }
