"""The words of a load's first claims, which another process reads while their rows are written."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from factcheck.imports.bulk.fixture_reader import FixtureObject
from factcheck.imports.read_ahead import ReaderError, ahead
from factcheck.search import Words, words_of

Known = dict[str, Words]
# Texts that take longer to read than a process takes to begin.
_WORTH = 500


@contextmanager
def words_ahead(chunk: Sequence[FixtureObject]) -> Iterator[Callable[[], Known]]:
    """Within it, yield what returns the words of the texts of the claims among some objects.

    Most words of a load are new in its first claims; they take a sixth of the time of a small one.
    Claims wait for what they cite: without citations none of their words is asked for.
    """
    claims = (found.fields for found in chunk if found.model == "factcheck.claim")
    texts = [text for fields in claims if isinstance(text := fields.get("text"), str)]
    if len(texts) < _WORTH or not any(found.model == "factcheck.citation" for found in chunk):
        yield dict
        return
    with ahead(_words(texts)) as found:
        yield partial(_taken, found)


def _words(texts: Sequence[str]) -> Iterator[Known]:
    yield {text: words_of(text) for text in texts}


def _taken(found: Iterator[Known]) -> Known:
    try:
        return next(found, {})
    except ReaderError:  # whoever wants them reads them
        return {}
