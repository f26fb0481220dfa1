"""A database of any size as a fixture, the same for the same seed.

`python -m tests.benchmarks.generator --claims 10000 --out world.jsonl` writes it; `import_fixtures`
loads it. Outlets and words follow Zipf's law; days are shuffled, so that a prefix of the claims
covers all years. Two claims of a hundred name somebody, in Latin, Russian or Kazakh letters.
"""

import argparse
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

STATUSES = ["true", "mostly_true", "mixed", "mostly_false", "misleading", "false", "unverifiable"]
LATIN = ["ka", "to", "ri", "ny", "ber", "al", "ve", "di", "mo", "su", "len", "par", "gi", "tos"]
CYRILLIC = [
    "мен",
    "сту",
    "лы",
    "қа",
    "ост",
    "шы",
    "ра",
    "пол",
    "де",
    "жан",
    "ти",
    "ғы",
    "нов",
    "ек",
]
NAMES = ["Tokayev", "Tokaev", "Токаев", "Токаева", "Тоқаев", "Kabul", "Кабуле", "Кабұл", "Astana"]
MOMENT = "2026-01-01T00:00:00Z"


class World:
    """Seeded rows of every kind."""

    def __init__(self, claims: int, *, seed: int = 42, prefix: str = "") -> None:
        # With a prefix it can be added to another world: keys of its own, and no numbered log.
        self.claims, self.seed, self.prefix = claims, seed, prefix
        chance = random.Random(0)
        self.words = {
            letters: [
                "".join(chance.choices(letters, k=chance.randint(2, 4))) for _ in range(15_000)
            ]
            for letters in map(tuple, (LATIN, CYRILLIC))
        }
        self.word_weights = zipf(15_000, 1.0)
        self.outlets = min(2000, 20 + claims // 20)
        self.outlet_weights = zipf(self.outlets, 1.05)

    def text(self, chance: random.Random) -> str:
        letters = tuple(LATIN if chance.random() < 0.6 else CYRILLIC)
        count = chance.randint(10, 24)
        words = chance.choices(self.words[letters], cum_weights=self.word_weights, k=count)
        if chance.random() < 0.02:
            words.append(chance.choice(NAMES))
        return " ".join(words)

    def objects(self, *, natural: bool = True) -> Iterator[dict[str, Any]]:
        """Yield a fixture's objects: with natural keys, or with integers."""
        numbers: dict[tuple[str, str], int] = {}
        for model, key, fields, links in self._rows():
            for name in {"slug", "ref"} & fields.keys():
                fields[name] = self.prefix + fields[name]
            pk = None
            for name, target in links.items():
                many = isinstance(target, list)
                refs = target if many else [target]
                found = [[self.prefix + ref[1]] if natural else numbers[ref] for ref in refs]
                fields[name] = found if many else found[0]
            if not natural:
                pk = numbers[model, key] = self._next(numbers, model)
            yield {"model": f"factcheck.{model}", "pk": pk, "fields": fields}

    @staticmethod
    def _next(numbers: dict[tuple[str, str], int], model: str) -> int:
        last = ("last", model)
        numbers[last] = numbers.get(last, 0) + 1
        return numbers[last]

    def _rows(self) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
        """Yield model, natural key, columns, and links as model and key."""
        chance = random.Random(self.seed)
        owners = self.outlets // 10
        for n in range(owners):
            yield "owner", f"owner-{n}", {"slug": f"owner-{n}", "name": f"Owner {n}"}, {}
        for n in range(self.outlets):
            fields = {
                "slug": f"outlet-{n}",
                "name": f"{self.text(chance).split()[0].title()} Outlet {n}",
                "control": chance.choice(["state", "public", "private", "unknown"]),
                "country": chance.choice(["KZ", "RU", "US", "UZ", ""]),
            }
            has_owner = owners and chance.random() < 0.5
            owner = {"owner": ("owner", f"owner-{chance.randrange(owners)}")} if has_owner else {}
            yield "outlet", f"outlet-{n}", fields, owner
        for n in range(40):
            yield "topic", f"topic-{n}", {"slug": f"topic-{n}", "name": f"Topic {n}"}, {}
        for n in range(200):
            name = " ".join(self.text(chance).split()[:2]).title()
            yield "claimant", f"claimant-{n}", {"slug": f"claimant-{n}", "name": name}, {}
        for part in (self._claims, self._citations, self._verifications):
            if self.prefix and part == self._verifications:
                continue
            yield from part(random.Random(f"{self.seed} {part.__name__}"))

    def _claims(self, chance: random.Random) -> Iterator[Any]:
        topic_weights = zipf(40, 0.9)
        for n in range(self.claims):
            fields = {
                "slug": f"claim-{n}",
                "text": f"{self.text(chance)} {n}",
                "language": chance.choice(["en", "en", "ru", "kk"]),
                "claimed_on": day(chance) if chance.random() < 0.95 else None,
                "stage": "published",
                "published_at": MOMENT,
                "updated_at": MOMENT,
            }
            topics = chance.choices(range(40), cum_weights=topic_weights, k=chance.randint(1, 2))
            links = {
                "claimant": ("claimant", f"claimant-{chance.randrange(200)}"),
                "topics": [("topic", f"topic-{topic}") for topic in dict.fromkeys(topics)],
            }
            yield "claim", f"claim-{n}", fields, links

    def _citations(self, chance: random.Random) -> Iterator[Any]:
        for n in range(self.claims):
            chosen = chance.choices(range(self.outlets), cum_weights=self.outlet_weights, k=3)
            for place, outlet in enumerate(dict.fromkeys(chosen)):
                known = day(chance) if chance.random() < 0.95 else ""
                fields = {
                    "ref": f"c{n}-{place}",
                    "date_text": known,
                    "published_on": known or None,
                    "stance": chance.choice(["supports"] * 8 + ["disputes", "mentions"]),
                    "position": place,
                }
                links = {"claim": ("claim", f"claim-{n}"), "outlet": ("outlet", f"outlet-{outlet}")}
                yield "citation", fields["ref"], fields, links

    def _verifications(self, chance: random.Random) -> Iterator[Any]:
        for n in range(2 * self.claims):
            fields = {
                "ref": f"v{n}",
                "number": n + 1,
                "status": chance.choice(STATUSES),
                "reason": "Generated.",
                "reviewed_on": day(chance),
                "created_at": MOMENT,
            }
            claim = ("claim", f"claim-{chance.randrange(self.claims)}")
            yield "verification", f"v{n}", fields, {"claim": claim}

    def write(self, path: Path, *, natural: bool = True) -> int:
        """Write the fixture as JSON Lines; return how many objects it holds."""
        count = 0
        with path.open("w", encoding="utf-8") as stream:
            for one in self.objects(natural=natural):
                stream.write(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n")
                count += 1
        return count


def day(chance: random.Random) -> str:
    return (date(2010, 1, 1) + timedelta(days=chance.randrange(5800))).isoformat()


def zipf(count: int, exponent: float) -> list[float]:
    """Return cumulative weights of 1/rank**exponent."""
    return list(accumulate(1 / rank**exponent for rank in range(1, count + 1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--integers", action="store_true", help="integer keys, not natural ones")
    parser.add_argument("--out", type=Path, default=Path("world.jsonl"))
    options = parser.parse_args()
    world = World(options.claims, seed=options.seed)
    count = world.write(options.out, natural=not options.integers)
    print(f"{options.out}: {count} objects")


if __name__ == "__main__":
    main()
