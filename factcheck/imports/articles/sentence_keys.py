"""Keys that identify a sentence and its citations in every version of an article."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from factcheck.imports.articles.records import CitationRecord, ParsedArticle, Statement
from factcheck.text.name_keys import name_key

_PARENTHESIS = re.compile(r"\([^()]*\)")


def sentence_key(text: str) -> str:
    """Return the folded words of a sentence without its parentheses."""
    return name_key(_PARENTHESIS.sub(" ", text)) or name_key(text)


def sentence_keys(statements: Iterable[Statement]) -> list[str]:
    """Return the key of each sentence, made unique by a number if its words occurred before."""
    occurrences, sentences = Counter[str](), []
    for statement in statements:
        key = sentence_key(statement.text)
        sentences.append(f"{key}\n{occurrences[key]}" if occurrences[key] else key)
        occurrences[key] += 1
    return sentences


def statement_key(sentence: str) -> str:
    """Return the stored key of a statement, from its sentence key."""
    return _digest("statement", sentence)


def citation_keys(sentence: str, citations: Iterable[CitationRecord]) -> list[str]:
    """Return the stored key of each citation of a sentence, which depends only on its print."""
    occurrences = Counter[str]()
    keys = []
    for citation in citations:
        number = occurrences[citation.printed]
        keys.append(_digest("citation", sentence, citation.printed, str(number)))
        occurrences[citation.printed] += 1
    return keys


def keys_of(parsed: ParsedArticle) -> Iterator[str]:
    """Yield the keys of all statements and their citations."""
    for statement, sentence in zip(
        parsed.statements, sentence_keys(parsed.statements), strict=True
    ):
        yield statement_key(sentence)
        for index in statement.groups:
            yield from citation_keys(sentence, parsed.groups[index].citations)


def _digest(*parts: str) -> str:
    text = "\n".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(text).hexdigest()[:16]
