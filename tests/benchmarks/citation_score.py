"""How many items of labelled citation groups the parser reads right. Needs no Django.

    python -m tests.benchmarks.citation_score LABELS.jsonl

A line of the file: {"group", "published", "kind", "items": [{"outlet", "date", "note"}]}. An item
is right if outlet and date are; where its note calls it ambiguous, no date is right too. Kinds:
`citation...` count, `inline_outlet` is told apart (its outlet stands before the parenthesis and is
not in the file), `not_citation` must yield nothing, `truncated` must not raise.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from factcheck.imports.articles.parser.citation_groups import find_groups


def read(row):
    """Return the outlet-and-date pairs that the parser finds in a labelled group."""
    found = find_groups(f"A sentence {row['group']}.", row["published"]).groups
    return [(report.outlet, report.date) for group in found for report in group.citations]


def wanted(item):
    """Return the readings of a labelled item that are right, the first one preferred."""
    pairs = [(item["outlet"], item["date"])]
    return [*pairs, (item["outlet"], None)] if "ambiguous" in item["note"] else pairs


def score(rows):
    """Return counts by name, and the rows that were read wrong with what was read."""
    counts, wrong = Counter(), []
    for row in rows:
        got = read(row)
        rest = Counter(got)
        kind = row["kind"].split("_")[0] if row["kind"].startswith("citation") else row["kind"]
        counts[kind] += 1
        right = 0
        for item in row["items"]:
            if pair := next((pair for pair in wanted(item) if rest[pair]), None):
                rest[pair] -= 1
                right += 1
        counts[f"{kind} items"] += len(row["items"])
        counts[f"{kind} items right"] += right
        false = rest.total() if kind != "truncated" else 0
        counts[f"{kind} false"] += false
        if false or (kind == "citation" and right < len(row["items"])):
            wrong.append((row, got))
    return counts, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    path = parser.parse_args().path
    lines = path.read_text(encoding="utf-8").splitlines()
    counts, wrong = score([json.loads(line) for line in lines if line.strip()])
    for row, got in wrong:
        print(f"{row.get('id', '')} {row['group']} ({row['published']})\n    read as {got}")
    items, right = counts["citation items"], counts["citation items right"]
    print(f"{right} of {items} items right ({right / max(items, 1):.1%})")
    print(
        f"{counts['not_citation false']} false citations in {counts['not_citation']} others,"
        f" {counts['citation false']} in {counts['citation']} groups that cite;"
        f" {counts['inline_outlet items']} items whose outlet stands before the parenthesis"
    )


if __name__ == "__main__":
    main()
