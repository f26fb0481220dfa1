"""ClaimReview records as publishers print them, and the command that imports them, for tests."""

import io
import json

from django.core.management import CommandError, call_command

from factcheck.imports.fact_checks import claimreview
from factcheck.models import Claim


def review(number=1, **fields):
    """Return a ClaimReview as publishers print it."""
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": f"https://checkers.example/{number}",
        "claimReviewed": f"Statement number {number} on the border",
        "author": {"@type": "Organization", "name": "The Checkers"},
        "datePublished": "2021-09-02T10:00:00Z",
        "inLanguage": "en-GB",
        "reviewRating": {
            "@type": "Rating",
            "alternateName": "Mostly False",
            "ratingValue": "-1",
            "bestRating": 1,
            "worstRating": 5,
        },
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": "Person", "name": "A. Speaker", "sameAs": ["https://x.example/a"]},
            "datePublished": "2021-08-20",
            "appearance": [{"@type": "NewsArticle", "url": "https://paper.example/a"}],
        },
        **fields,
    }


def run(path, **options):
    """Return what the command says on both streams, and its error if it ends with one."""
    out, err = io.StringIO(), io.StringIO()
    options.setdefault("refused", str(path.with_name("refused")))
    # Most tests are about what readers see; the command's own default is drafts.
    options.setdefault("stage", "published")
    try:
        call_command("import_claims", str(path), stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}"
    return out.getvalue(), err.getvalue()


def rated(number, label, **fields):
    return review(number, reviewRating={"alternateName": label}, **fields)


def verdicts():
    return dict(Claim.objects.values_list("text", "status"))


def parse(data, read=claimreview.read_json):
    text = data if isinstance(data, str | bytes) else json.dumps(data)
    return list(read(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


def feed(path, *reviews):
    path.write_text("\n".join(map(json.dumps, reviews)), encoding="utf-8")
    return path
