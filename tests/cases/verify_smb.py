#!/usr/bin/python3
"""Compares the SMB facts of the program with those of tshark, field by field.

tshark names the fields of every message; which reply belongs to which request, and what is open when,
is put together here once more. Every session, share and file of a capture must come out equal, in
whatever order: status, account, flags, names, access, bytes each way. Captures: those of pcaps/ that
hold SMB, and ../shared/captures/smb*.
"""
import argparse
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from dataclasses import dataclass, field
from pathlib import Path

import cmtap
from cmtap import TOP

SHARED = TOP.parent / "shared/captures"
DIALECTS = {0x0202: "2.0.2", 0x0210: "2.1", 0x02ff: "2.???", 0x0300: "3.0", 0x0302: "3.0.2",
            0x0311: "3.1.1"}
NAMED = {"SMB 2.002": "2.0.2", "SMB 2.???": "2.???", "NT LM 0.12": "NT LM 0.12",
         "NT LANMAN 1.0": "NT LM 0.12"}
DISPOSITIONS = ["supersede", "open", "create", "open-if", "overwrite", "overwrite-if"]
ACTIONS = ["superseded", "opened", "created", "overwritten"]
STATUSES = {0: "STATUS_SUCCESS", 0xc0000022: "STATUS_ACCESS_DENIED",
            0xc0000034: "STATUS_OBJECT_NAME_NOT_FOUND", 0xc000003a: "STATUS_OBJECT_PATH_NOT_FOUND",
            0xc0000035: "STATUS_OBJECT_NAME_COLLISION", 0xc000006d: "STATUS_LOGON_FAILURE",
            0xc00000cc: "STATUS_BAD_NETWORK_NAME", 0xc00000ba: "STATUS_FILE_IS_A_DIRECTORY",
            0xc000000f: "STATUS_NO_SUCH_FILE", 0xc0000103: "STATUS_NOT_A_DIRECTORY",
            0xc0000016: "STATUS_MORE_PROCESSING_REQUIRED", 0x103: "STATUS_PENDING"}
PENDING, MORE = 0x103, 0xc0000016


class Message(dict):
    """The fields of one message: name to the list of its values."""

    def text(self, name: str, otherwise: str = "") -> str:
        """First value of a field."""
        return self[name][0] if self.get(name) else otherwise

    def number(self, name: str, otherwise: int = 0) -> int:
        """The same as a number."""
        value = self.text(name)
        return int(value, 0) if value else otherwise


@dataclass
class Side:
    """What one connection has open, as tshark's fields tell it."""
    dialect: str = ""
    offered: set = field(default_factory=set)
    required: bool = False
    cipher: str | None = None
    sessions: dict = field(default_factory=lambda: defaultdict(dict))
    trees: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    pending: dict = field(default_factory=dict)
    told: list = field(default_factory=list)

    def common(self, session: dict) -> dict:
        """Facts that every event has."""
        state = {"dialect": self.dialect, "offered": sorted(self.offered), "user": None,
                 "domain": None, "workstation": None} | session
        return {k: v for k, v in state.items() if v not in (None, "", []) and k != "ticket"}

    def tell(self, kind: str, session: dict, facts: dict):
        """One event."""
        all_facts = self.common(session) | facts
        if kind != "smb_session":
            all_facts.pop("workstation", None)
        self.told.append((kind, {k: v for k, v in all_facts.items() if v not in (None, "")}))

    def end_files(self, tree=None):
        """The files of a tree, or all, are closed."""
        for key, file in list(self.files.items()):
            if tree is None or file["tree"] is tree:
                self.close(key)

    def close(self, key):
        """A file is closed."""
        file = self.files.pop(key)
        self.tell("smb_file", file.pop("session"), file | {"tree": None} | file.pop("tree"))


def messages(capture: Path, protocol: str):
    """(stream, is TCP opening, messages of one protocol) in order, by tshark."""
    process = subprocess.Popen(
        ["tshark", "-r", str(capture), "-Y", protocol, "-T", "pdml"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _, packet in ElementTree.iterparse(process.stdout):
        if packet.tag != "packet":
            continue
        stream = packet.find("./proto[@name='tcp']/field[@name='tcp.stream']")
        for proto in packet.findall(f"./proto[@name='{protocol}']"):
            yield int(stream.get("show")), read(proto)
        packet.clear()
    process.wait()


def read(proto) -> Message:
    """The fields of a message by their names."""
    message = Message()
    for item in proto.iter("field"):
        name, value = item.get("name"), item.get("show")
        if name and value is not None:
            message.setdefault(name, []).append(value)
    return message


def status_name(status: int) -> str:
    """As the program prints it."""
    return STATUSES.get(status, f"0x{status:08x}")


def account(session: dict, m: Message):
    """Remembers whom an AUTHENTICATE message names."""
    if m.text("ntlmssp.messagetype") == "0x00000003":
        names = {"user": "username", "domain": "domain", "workstation": "hostname"}
        for to, name in names.items():
            value = m.text("ntlmssp.auth." + name)
            session[to] = "" if value == "NULL" else value
    if m.text("kerberos.msg_type") == "14":
        session["ticket"] = True


def state_of(session: dict, guest: bool) -> dict:
    """How the server let the client in."""
    return {"guest": guest, "state": "guest" if guest
            else "authenticated" if session.get("user") or session.get("ticket") else "anonymous"}


def path_of(path: str) -> dict:
    """Host and share of \\\\host\\share, and all of it."""
    host, _, share = path.removeprefix("\\\\").partition("\\")
    return {"host": host, "share": share, "tree": path}


def signed(m: Message, file: dict, name: str, flag: str):
    """A request about a file: was it signed?"""
    mark = m.text(flag) in ("1", "True") and m.text(name).strip("0:") != ""
    file["signed"] = file.get("signed", True) and mark


class Version2(Side):
    """SMB 2 and 3."""

    def take(self, m: Message):
        """One message."""
        if not m.text("smb2.cmd"):
            return
        reply = m.text("smb2.flags.response") in ("1", "True")
        command, status = m.number("smb2.cmd"), m.number("smb2.nt_status")
        key = m.text("smb2.msg_id")
        if not reply:
            self.pending[key] = (command, m, self.request(command, m))
            return
        # The answer to a negotiate of version 1 comes in version 2.
        if status == PENDING or (key not in self.pending and command != 0):
            return
        asked, request, file = self.pending.pop(key, (0, Message(), None))
        if asked == command:
            self.reply(command, status, request, m, file)

    def file_of(self, m: Message):
        """The open file of a request; one that is related to the last."""
        fid = m.text("smb2.fid")
        if fid == "ffffffff-ffff-ffff-ffff-ffffffffffff":
            return getattr(self, "last", None)
        return self.files.get(fid)

    def request(self, command: int, m: Message):
        """What a request tells of a file."""
        session = self.sessions[m.text("smb2.sesid")]
        if command == 0:
            self.offered |= {DIALECTS[int(d, 0)] for d in m.get("smb2.dialect", [])}
            self.required |= m.text("smb2.sec_mode.sign_required") in ("1", "True")
        if command == 1:
            account(session, m)
        if command == 5:
            name = m.text("smb2.filename") if m.text("smb2.filename") != "<share root>" else ""
            tree = self.trees.get(m.text("smb2.tid"), {})
            file = self.last = {
                "session": session, "tree": tree, "path": name.lstrip("\\"),
                "access_mask": m.number("smb.access_mask"), "operation": "open",
                "disposition": DISPOSITIONS[m.number("smb2.create.disposition")],
                "delete": m.text("smb.nt.create_options.delete_on_close") in ("1", "True"),
                "read": 0, "written": 0, "listings": 0}
            signed(m, file, "smb2.signature", "smb2.flags.signature")
            return file
        if command not in (6, 8, 9, 14, 17) and not (
                command == 11 and m.number("smb2.ioctl.function") == 0x11c017):
            return None
        file = self.file_of(m)
        if file and not (command == 17 and m.number("smb2.class") != 1):
            signed(m, file, "smb2.signature", "smb2.flags.signature")
        return file

    def reply(self, command: int, status: int, request: Message, m: Message, file):
        """What an answer makes of it."""
        good = not status & 0x80000000
        session = self.sessions[m.text("smb2.sesid")]
        tree_id = m.text("smb2.tid")
        if command == 0 and good:
            self.dialect = DIALECTS[m.number("smb2.dialect")]
            self.required |= m.text("smb2.sec_mode.sign_required") in ("1", "True")
        elif command == 1 and status != MORE:
            account(session, request)
            flags = m.number("smb2.session_flags") if good else 0
            if good:
                session |= state_of(session, bool(flags & 1))
                session["encrypted"] = bool(flags & 4)
            self.tell("smb_session", session, {"status": status_name(status)})
        elif command == 2 and good:
            self.end_files()
        elif command == 3:
            tree = path_of(request.text("smb2.tree"))
            if good:
                tree["type"] = {1: "disk", 2: "pipe", 3: "print"}[m.number("smb2.share_type")]
                if m.text("smb2.share_flags.encrypt_data") in ("1", "True"):
                    tree["encrypted"] = True
                self.trees[tree_id] = tree
            self.tell("smb_tree", session, tree | {"status": status_name(status)})
        elif command == 4 and good and tree_id in self.trees:
            self.end_files(self.trees.pop(tree_id))
        elif file is not None:
            self.about_file(command, status, request, m, file)

    def about_file(self, command: int, status: int, request: Message, m: Message, file: dict):
        """The answer to a request about a file."""
        good = not status & 0x80000000
        fid = request.text("smb2.fid")
        if command == 5:
            file["status"] = status_name(status)
            delete = file.pop("delete")
            if good:
                file |= {"action": ACTIONS[m.number("smb2.create.action")],
                         "size": m.number("smb2.eof"), "deleted": delete,
                         "directory": m.text("smb2.file_attribute.directory",
                                             m.text("smb.file_attribute.directory"))
                         in ("1", "True")}
                self.files[m.text("smb2.fid")] = file
            else:
                self.files[id(file)] = file
                self.close(id(file))
        elif command == 6 and good and fid in self.files:
            self.close(fid)
        elif command == 8 and (good or status == 0x80000005):
            file["read"] += m.number("smb2.olb.length")
        elif command == 9 and good:
            file["written"] += m.number("smb2.write_length",
                                        request.number("smb2.write_length"))
        elif command == 14 and good:
            file["listings"] += 1
            file.setdefault("pattern", request.text("smb2.find.pattern"))
        elif command == 17 and good and request.number("smb2.class") == 1:
            if request.number("smb2.file_info.infolevel", -1) == 10:
                file["renamed"] = request.text("smb2.filename",
                                               request.text("smb2.rename.filename")).lstrip("\\")
            if request.text("smb2.disposition.delete_on_close") in ("1", "True"):
                file["deleted"] = True


class Version1(Side):
    """SMB version 1."""

    def take(self, m: Message):
        """One message."""
        if not m.text("smb.cmd"):
            return
        command, status = m.number("smb.cmd"), m.number("smb.nt_status")
        key = command, m.text("smb.mid"), m.text("smb.pid")
        if m.text("smb.flags.response") not in ("1", "True"):
            self.pending[key] = (m, self.request(command, m))
        elif key in self.pending:
            request, file = self.pending.pop(key)
            self.reply(command, status, request, m, file)

    def request(self, command: int, m: Message):
        """What a request tells of a file."""
        session = self.sessions[m.text("smb.uid")]
        tree = self.trees.get(m.text("smb.tid"), {})
        if command == 0x72:
            self.offered |= {NAMED[n] for n in m.get("smb.dialect.name", []) if n in NAMED}
        if command == 0xa2 or (command in (0x06, 0x07, 0x10, 0x08) or (
                command == 0x32 and m.number("smb.trans2.cmd", -1) in (1, 5))):
            operation = {0xa2: "open", 0x06: "delete", 0x07: "rename", 0x10: "check",
                         0x08: "query"}.get(command)
            names = m.get("smb.file") or m.get("smb.search_pattern") or m.get("smb.dir_name") or [""]
            path = names[0].lstrip("\\")
            file = {"session": session, "tree": tree, "path": path, "operation": operation,
                    "read": 0, "written": 0, "listings": 0}
            if command == 0x07:
                file["to"] = m.text("smb.old_file", names[0]), names[-1]
            if command == 0x32:
                file["operation"] = "query" if m.number("smb.trans2.cmd") == 5 else "search"
            if file["operation"] == "search":
                file["path"], _, file["pattern"] = path.rpartition("\\")
            if command == 0xa2:
                file |= {"access_mask": m.number("smb.access_mask"),
                         "disposition": DISPOSITIONS[m.number("smb.create.disposition")]}
            signed(m, file, "smb.signature", "smb.flags2.sec_sig")
            return file
        if command in (0x2e, 0x2f, 0x04) or (command == 0x32 and m.text("smb.fid")) or (
                command == 0x25 and m.text("smb.fid")):
            file = self.files.get(m.text("smb.fid"))
            if file:
                signed(m, file, "smb.signature", "smb.flags2.sec_sig")
            return file
        return None

    def reply(self, command: int, status: int, request: Message, m: Message, file):
        """What an answer makes of it."""
        good = not status & 0x80000000
        session = self.sessions[m.text("smb.uid")]
        if command == 0x72 and good:
            name = request.get("smb.dialect.name", [])[m.number("smb.dialect.index")]
            self.dialect = NAMED[name]
            self.required = m.text("smb.sm.sig_required") in ("1", "True")
        elif command == 0x73 and status != MORE:
            account(session, request)
            if request.text("smb.account"):
                session |= {"user": request.text("smb.account"),
                            "domain": request.text("smb.primary_domain")}
            if good:
                guest = m.text("smb.setup.action.guest") in ("1", "True")
                session |= state_of(session, guest) | {"encrypted": False}
            self.tell("smb_session", session, {"status": status_name(status)})
        elif command == 0x75:
            tree = path_of(request["smb.path"][-1])
            if good:
                tree["type"] = {"IPC": "pipe", "A:": "disk"}[m.text("smb.service")]
                self.trees[m.text("smb.tid")] = tree
            self.tell("smb_tree", session, tree | {"status": status_name(status)})
        elif command == 0x71 and good and m.text("smb.tid") in self.trees:
            self.end_files(self.trees.pop(m.text("smb.tid")))
        elif command == 0x74 and good:
            self.end_files()
        elif file is not None:
            self.about_file(command, status, m, file)

    def about_file(self, command: int, status: int, m: Message, file: dict):
        """The answer to a request about a file."""
        good = not status & 0x80000000
        fid = m.text("smb.fid")
        if command == 0xa2 and good:
            file |= {"status": status_name(status), "deleted": False,
                     "action": ACTIONS[m.number("smb.create.action")],
                     "size": m.number("smb.end_of_file"),
                     "directory": m.text("smb.is_directory") in ("1", "True")}
            self.files[fid] = file
        elif "status" not in file:
            file["status"] = status_name(status)
            if good:
                file["deleted"] = file["operation"] == "delete"
                file["listings"] = int(file["operation"] == "search")
            if "to" in file:
                old, to = (name.lstrip("\\") for name in file.pop("to"))
                file["path"] = old
                if good:
                    file["renamed"] = to
            self.files[id(file)] = file
            self.close(id(file))
        elif command == 0x04 and good:
            self.close(next(k for k, v in self.files.items() if v is file))
        elif command == 0x2e and good:
            file["read"] += m.number("smb.data_len_low") + (m.number("smb.data_len_high") << 16)
        elif command == 0x2f and good:
            file["written"] += m.number("smb.count_low") + (m.number("smb.count_high") << 16)


def wanted(capture: Path) -> list:
    """All events that tshark's fields give."""
    told = []
    for protocol, kind in (("smb", Version1), ("smb2", Version2)):
        connections = defaultdict(kind)
        for stream, message in messages(capture, protocol):
            connections[stream].take(message)
        for connection in connections.values():
            connection.end_files()
            told += connection.told
    return told


def stated(capture: Path, binary: str) -> tuple[list, str]:
    """All events that the program gives, under the same names."""
    run = cmtap.read(capture, None, "-e", binary=binary)
    told = []
    for d in run.documents:
        kind = d["event"].get("dataset", "").removeprefix("configmgr.")
        if not kind.startswith("smb_") or d["event"]["kind"] != "event":
            continue
        smb, user = d["configmgr"]["smb"], d.get("user", {})
        facts = {"dialect": smb.get("dialect"), "offered": sorted(smb.get("dialects_offered", [])),
                 "user": user.get("name"), "domain": user.get("domain"),
                 "workstation": d["configmgr"].get("auth", {}).get("workstation"),
                 "state": d["configmgr"].get("auth", {}).get("state"),
                 "guest": smb.get("session", {}).get("guest"), "encrypted": smb.get("encrypted"),
                 "status": smb.get("status"), "host": smb.get("host"), "share": smb.get("share"),
                 "tree": smb.get("tree"),
                 "type": smb.get("share_type"), "path": d.get("file", {}).get("path"),
                 "size": d.get("file", {}).get("size"), "operation": smb.get("operation"),
                 "access_mask": smb.get("access_mask"), "disposition": smb.get("disposition"),
                 "action": smb.get("action"), "directory": smb.get("directory"),
                 "deleted": smb.get("deleted"), "read": smb.get("bytes_read"),
                 "written": smb.get("bytes_written"), "listings": smb.get("listings"),
                 "pattern": smb.get("pattern"), "renamed": smb.get("renamed_to"),
                 "signed": smb.get("signed")}
        told.append((kind, {k: v for k, v in facts.items() if v not in (None, "")}))
    return told, run.crash or (f"ended with status {run.status}" if run.status else "")


def check(binary: str, capture: Path) -> tuple[int, list[str]]:
    """Number of facts that are equal, and complaints."""
    told, wrong = stated(capture, binary)
    complaints, left, equal = [wrong] if wrong else [], list(told), 0
    for kind, facts in wanted(capture):
        offered = facts.pop("offered", None)
        same = [t for t in left if t[0] == kind and
                {k: v for k, v in t[1].items() if k != "offered"} == facts]
        if not same:
            near = [t[1] for t in left if t[0] == kind and t[1].get("path") == facts.get("path")
                    and t[1].get("share") == facts.get("share")]
            complaints.append(f"{kind}: not told: {json.dumps(facts)}")
            if near:
                keys = sorted(set(near[0]) | set(facts))
                complaints.append("  near: " + ", ".join(
                    f"{k} {near[0].get(k)!r}, by tshark {facts.get(k)!r}" for k in keys
                    if k != "offered" and near[0].get(k) != facts.get(k)))
            continue
        if offered and not set(offered) <= set(same[0][1].get("offered", [])):
            complaints.append(f"{kind}: offered {same[0][1].get('offered')}, by tshark {offered}")
        equal += len(facts)
        left.remove(same[0])
    complaints += [f"{kind}: not in tshark: {json.dumps(facts)}" for kind, facts in left]
    return equal, complaints


def main() -> int:
    """Check what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", nargs="?", default=cmtap.BINARY, help="default: $CMTAP, debug")
    parser.add_argument("-k", default="", help="only captures whose name holds this")
    options = parser.parse_args()
    captures = sorted(SHARED.glob("smb*.pcap")) + sorted(
        c for c in TOP.glob("pcaps/*/capture.pcap")
        if re.search(rb"/(shares|samba)\.sh", (c.parent / "make.sh").read_bytes())
        and re.search(rb"[\xfe\xff]SMB", c.read_bytes()))
    captures = [c for c in captures if options.k in str(c)]
    failed = total = 0
    with ProcessPoolExecutor(2) as pool:
        for capture, (equal, complaints) in zip(
                captures, pool.map(partial(check, options.binary), captures)):
            name = capture.parent.name if capture.name == "capture.pcap" else capture.stem
            print(f"{'not ok' if complaints else 'ok'} {name}, {equal} facts")
            for complaint in complaints:
                print(f"  # {complaint}")
            failed, total = failed + bool(complaints), total + equal
    print(f"{len(captures) - failed} passed, {failed} failed; {total} facts are as tshark has them")
    return 1 if failed or not captures else 0


if __name__ == "__main__":
    sys.exit(main())
