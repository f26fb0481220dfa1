"""What makes a sentence, and a citation of it, the same ones in a later version of an article."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from factcheck.ingest.records import CitationRecord, ReadArticle
from factcheck.text import name_key

_ASIDE = re.compile(r"\([^()]*\)")


def sentence_key(text: str) -> str:
    """Return a sentence's words, whatever its groups cite."""
    return name_key(_ASIDE.sub(" ", text)) or name_key(text)


def statement_key(text: str) -> str:
    return _short("statement", sentence_key(text))


def citation_keys(text: str, citations: Iterable[CitationRecord]) -> list[str]:
    """Return a key for each citation of the sentence `text`: what is printed, not its reading."""
    sentence, before = sentence_key(text), Counter[str]()
    keys = []
    for citation in citations:
        number = before[citation.printed]
        keys.append(_short("citation", sentence, citation.printed, str(number)))
        before[citation.printed] += 1
    return keys


def keys_of(read: ReadArticle) -> Iterator[str]:
    """Yield the keys of all statements and their citations."""
    for statement in read.statements:
        yield statement_key(statement.text)
        for index in statement.groups:
            yield from citation_keys(statement.text, read.groups[index].citations)


def _short(*parts: str) -> str:
    said = "\n".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(said).hexdigest()[:16]
