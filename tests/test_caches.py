"""In-process caches: all are emptied at once, and no lock is held while the database is asked."""

import ast
import functools
import importlib
import pkgutil
import re
import threading
from pathlib import Path

import pytest
from django.db import connection

import factcheck
from factcheck import caches, data_version
from factcheck.views import etags
from tests import factories
from tests.public_pages import ENDPOINTS, PAGES
from tests.threads import in_thread

ROOT = Path(factcheck.__file__).parent
NAMES = [
    found.name
    for found in pkgutil.walk_packages([str(ROOT)], "factcheck.")
    if ".migrations" not in found.name and not found.name.endswith((".settings", ".wsgi"))
]
# Caches that need not be registered: their entries depend on the arguments and the code alone.
PURE = {
    "factcheck.admin.languages": {"_codes", "_codes_by_name"},
    "factcheck.api.schema": {"document"},
    "factcheck.api.flat_rows": {"flat_rows_of"},
    "factcheck.imports.bulk.table": {"plan", "table_of"},
    "factcheck.imports.fact_checks.keys": {"domain_of"},
    "factcheck.imports.fact_checks.records": {"iso_date"},
    "factcheck.search.indexing": {"_columns_of_names", "_search_words_cached"},
    "factcheck.db.bulk_sql": {"_placeholders"},
    "factcheck.text.normalize": {"_fold_cached"},
    "factcheck.triggers.installed": {"_expected"},
    "factcheck.triggers.sqlite": {"_statements"},
    "factcheck.text.search_keys": {"_word_keys", "sound_key"},
}
# A module variable that begins empty, as a cache does.
EMPTY = r"(\w+\.)*((dict|list|set)\(\)|defaultdict\(|\w+Dict\w*\(\))"
# Those that are no caches.
NO_CACHE = {
    "factcheck.db.database_file": {"_current_files"},  # which file is the database
    "factcheck.imports.fact_checks.claimreview_search": {"_LEAF"},  # a constant
}


def unregistered_functions(module):
    """Yield the names of functions whose results `functools` caches without a registration."""
    for name, value in vars(module).items():
        members = vars(value) if isinstance(value, type) else {name: value}
        for member, wrapper in members.items():
            if (
                isinstance(wrapper, functools._lru_cache_wrapper)
                and wrapper.__module__ == module.__name__
                and wrapper.cache_clear not in caches._clear_functions
            ):
                yield member


def module_state(source):
    """Yield the names of a module's variables that its functions may fill or replace."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = ast.unparse(node.value) if node.value else ""
            if value in {"{}", "[]"} or re.match(EMPTY, value):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("name", NAMES)
def test_each_cache_is_registered_or_pure(name):
    module = importlib.import_module(name)
    source = Path(module.__file__).read_text(encoding="utf-8")
    is_registered = "clears_cache" in source

    state = set() if is_registered else set(module_state(source)) - NO_CACHE.get(name, set())

    assert set(unregistered_functions(module)) | state == PURE.get(name, set())


def test_the_rule_on_caches_sees_a_breach():
    source = "_a = {}\n_b: dict[str, int] = {}\n_c = {1: 2}\ndef f():\n    global _d\n    _d = 1\n"
    assert set(module_state(source)) == {"_a", "_b", "_d"}


def test_all_caches_are_emptied_at_once():
    results = iter("ab")
    answer = caches.cached(1)(lambda: next(results))
    try:
        assert (answer(), answer()) == ("a", "a")
        caches.clear_all()
        assert answer() == "b"
    finally:
        caches._clear_functions.remove(answer.cache_clear)


def locks():
    """Return every lock that a module of ours holds, or an object of its."""
    kind = type(threading.Lock())
    for name in NAMES:
        for value in vars(importlib.import_module(name)).values():
            for member in (value, *getattr(value, "__dict__", {}).values()):
                if isinstance(member, kind):
                    yield member


def test_no_lock_is_held_while_the_database_is_asked(client, sample):
    shared = list(locks())
    assert etags._pages.lock in shared
    held = []

    def note(execute, sql, params, many, context):
        held.extend(sql for lock in shared if lock.locked())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for path in (*PAGES, *ENDPOINTS, "/claims/?q=kabool"):
            client.get(path)
            factories.create_claim()  # the next page's look-up finds a change

    assert held == []


@pytest.mark.django_db(transaction=True)
def test_readers_look_up_the_version_at_the_same_time(monkeypatch):
    together = threading.Barrier(4, timeout=20)
    look_up = data_version.changes_since

    def meet(version):
        together.wait()
        return look_up(version)

    monkeypatch.setattr(data_version, "changes_since", meet)
    readers = [in_thread(data_version.version) for _ in range(4)]

    # A reader that waited for another's query would break the barrier.
    assert len({reader.result() for reader in readers}) == 1
