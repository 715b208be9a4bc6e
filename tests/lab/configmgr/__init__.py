"""What ConfigMgr says over HTTP, as shared/protocol/http.md has it: formats only, no sockets."""
