"""Software update point: the client web service of WSUS, and its licence texts (http.md 1.4)."""
from configmgr import wsus


class SoftwareUpdatePoint:
    """Mixin of the web handler."""

    def updates(self, target: str) -> bool:
        """Answer when the request is for WSUS."""
        path = target.partition("?")[0]
        if path.lower() == wsus.PATH.lower():
            action = self.headers.get("SOAPAction", "").strip('"').rpartition("/")[2]
            if self.command != "POST" or action not in wsus.REPLIES:
                self.reply(500)
            else:
                self.reply(200, wsus.reply(action), "text/xml; charset=utf-8",
                           [("X-Powered-By", "ASP.NET")])
        elif path == wsus.EULA:
            self.file(wsus.EULA_TEXT, "text/plain")
        else:
            return False
        return True
