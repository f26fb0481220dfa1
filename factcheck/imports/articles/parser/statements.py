"""Statements: the sentences of an article, each with the citation groups that it relies on."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from factcheck.imports.articles.parser.paragraphs import FINAL, Paragraph
from factcheck.imports.articles.parser.sentences import sentences
from factcheck.imports.articles.records import Group, Statement

# What may stand between a group at the end of a sentence and that end.
_TRAILING = " .!?…;,\r\n\t\u00a0"


def statements(
    text: str, body: Sequence[Paragraph], groups: Sequence[Group], closed: list[tuple[int, int]]
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
        groups: Sequence[Group],
        closed: list[tuple[int, int]],
    ) -> None:
        self.text, self.groups = text, groups
        first = bisect_left(groups, paragraph.start, key=lambda group: group.start)
        last = bisect_left(groups, paragraph.end, key=lambda group: group.start)
        self.pending = list(range(first, last))  # indexes of groups that no sentence has yet
        low = bisect_left(closed, (paragraph.start, 0))
        high = bisect_left(closed, (paragraph.end, 0))
        self.sentences = sentences(
            text,
            paragraph.start,
            paragraph.end,
            closed=closed[low:high],
            groups=[groups[index].start for index in self.pending],
        )

    def read(self, number: int) -> list[Statement]:
        """Read from the end: a sentence without groups relies on those of the next one."""
        found: list[Statement] = []
        following: tuple[int, ...] = ()
        for start, end in reversed(self.sentences):
            own = self._take_groups(start)
            groups = [self.groups[index] for index in own]
            stop = _without_last_groups(self.text, start, end, groups)
            # A sentence that names its own source says nothing about the ones before it.
            closing = [index for index in own if not _is_inline(self.groups[index])]
            if closing:
                following = (closing[0],)
            if stop > start and any(map(str.isalnum, self.text[start:stop])):
                plain = _plain(self.text, start, stop, groups, was_cut=end > stop)
                cited = tuple(own) or following
                found.append(Statement(self.text[start:stop], start, stop, number, cited, plain))
            elif own:
                # Groups that stand alone close the sentences before them, all together.
                following = tuple(own)
        return found[::-1]

    def _take_groups(self, start: int) -> list[int]:
        """Take the groups that begin at or after `start` from the pending ones."""
        first = len(self.pending)
        while first and self.groups[self.pending[first - 1]].start >= start:
            first -= 1
        taken = self.pending[first:]
        del self.pending[first:]
        return taken


def _is_inline(group: Group) -> bool:
    return any(citation.start < group.start for citation in group.citations)


def _without_last_groups(text: str, start: int, end: int, own: list[Group]) -> int:
    """Return where a sentence ends without the groups, and the full stop after them, at its end."""
    stop = end
    for group in reversed(own):
        if _is_inline(group) or text[group.end : stop].strip(_TRAILING):
            break
        stop = start + len(text[start : group.start].rstrip())
    return stop


def _plain(text: str, start: int, stop: int, own: list[Group], *, was_cut: bool) -> str:
    """Return a sentence's text without its groups, with a full stop if its end was cut off."""
    pieces, position = [], start
    for group in own:
        if group.end <= stop and not _is_inline(group):
            pieces.append(text[position : group.start].rstrip())
            position = group.end
    plain = " ".join("".join([*pieces, text[position:stop]]).split())
    return plain if not was_cut or FINAL.search(plain) else f"{plain.rstrip(',;:')}."
