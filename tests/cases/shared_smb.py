"""What ../shared/captures/README.md says of the SMB captures, one line each, for shared.py."""

CONTENT, NOT_SIGNED, OLD = "content-in-clear-smb", "smb-not-signed", "legacy-smb"

# name: dialect, account, NTLM version, how let in, shares (without IPC$), a file with its bytes, whether
# requests were signed, alerts that must be there, alerts that must not.
READ = {
    "smb311_clear_user_read": ("3.1.1", "svc_naa", "v2", "authenticated",
                               {"SMSPKGD$", "SCCMContentLib$"}, ("unattend.xml", None), False,
                               {CONTENT, NOT_SIGNED}, {OLD}),
    "smb202_clear_user_read": ("2.0.2", "svc_naa", "v2", "authenticated", {"SMSPKGD$"},
                               ("install.ps1", None), False, {CONTENT, NOT_SIGNED}, {OLD}),
    "smb311_ipv6_user": ("3.1.1", "svc_naa", "v2", "authenticated", {"SMSPKGD$"},
                         ("unattend.xml", None), False, {CONTENT, NOT_SIGNED}, {OLD}),
    "smb1_nt1_user_read": ("NT LM 0.12", "svc_naa", "v2", "authenticated", {"SMSPKGD$"},
                           ("unattend.xml", None), False, {CONTENT, NOT_SIGNED, OLD}, set()),
    "smb1_ntlmv1_nospnego": ("NT LM 0.12", "svc_naa", "v1", "authenticated", {"SMSPKGD$"},
                             ("install.ps1", None), False, {CONTENT, NOT_SIGNED, OLD}, set()),
    # A 24-byte response beside a client challenge in the place of the LM response.
    "smb2_ntlmv1_spnego": ("2.1", "svc_naa", "v1-session", "authenticated", {"SMSPKGD$"}, None,
                           False, {NOT_SIGNED}, {CONTENT, OLD}),
    "smb1_impacket_null": ("NT LM 0.12", None, None, "anonymous",
                           {"SCCMContentLib$", "REMINST", "SMSPKGD$"}, ("unattend.xml", None),
                           False, {CONTENT, OLD, "anonymous-dp-smb"}, {NOT_SIGNED}),
    "smb2_anonymous_null": ("2.1", None, None, "anonymous",
                            {"SCCMContentLib$", "REMINST", "SMSPKGD$"}, ("unattend.xml", None),
                            False, {CONTENT, "anonymous-dp-smb"}, {NOT_SIGNED, OLD}),
    "smb2_guest_reminst": ("2.1", "nosuchuser", "v2", "guest", {"REMINST"}, (".boot.var", 12000),
                           False, {"anonymous-dp-smb", "media-variables-in-clear"}, {NOT_SIGNED}),
    "smb139_netbios_session": ("NT LM 0.12", "svc_naa", "v2", "authenticated", {"SMS_PS1"},
                               ("ccmsetup.exe", None), False, {OLD, NOT_SIGNED}, {CONTENT}),
    "smb_logon_failure": ("3.1.1", "svc_naa", "v2", None, set(), None, None, set(), {CONTENT}),
    "smb311_signing_required": ("3.1.1", "svc_naa", "v2", "authenticated", {"SMSPKGD$"},
                                ("unattend.xml", None), True, {CONTENT}, {NOT_SIGNED, OLD}),
    "smb202_signing_required": ("2.0.2", "svc_naa", "v2", "authenticated", {"SMSPKGD$"},
                                ("unattend.xml", None), True, {CONTENT}, {NOT_SIGNED, OLD}),
    "smb311_encrypted_user_read": ("3.1.1", "svc_naa", "v2", "authenticated", set(), None, None,
                                   set(), {CONTENT, NOT_SIGNED, OLD}),
    "smb302_encrypted_ccm": ("3.0.2", "svc_naa", "v2", "authenticated", set(), None, None, set(),
                             {CONTENT, NOT_SIGNED, OLD}),
    "smb21_refused_enc_required": ("2.1", "svc_naa", "v2", None, set(), None, None, set(),
                                   {CONTENT, NOT_SIGNED, OLD}),
}
STATUS = {"smb_logon_failure": "STATUS_LOGON_FAILURE",
          "smb21_refused_enc_required": "STATUS_ACCESS_DENIED"}


def own(document: dict, kind: str) -> dict:
    """configmgr.KIND of a document."""
    return document["configmgr"].get(kind, {})


def check(name: str, documents: list[dict], alerts: set):
    """(holds, what) of each thing that the README says."""
    dialect, account, version, state, shares, file, signed, must, must_not = READ[name]

    def of(kind: str) -> list[dict]:
        return [d for d in documents if d["event"]["kind"] == "event"
                and d["event"]["dataset"] == f"configmgr.{kind}"]

    sessions, trees, files = of("smb_session"), of("smb_tree"), of("smb_file")
    yield bool(sessions), "no session"
    yield {own(d, "smb").get("dialect") for d in sessions} == {dialect}, sessions
    yield {d.get("user", {}).get("name") for d in sessions} == {account}, sessions
    yield {own(d, "auth").get("ntlm", {}).get("version") for d in of("authentication")} == \
        {version}, of("authentication")
    yield {own(d, "auth").get("state") for d in sessions} == {state}, sessions
    yield {own(d, "smb")["status"] for d in sessions} == \
        {STATUS.get(name, "STATUS_SUCCESS")}, sessions
    yield {own(d, "smb")["share"] for d in trees} - {"IPC$"} == shares, trees
    yield not file or any(d.get("file", {}).get("path", "").endswith(file[0])
                          and own(d, "smb")["bytes_read"] > 0
                          and file[1] in (None, own(d, "smb")["bytes_read"])
                          for d in files), files
    yield {own(d, "smb").get("signed") for d in files} <= {signed}, files
    yield all(own(d, "smb").get("encrypted") is ("encrypted" in name)
              for d in sessions if state), sessions
    yield must <= alerts and not must_not & alerts, sorted(alerts)
    port = 139 if "139" in name else 445
    yield {d["server"]["port"] for d in sessions} == {port}, sessions
    yield ("2001:db8:1::30" if "ipv6" in name else "192.0.2.30") in \
        {d["server"]["ip"] for d in sessions}, sessions
