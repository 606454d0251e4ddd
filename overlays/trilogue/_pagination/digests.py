"""A set of strings that keeps their digests alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from struct import Struct

BUCKETS = 16384

_DIGEST = Struct("=qq")


class Digests:
    """A set that takes less than 40 bytes for each of many strings; a set of integers takes about 90.

    A digest is two of Python's keyed hashes, 128 bits; those that share a bucket stand in it one after the other.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._buckets: defaultdict[int, bytearray] = defaultdict(bytearray)

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._buckets)

    def add(self, string: str) -> bool:
        """Add a string; return whether it is new."""
        return self.add_all((string,))[0]

    def add_all(self, strings: Iterable[str]) -> list[bool]:
        """Add strings, one after the other; return of each whether it is new."""
        buckets, pack, are_new = self._buckets, _DIGEST.pack, list[bool]()
        for string in strings:
            hashed = hash(string)
            digest, bucket = pack(hashed, hash(string + "\n")), buckets[hashed % BUCKETS]
            are_new.append(is_new := digest not in bucket)
            if is_new:
                bucket += digest
        return are_new
