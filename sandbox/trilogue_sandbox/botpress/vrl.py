"""A small part of VRL, the language in which integrations describe how to read requests.

What is understood: paths (`.user.name`, `.items[0]`), literals, objects and arrays, variables, assignment, operators
(`! - * / % + == != < <= > >= && || ??`), `if` with `else`, `del`, `exists`, and the functions of vrl_functions.
Anything else is refused rather than guessed.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

import attrs
import msgspec

from trilogue_sandbox.botpress.vrl_functions import (
    BINARY,
    TERNARY,
    UNARY,
    VrlError,
    array,
    boolean,
    bounded,
    encode_json,
    number,
    text,
)
from trilogue_sandbox.kernel.http import Json, JsonObject

_TOKEN = re.compile(
    r'[ \t\r]+|#[^\n]*|(?P<newline>[\n;])|(?P<number>\d+(?:\.\d+)?)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<raw>s\'[^\']*\')'
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*!?(?!=))|(?P<operator>\?\?|==|!=|<=|>=|&&|\|\||[-+*/%<>!=(){}\[\],:.])"
)
_LITERALS: dict[str, Json] = {"true": True, "false": False, "null": None}
_LONGEST_ARRAY = 10_000
_LEVELS = (("??",), ("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%"))


@attrs.frozen
class _Token:
    kind: str
    text: str


@attrs.define
class _Memory:
    data: Json
    variables: dict[str, Json] = attrs.field(factory=dict[str, Json])


Item = TypeVar("Item")
_Code: TypeAlias = Callable[[_Memory], Json]
_Step: TypeAlias = "str | int"


def run(script: str, data: JsonObject) -> tuple[Json, Json]:
    """Run a program on data; return what it left as `.`, and the value of its last expression.

    Raises:
        VrlError: it cannot be read, uses what is not understood here, or fails.
    """
    memory = _Memory(copy.deepcopy(data))
    try:
        result = _last(list(_Parser(list(_tokens(script))).program()), memory)
    except RecursionError as error:
        raise VrlError("it is nested too deeply") from error
    return memory.data, result


def _tokens(script: str) -> Iterator[_Token]:
    place = 0
    while place < len(script):
        found = _TOKEN.match(script, place)
        if found is None:
            raise VrlError(f"{script[place : place + 10]!r} is not understood")
        place = found.end()
        if found.lastgroup:
            yield _Token(found.lastgroup, found[0])


class _Parser:
    """Reads tokens into code, an operator level at a time."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def program(self, end: str = "") -> Iterator[_Code]:
        """Read statements until the end of the program, or of the block."""
        self._skip_newlines()
        while self._place < len(self._tokens) and not self._sees(end):
            yield self._statement()
            if not self._sees(end) and self._place < len(self._tokens) and self._take().kind != "newline":
                raise VrlError("one statement per line, please")
            self._skip_newlines()

    def _statement(self) -> _Code:
        start = self._place
        target = self._target()
        if target and self._accept("="):
            return _assignment(*target, self._expression())
        self._place = start
        return self._expression()

    def _target(self) -> tuple[str, list[_Step]] | None:
        """Read what can be assigned to: a variable, empty for `.`, and the steps of a path; None if it is neither."""
        name = ""
        if self._kind() == "word":
            name = self._take().text
            if name in _LITERALS or name in ("if", "del", "exists") or self._sees("("):
                return None
        elif not self._sees("."):
            return None
        return name, self._path()

    def _path(self) -> list[_Step]:
        steps: list[_Step] = []
        while True:
            if self._accept("."):
                if self._kind() in ("word", "string"):
                    steps.append(_unquoted(self._take().text))
                elif steps:
                    raise VrlError("a path must not end with a dot")
            elif self._sees("["):
                self._take()
                steps.append(self._index())
            else:
                return steps

    def _index(self) -> int:
        is_negative = self._accept("-")
        if self._kind() != "number":
            raise VrlError("an index must be a number")
        index = int(self._take().text)
        self._require("]")
        return -index if is_negative else index

    def _expression(self, level: int = 0) -> _Code:
        if level == len(_LEVELS):
            return self._unary()
        left = self._expression(level + 1)
        while self._kind() == "operator" and self._text() in _LEVELS[level]:
            name = self._take().text
            self._skip_newlines()
            left = _operation(name, left, self._expression(level + 1))
        return left

    def _unary(self) -> _Code:
        if self._accept("!"):
            inner = self._unary()
            return lambda memory: not boolean(inner(memory))
        if self._accept("-"):
            inner = self._unary()
            return lambda memory: -number(inner(memory))
        return self._primary()

    def _primary(self) -> _Code:
        kind = self._kind()
        if kind == "word" and self._text() not in _LITERALS:
            return self._word()
        if kind in ("number", "string", "raw", "word"):
            return _constant(self._take().text)
        if self._accept("("):
            inner = self._expression()
            self._require(")")
            return inner
        if self._accept("["):
            items = self._list("]", self._expression)
            return lambda memory: [item(memory) for item in items]
        if self._accept("{"):
            pairs = self._list("}", self._pair)
            return lambda memory: {name: value(memory) for name, value in pairs}
        if self._sees("."):
            return _reading("", self._path())
        raise VrlError(f"{self._text() or 'the end'!r} was not expected")

    def _word(self) -> _Code:
        name = self._take().text
        if name == "if":
            return self._condition()
        if not self._accept("("):
            return _reading(name, self._path())
        if name in ("del", "exists"):
            target = self._target()
            self._require(")")
            if target is None:
                raise VrlError(f"{name} takes a path")
            return _deletion(*target) if name == "del" else _existence(*target)
        return _call(name.rstrip("!"), self._list(")", self._expression))

    def _condition(self) -> _Code:
        test, then = self._expression(), self._block()
        otherwise: list[_Code] = []
        if self._text() == "else":
            self._take()
            if self._text() == "if":
                self._take()
                otherwise = [self._condition()]
            else:
                otherwise = self._block()
        return lambda memory: _last(then if boolean(test(memory)) else otherwise, memory)

    def _block(self) -> list[_Code]:
        self._require("{")
        statements = list(self.program("}"))
        self._require("}")
        return statements

    def _pair(self) -> tuple[str, _Code]:
        if self._kind() != "string":
            raise VrlError("the keys of an object are in quotes")
        name = _unquoted(self._take().text)
        self._require(":")
        return name, self._expression()

    def _list(self, end: str, read: Callable[[], Item]) -> list[Item]:
        items: list[Item] = []
        self._skip_newlines()
        while not self._accept(end):
            items.append(read())
            self._skip_newlines()
            if not self._sees(end):
                self._require(",")
                self._skip_newlines()
        return items

    def _kind(self) -> str:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else ""

    def _text(self) -> str:
        return self._tokens[self._place].text if self._place < len(self._tokens) else ""

    def _take(self) -> _Token:
        self._place += 1
        return self._tokens[self._place - 1]

    def _sees(self, operator: str) -> bool:
        return self._kind() == "operator" and self._text() == operator

    def _accept(self, operator: str) -> bool:
        if not self._sees(operator):
            return False
        self._place += 1
        return True

    def _require(self, operator: str) -> None:
        if not self._accept(operator):
            raise VrlError(f"expected {operator!r}, got {self._text() or 'the end'!r}")

    def _skip_newlines(self) -> None:
        while self._kind() == "newline":
            self._place += 1


def _unquoted(token: str) -> str:
    return text(msgspec.json.decode(token)) if token.startswith('"') else token


def _constant(token: str) -> _Code:
    value: Json = _LITERALS[token] if token in _LITERALS else _literal(token)
    return lambda memory: value


def _literal(token: str) -> Json:
    if token.startswith("s'"):
        return token[2:-1]
    value: Json = msgspec.json.decode(token)
    return bounded(value)


def _last(statements: list[_Code], memory: _Memory) -> Json:
    result: Json = None
    for statement in statements:
        result = statement(memory)
    return result


def _root(memory: _Memory, name: str) -> Json:
    if not name:
        return memory.data
    if name not in memory.variables:
        raise VrlError(f"undefined variable {name!r}")
    return memory.variables[name]


def _step(value: Json, step: _Step) -> Json:
    if isinstance(step, str):
        return value.get(step) if isinstance(value, dict) else None
    is_there = isinstance(value, list) and -len(value) <= step < len(value)
    return value[step] if is_there and isinstance(value, list) else None


def _reading(name: str, steps: list[_Step]) -> _Code:
    def read(memory: _Memory) -> Json:
        value = _root(memory, name)
        for step in steps:
            value = _step(value, step)
        return value

    return read


def _assignment(name: str, steps: list[_Step], code: _Code) -> _Code:
    def assign(memory: _Memory) -> Json:
        value = code(memory)
        old = memory.data if not name else memory.variables.get(name)
        changed = _replaced(old, steps, value)
        if name:
            memory.variables[name] = changed
        else:
            memory.data = changed
        return value

    return assign


def _replaced(old: Json, steps: list[_Step], value: Json) -> Json:
    """Return a value with another at the end of a path; what the path needs and does not find is made."""
    if not steps:
        return value
    inner = _replaced(_step(old, steps[0]), steps[1:], value)
    if isinstance(steps[0], str):
        return {**(old if isinstance(old, dict) else {}), steps[0]: inner}
    items = list(old) if isinstance(old, list) else []
    if not -len(items) <= steps[0] < _LONGEST_ARRAY:
        raise VrlError(f"there can be no element {steps[0]}")
    items += [None] * (steps[0] + 1 - len(items))
    items[steps[0]] = inner
    return items


def _existence(name: str, steps: list[_Step]) -> _Code:
    parent = _reading(name, steps[:-1])

    def exists(memory: _Memory) -> Json:
        owner, last = parent(memory), steps[-1] if steps else ""
        if isinstance(last, str):
            return not steps or (isinstance(owner, dict) and last in owner)
        return isinstance(owner, list) and -len(owner) <= last < len(owner)

    return exists


def _deletion(name: str, steps: list[_Step]) -> _Code:
    read, exists, parent = _reading(name, steps), _existence(name, steps), _reading(name, steps[:-1])

    def delete(memory: _Memory) -> Json:
        value, owner = read(memory), parent(memory)
        if steps and exists(memory):
            if isinstance(owner, dict):
                del owner[str(steps[-1])]
            else:
                del array(owner)[int(steps[-1])]
        return value

    return delete


def _call(name: str, arguments: list[_Code]) -> _Code:
    match arguments:
        case [only] if name in UNARY:
            return lambda memory: bounded(UNARY[name](only(memory)))
        case [first, second] if name in BINARY:
            return lambda memory: BINARY[name](first(memory), second(memory))
        case [first, second, third] if name in TERNARY:
            return lambda memory: TERNARY[name](first(memory), second(memory), third(memory))
        case _:
            known = ", ".join(sorted([*UNARY, *BINARY, *TERNARY]))
            raise VrlError(f"{name!r} with {len(arguments)} arguments is not known here; there is: {known}")


def _operation(name: str, left: _Code, right: _Code) -> _Code:
    if name == "??":
        return lambda memory: _or_else(left, right, memory)
    if name == "||":
        return lambda memory: value if (value := left(memory)) not in (None, False) else right(memory)
    if name == "&&":
        return lambda memory: boolean(left(memory)) and boolean(right(memory))
    return lambda memory: bounded(_OPERATORS[name](left(memory), right(memory)))


def _or_else(left: _Code, right: _Code, memory: _Memory) -> Json:
    try:
        return left(memory)
    except VrlError:
        return right(memory)


def _add(left: Json, right: Json) -> Json:
    if isinstance(left, str) or isinstance(right, str):
        return ("" if left is None else text(left)) + ("" if right is None else text(right))
    return number(left) + number(right)


def _divide(left: Json, right: Json) -> Json:
    if number(right) == 0:
        raise VrlError("can't divide by zero")
    return number(left) / number(right)


def _remainder(left: Json, right: Json) -> Json:
    if number(right) == 0:
        raise VrlError("can't calculate remainder by zero")
    return number(left) % number(right)


_OPERATORS: dict[str, Callable[[Json, Json], Json]] = {
    "==": lambda left, right: encode_json(left) == encode_json(right),
    "!=": lambda left, right: encode_json(left) != encode_json(right),
    "<": lambda left, right: number(left) < number(right),
    "<=": lambda left, right: number(left) <= number(right),
    ">": lambda left, right: number(left) > number(right),
    ">=": lambda left, right: number(left) >= number(right),
    "+": _add,
    "-": lambda left, right: number(left) - number(right),
    "*": lambda left, right: number(left) * number(right),
    "/": _divide,
    "%": _remainder,
}
