"""Time and chance as messages use them: the real ones, or those that a generator sets."""
import random
import time
import uuid
from datetime import datetime, timezone


class Clock:
    """Where messages take their time from."""
    fixed: float | None = None

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.fromtimestamp(time.time() if self.fixed is None else self.fixed,
                                      timezone.utc)


CLOCK = Clock()
CHANCE = random.Random()


def iso_time() -> str:
    """The time as most messages write it."""
    return CLOCK.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def cim_time() -> str:
    """The time as CIM writes it."""
    return CLOCK.now().strftime("%Y%m%d%H%M%S.000000+000")


def new_guid() -> str:
    """A random {GUID} in upper case."""
    return "{" + str(uuid.UUID(int=CHANCE.getrandbits(128), version=4)).upper() + "}"
