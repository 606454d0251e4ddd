# Copied by scripts/generate from generator-config/runtime; do not edit it here.
"""The base of all resources: keeps the arguments of their methods out of tracebacks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from inspect import iscoroutinefunction, signature
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


class Resource:
    """A group of methods.

    Tools that report errors show the local variables of each frame of a traceback, and those of a method are its
    arguments: phone numbers, texts, codes. So an error that says `_hides_arguments` leaves a method without the frames
    below, and without its arguments in the one that is left.
    """

    if not TYPE_CHECKING:  # type checkers know the methods

        def __getattr__(self, name: str) -> Any:
            """Name the methods there are, for one there is not."""
            if name.startswith("_"):
                raise AttributeError(name)
            names = ", ".join(sorted(each for each in dir(type(self)) if not each.startswith("_")))
            raise AttributeError(f"{type(self).__name__} has no {name!r}; it has {names}")

    def __init_subclass__(cls) -> None:
        """Wrap the methods of the class."""
        for name, value in list(vars(cls).items()):
            if isinstance(value, FunctionType) and not name.startswith("_"):
                setattr(cls, name, hiding_arguments(value))


def hiding_arguments(method: Method) -> Method:
    """Return a method whose errors carry no arguments; see `Resource`."""
    hiding: Any = _hiding_async if iscoroutinefunction(method) else _hiding
    wrapped: Method = hiding(method)
    return wrapped


def _hiding(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except Exception as error:
            if not hides_arguments(error):
                if isinstance(error, TypeError):
                    refuse_unknown(f"{type(self).__name__}.{method.__name__}", method, kwargs)
                raise
            args, kwargs, failure = (), {}, error
        try:
            raise failure.with_traceback(None)
        finally:
            del failure  # or frame and error would keep each other alive

    return call


def _hiding_async(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    async def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        try:
            return await method(self, *args, **kwargs)
        except Exception as error:
            if not hides_arguments(error):
                if isinstance(error, TypeError):
                    refuse_unknown(f"{type(self).__name__}.{method.__name__}", method, kwargs)
                raise
            args, kwargs, failure = (), {}, error
        try:
            raise failure.with_traceback(None)
        finally:
            del failure  # or frame and error would keep each other alive

    return call


def refuse_unknown(name: str, function: Callable[..., Any], given: Iterable[str]) -> None:
    """Refuse named arguments that a function does not have; one that takes any refuses them itself.

    Raises:
        TypeError: there is one; the message has the nearest and all others.
    """
    parameters = signature(function).parameters.values()
    names = [each.name for each in parameters if each.name != "self" and not each.name.startswith("_")]
    if not any(each.kind is each.VAR_KEYWORD and not each.name.startswith("_") for each in parameters):
        refuse_others(name, names, given)


def refuse_others(name: str, names: Collection[str], given: Iterable[str]) -> None:
    """Refuse arguments that are none of these; raises TypeError as `refuse_unknown` does."""
    for unknown in given:
        if unknown not in names:
            from difflib import get_close_matches  # here, because only a mistake needs it

            nearest = [f" did you mean {each}?" for each in get_close_matches(unknown, names, 1)]
            takes = ", ".join(names) or "none"
            raise TypeError(f"{name} has no argument {unknown!r};{''.join(nearest)} it takes {takes}") from None


def hides_arguments(error: BaseException) -> bool:
    """Return whether an error says all there is to say, so that its traceback helps nobody."""
    return getattr(error, "_hides_arguments", False) is True
