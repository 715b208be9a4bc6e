"""Fallback status point: takes state messages from anybody (http.md 1.3 and 9.9)."""


class FallbackStatusPoint:
    """Mixin of the web handler."""

    def fallback(self, path: str) -> bool:
        """Answer when the request is for the FSP."""
        if path != "/sms_fsp/.sms_fsp":
            return False
        self.reply(200 if self.command == "POST" else 405)
        return True
