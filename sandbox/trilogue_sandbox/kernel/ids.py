"""Random numbers and identifiers, the same for the same seed."""

from __future__ import annotations

import hashlib
import random
import string

from trilogue_sandbox.kernel.clock import Clock, to_microseconds
from trilogue_sandbox.kernel.store import Store

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALPHANUMERIC = string.ascii_letters + string.digits


class StoredRandom(random.Random):
    """A `random.Random` whose position is kept in the state of the store.

    A transaction that is rolled back gives its draws back, and a restored snapshot continues where it was taken, so the
    same requests draw the same numbers.
    """

    def __init__(self, store: Store, seed: int, stream: str) -> None:
        self._store = store
        self._key = f"{seed}:{stream}"
        self._counter = f"random:{stream}"
        super().__init__()

    def random(self) -> float:
        """Return a number from 0 up to, not including, 1."""
        return self.getrandbits(53) / (1 << 53)

    def getrandbits(self, k: int, /) -> int:
        """Return a number of `k` random bits."""
        state = self._store.state
        position = state[self._counter] = state.get(self._counter, 0) + 1
        digest = hashlib.shake_128(f"{self._key}:{position}".encode()).digest((k + 7) // 8)
        return int.from_bytes(digest) >> (-k % 8)


class Ids:
    """New identifiers, drawn from the seed and stamped with the sandbox's time."""

    def __init__(self, draws: random.Random, clock: Clock) -> None:
        self._draws = draws
        self._clock = clock

    def uuid4(self) -> str:
        """Return a random UUID."""
        return format_uuid(self._draws.getrandbits(128), version=4)

    def uuid7(self) -> str:
        """Return a UUID that begins with the time and so sorts by it, to the millisecond."""
        return format_uuid(self._milliseconds() << 80 | self._draws.getrandbits(80), version=7)

    def ulid(self) -> str:
        """Return a ULID: 26 characters that begin with the time and so sort by it, to the millisecond."""
        number = self._milliseconds() << 80 | self._draws.getrandbits(80)
        return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))

    def prefixed(self, prefix: str) -> str:
        """Return an id such as `conv_01KDX2V3...`: the prefix, an underscore and a ULID."""
        return f"{prefix}_{self.ulid()}"

    def token(self, length: int = 40, alphabet: str = _ALPHANUMERIC) -> str:
        """Return a secret of `length` characters of an alphabet."""
        return "".join(self._draws.choices(alphabet, k=length))

    def _milliseconds(self) -> int:
        return to_microseconds(self._clock.now()) // 1000


def format_uuid(bits: int, version: int) -> str:
    """Return 128 bits as a UUID, those that say its version and variant replaced; for many a `uuid.UUID` is slow."""
    digits = f"{bits & ~(0xF << 76 | 0b11 << 62) | version << 76 | 0b10 << 62:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
