"""Splits an article into statements: sentences with the citation groups that they rely on."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from factcheck.imports.articles.parser.paragraphs import FINAL, Paragraph
from factcheck.imports.articles.parser.sentences import split_sentences
from factcheck.imports.articles.records import CitationGroup, Statement

# Characters that may stand between the last group of a sentence and its end.
_TRAILING = " .!?…;,\r\n\t\u00a0"


def split_statements(
    text: str,
    body: Sequence[Paragraph],
    groups: Sequence[CitationGroup],
    closed: list[tuple[int, int]],
) -> Iterator[Statement]:
    """Yield the statements of all paragraphs; no sentence ends within a `closed` parenthesis."""
    for number, paragraph in enumerate(body, 1):
        yield from _Reader(text, paragraph, groups, closed).read(number)


class _Reader:
    """Reads the statements of one paragraph."""

    def __init__(
        self,
        text: str,
        paragraph: Paragraph,
        groups: Sequence[CitationGroup],
        closed: list[tuple[int, int]],
    ) -> None:
        self.text, self.groups = text, groups
        first = bisect_left(groups, paragraph.start, key=lambda group: group.start)
        last = bisect_left(groups, paragraph.end, key=lambda group: group.start)
        self.pending = list(range(first, last))  # indexes of groups not yet assigned to a sentence
        low = bisect_left(closed, (paragraph.start, 0))
        high = bisect_left(closed, (paragraph.end, 0))
        self.sentences = split_sentences(
            text,
            paragraph.start,
            paragraph.end,
            closed=closed[low:high],
            groups=[groups[index].start for index in self.pending],
        )

    def read(self, number: int) -> list[Statement]:
        """Return the statements; a sentence without groups relies on those of the next sentence.

        So the sentences are read from the last to the first.
        """
        statements: list[Statement] = []
        following: tuple[int, ...] = ()
        for start, end in reversed(self.sentences):
            indexes = self._pop_groups(start)
            groups = [self.groups[index] for index in indexes]
            stop = _without_last_groups(self.text, start, end, groups)
            # A sentence that names its own source says nothing about the ones before it.
            closing = [index for index in indexes if not _is_inline(self.groups[index])]
            if closing:
                following = (closing[0],)
            if stop > start and any(map(str.isalnum, self.text[start:stop])):
                plain = _plain(self.text, start, stop, groups, was_cut=end > stop)
                cited = tuple(indexes) or following
                statements.append(
                    Statement(self.text[start:stop], start, stop, number, cited, plain)
                )
            elif indexes:
                # Groups that stand alone belong to all sentences before them.
                following = tuple(indexes)
        return statements[::-1]

    def _pop_groups(self, start: int) -> list[int]:
        """Remove the groups that begin at or after `start` from the pending ones; return them."""
        first = len(self.pending)
        while first and self.groups[self.pending[first - 1]].start >= start:
            first -= 1
        popped = self.pending[first:]
        del self.pending[first:]
        return popped


def _is_inline(group: CitationGroup) -> bool:
    return any(citation.start < group.start for citation in group.citations)


def _without_last_groups(text: str, start: int, end: int, groups: list[CitationGroup]) -> int:
    """Return where a sentence ends without the groups, and the full stop after them, at its end."""
    stop = end
    for group in reversed(groups):
        if _is_inline(group) or text[group.end : stop].strip(_TRAILING):
            break
        stop = start + len(text[start : group.start].rstrip())
    return stop


def _plain(text: str, start: int, stop: int, groups: list[CitationGroup], *, was_cut: bool) -> str:
    """Return a sentence's text without its groups, with a full stop if its end was cut off."""
    pieces, position = [], start
    for group in groups:
        if group.end <= stop and not _is_inline(group):
            pieces.append(text[position : group.start].rstrip())
            position = group.end
    plain = " ".join("".join([*pieces, text[position:stop]]).split())
    return plain if not was_cut or FINAL.search(plain) else f"{plain.rstrip(',;:')}."
