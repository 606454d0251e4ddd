"""Finds methods by what they do."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from trilogue_tools.method import Method

_WEIGHTS = {"path": 5.0, "summary": 3.0, "arguments": 1.5, "prose": 1.0}
_SYNONYMS = {
    **dict.fromkeys(("add", "new", "make"), "create"),
    **dict.fromkeys(("edit", "change", "modify", "set"), "update"),
    **dict.fromkeys(("show", "read", "fetch", "find", "all"), "list"),
    **dict.fromkeys(("remove", "erase"), "delete"),
    **dict.fromkeys(("text", "sms"), "message"),
    **dict.fromkeys(("person", "people"), "contact"),
}
_COMMON = frozenset(
    (*("a", "an", "and", "by", "for", "from", "in", "is", "it", "of"), *("on", "or", "the", "to", "with"))
)


class Index:
    """The words of methods, and how telling each word is."""

    def __init__(self, methods: Iterable[Method]) -> None:
        self._words = {method: _words_of(method) for method in methods}
        self._counts = Counter(word for words in self._words.values() for word in words)

    def search(self, query: str, limit: int) -> Sequence[Method]:
        """Return the methods that fit best."""
        wanted = _words(query)
        scores = {method: self._score(words, wanted, method) for method, words in self._words.items()}
        found = [method for method, score in scores.items() if score > 0]
        return sorted(found, key=lambda method: -scores[method])[:limit]

    def _score(self, words: Mapping[str, float], wanted: Iterable[str], method: Method) -> float:
        """Return the sum over the words of a query, rare ones first; long paths come after short ones."""
        total = sum(words.get(word, 0.0) * self._rarity(word) for word in wanted)
        return total / (1 + 0.1 * method.path.count("."))

    def _rarity(self, word: str) -> float:
        return math.log(1 + len(self._words) / (1 + self._counts[word]))


def _words_of(method: Method) -> Mapping[str, float]:
    texts = {
        "path": f"{method.platform} {method.path}",
        "summary": method.summary,
        "arguments": " ".join(parameter.name for parameter in method.parameters),
        "prose": method.prose,
    }
    found: dict[str, float] = {}
    for part, text in texts.items():
        for word in _words(text):
            found[word] = max(found.get(word, 0.0), _WEIGHTS[part])
    return found


def _words(text: str) -> set[str]:
    """Return the words of a text without endings, and those that mean the same in the names of methods."""
    stems = {_stem(word) for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _COMMON}
    return stems | {_SYNONYMS[stem] for stem in stems if stem in _SYNONYMS}


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word
