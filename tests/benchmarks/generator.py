"""A database of any size, the same for the same seed.

`python -m tests.benchmarks.generator --claims 10000` fills the configured, migrated and empty
database. Outlets and words follow Zipf's law; days are shuffled, so that a prefix of the claims
covers all years.
"""

import argparse
import os
import random
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice
from typing import Any

STATUSES = ["true", "mostly_true", "mixed", "mostly_false", "misleading", "false", "unverifiable"]
SYLLABLES = ["ka", "to", "ri", "мен", "сту", "лы", "қа", "ny", "ber", "ост", "al", "шы", "ve", "di"]
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
CHUNK = 2000


class World:
    """Seeded rows of every kind."""

    def __init__(self, claims: int, *, seed: int = 42) -> None:
        self.claims = claims
        self.chance = random.Random(seed)
        self.words = ["".join(self.chance.choices(SYLLABLES, k=3)) for _ in range(4000)]
        self.word_weights = zipf(len(self.words), 1.0)
        self.outlets = min(2000, 20 + claims // 20)
        self.outlet_weights = zipf(self.outlets, 1.05)

    def text(self) -> str:
        count = self.chance.randint(8, 24)
        return " ".join(self.chance.choices(self.words, cum_weights=self.word_weights, k=count))

    def day(self) -> date:
        return date(2010, 1, 1) + timedelta(days=self.chance.randrange(5800))

    def fill(self) -> Iterator[int]:
        """Write the rows, yielding how many claims are done after each chunk."""
        from factcheck.models import Claimant, Outlet, Owner, Topic

        owners = Owner.objects.bulk_create(
            Owner(slug=f"owner-{n}", name=f"Owner {n}") for n in range(self.outlets // 10)
        )
        outlets = Outlet.objects.bulk_create(
            Outlet(
                slug=f"outlet-{n}",
                name=f"Outlet {n}",
                owner=self.chance.choice([None, *owners]) if owners else None,
                control=self.chance.choice(["state", "public", "private", "unknown"]),
                country=self.chance.choice(["KZ", "RU", "US", "UZ", ""]),
            )
            for n in range(self.outlets)
        )
        topics = Topic.objects.bulk_create(
            Topic(slug=f"topic-{n}", name=f"Topic {n}") for n in range(40)
        )
        claimants = Claimant.objects.bulk_create(
            Claimant(slug=f"claimant-{n}", name=self.text()[:40]) for n in range(200)
        )
        numbers = iter(range(self.claims))
        done = 0
        while chunk := list(islice(numbers, CHUNK)):
            self._claims(chunk, outlets, topics, claimants)
            done += len(chunk)
            yield done

    def _claims(self, chunk: list[int], outlets: Any, topics: Any, claimants: Any) -> None:
        from factcheck.models import Citation, Claim, Verification

        claims = Claim.objects.bulk_create(
            Claim(
                slug=f"claim-{n}",
                text=f"{self.text()} {n}",
                language=self.chance.choice(["en", "en", "ru", "kk"]),
                claimed_on=self.day() if self.chance.random() < 0.95 else None,
                claimant=self.chance.choice(claimants),
                stage="published",
                published_at=MOMENT,
            )
            for n in chunk
        )
        Claim.topics.through.objects.bulk_create(
            Claim.topics.through(claim_id=claim.pk, topic_id=topic.pk)
            for claim in claims
            for topic in self.chance.sample(topics, self.chance.randint(1, 2))
        )
        citations = []
        for claim in claims:
            chosen = self.chance.choices(outlets, cum_weights=self.outlet_weights, k=3)
            for outlet in dict.fromkeys(chosen):
                day = self.day()
                citations.append(
                    Citation(
                        claim=claim,
                        outlet=outlet,
                        date_text=day.isoformat(),
                        published_on=day,
                        stance=self.chance.choice(["supports"] * 8 + ["disputes", "mentions"]),
                    )
                )
        Citation.objects.bulk_create(citations)
        Verification.objects.bulk_create(
            Verification(claim=claim, status=self.chance.choice(STATUSES), reason="Generated.")
            for claim in claims
            if self.chance.random() < 0.6
        )


def zipf(count: int, exponent: float) -> list[float]:
    """Return cumulative weights of 1/rank**exponent."""
    return list(accumulate(1 / rank**exponent for rank in range(1, count + 1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "factcheck.settings")
    import django

    django.setup()
    from factcheck import search
    from factcheck.models import Claim

    if Claim.objects.exists():
        raise SystemExit("The database holds claims already: generate into an empty one.")
    for done in World(options.claims, seed=options.seed).fill():
        search.drain()
        sys.stdout.write(f"\r{done} of {options.claims} claims")
        sys.stdout.flush()
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
