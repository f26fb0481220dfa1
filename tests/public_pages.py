"""The addresses of public pages and of the API that several tests ask for."""

import re

API = {
    "claims": "plan-to-admit-2000-refugees",
    "outlets": "tass",
    "owners": "state-of-russia",
    "articles": "kazakhstan-afghanistan-2021",
    "claimants": "kassym-jomart-tokayev",
    "topics": "trade",
    "citations": "kz-af-2021-40-1",
    "verifications": "6",
}


PAGES = [
    "/",
    "/claims/",
    "/claims/plan-to-admit-2000-refugees/",
    "/claims/plan-to-admit-2000-refugees/revisions/",
    "/outlets/",
    "/outlets/tass/",
    "/track-records/",
    "/articles/",
    "/articles/kazakhstan-afghanistan-2021/",
    "/claimants/kassym-jomart-tokayev/",
    "/topics/trade/",
    "/corrections/",
    "/corrections/log.jsonl",
    "/corrections/feed.atom",
    "/fact-checks/",
    "/fact-checks/feed.atom",
    "/about/method/",
    "/claims.csv",
    "/claims.jsonl",
    "/claims.xlsx",
    "/claims.atom",
    "/claimreview.json",
    "/v1alpha1/claims:search?query=kabul",
    "/robots.txt",
    "/opensearch.xml",
    "/sitemap.xml",
    "/sitemap-claims.xml",
    "/api/",
]


ENDPOINTS = [
    "/api/schema/",
    *(f"/api/v1/{noun}/" for noun in API),
    *(f"/api/v1/{noun}/{key}/" for noun, key in API.items()),
]


def text(response):
    """Return what a reader sees, without tags and runs of space."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).strip()
