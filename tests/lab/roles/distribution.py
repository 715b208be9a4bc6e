"""Distribution point: PROPFIND, files, ranges, listings and signatures (http.md 1.2 and 6)."""
import re

from configmgr.content import Library

PACKAGES = re.compile(r"/(nocert_|ccmtokenauth_)?sms_dp_smspkg([a-z])?\$", re.I)
SIGNATURES = re.compile(r"/(nocert_|ccmtokenauth_)?sms_dp_smssig\$/", re.I)


class DistributionPoint:
    """Mixin of the web handler."""

    def distribution(self, target: str) -> bool:
        """Answer when the request is for a distribution point."""
        packages, signatures = PACKAGES.match(target), SIGNATURES.match(target)
        if not packages and not signatures:
            return False
        if not self.permitted(self.scenario.options.dp_auth):
            return True
        library = Library(self.scenario.options.name)
        if signatures:
            self.file(library.signature(target[signatures.end():]))
        else:
            self.content(library, packages.group(), target[packages.end():].lstrip("/"))
        return True

    def content(self, library: Library, root: str, path: str):
        """Below the package root."""
        if self.command == "PROPFIND":
            listing = library.multistatus(path, root)
            if listing is None:
                return self.reply(404)
            return self.reply(207, listing.encode(), "text/xml")
        data = library.file(path)
        if data is not None:
            kind = "text/html" if path.endswith(".html") else "application/octet-stream"
            return self.file(data, kind)
        listing = library.listing(path, root)
        if listing is None:
            return self.reply(404)
        return self.reply(200, listing.encode(), "text/html")
