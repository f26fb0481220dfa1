"""What makes a sentence, and a citation of it, the same ones in a later version of an article."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from factcheck.imports.articles.records import CitationRecord, ReadArticle, Statement
from factcheck.text.name_keys import name_key

_ASIDE = re.compile(r"\([^()]*\)")


def sentence_key(text: str) -> str:
    """Return a sentence's words, whatever its groups cite."""
    return name_key(_ASIDE.sub(" ", text)) or name_key(text)


def sentence_keys(statements: Iterable[Statement]) -> list[str]:
    """Return the key of each sentence, numbered where its words have stood before."""
    before, found = Counter[str](), []
    for statement in statements:
        key = sentence_key(statement.text)
        found.append(f"{key}\n{before[key]}" if before[key] else key)
        before[key] += 1
    return found


def statement_key(sentence: str) -> str:
    """Return the short key of a sentence, by its own (`sentence_keys`)."""
    return _short("statement", sentence)


def citation_keys(sentence: str, citations: Iterable[CitationRecord]) -> list[str]:
    """Return a key for each citation of a sentence: what is printed, not its reading."""
    before = Counter[str]()
    keys = []
    for citation in citations:
        number = before[citation.printed]
        keys.append(_short("citation", sentence, citation.printed, str(number)))
        before[citation.printed] += 1
    return keys


def keys_of(read: ReadArticle) -> Iterator[str]:
    """Yield the keys of all statements and their citations."""
    for statement, sentence in zip(read.statements, sentence_keys(read.statements), strict=True):
        yield statement_key(sentence)
        for index in statement.groups:
            yield from citation_keys(sentence, read.groups[index].citations)


def _short(*parts: str) -> str:
    said = "\n".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(said).hexdigest()[:16]
