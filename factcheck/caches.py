"""The in-process caches, listed so that all of them can be emptied at once.

A cache whose entries depend on the database or on the settings registers the function that empties
it. `clear_all` is called when the database file was replaced, and before each test: a test's
transaction is rolled back, so what was cached in it describes rows that do not exist.

A cache of a pure function needs no registration: its entries are always right.
`tests/test_caches.py` lists those, and fails for any other cache that is not registered.
"""

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import TypeVar

_Result = TypeVar("_Result")
_clear_functions: list[Callable[[], None]] = []


def clears_cache(function: Callable[[], None]) -> Callable[[], None]:
    """Register a function that empties a cache (a decorator)."""
    _clear_functions.append(function)
    return function


def cached(
    max_size: int, *, typed: bool = False
) -> Callable[[Callable[..., _Result]], "_lru_cache_wrapper[_Result]"]:
    """Cache a function's results like `functools.lru_cache`, and register the cache."""

    def decorate(function: Callable[..., _Result]) -> "_lru_cache_wrapper[_Result]":
        wrapper = lru_cache(max_size, typed=typed)(function)
        clears_cache(wrapper.cache_clear)
        return wrapper

    return decorate


def clear_all() -> None:
    """Empty every registered cache."""
    for clear in _clear_functions:
        clear()
