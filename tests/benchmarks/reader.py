"""How the article reader's time and memory grow with the text. Needs no Django.

    python -m tests.benchmarks.reader

Reads one article repeated to 12,500 up to 100,000 words, checks that every group was found, and
prints each size beside the one before it: a reader that is linear doubles.
"""

import gc
import time
import tracemalloc

from factcheck.imports.articles.parser.article import read_article

PARAGRAPH = (
    "Trade with the southern neighbour (UNAMA counts it, too) rose by 3.5 percent, as the U.S."
    " envoy said on August 14, and flour led it. “It will last. It must.” Nobody asked why it had"
    " fallen in 2020 (Tengrinews.kz, August 20; Akorda.kz, August 15, 16). Talks went on in Almaty,"
    " where both sides wanted more of them, and so did Mr. B. Lee (Kursiv.kz, Kapital.kz, Radio"
    " Azattyq, August 16; see EDM, September 20, October 6, 10, 2017).\n\n"
)
SIZES = (12_500, 25_000, 50_000, 100_000)


def measure(text):
    """Return the best of three times in seconds, and the peak of memory in megabytes."""
    times = []
    for _ in range(3):
        gc.collect()
        begin = time.perf_counter()
        read_article(text, published="2021-09")
        times.append(time.perf_counter() - begin)
    tracemalloc.start()
    read_article(text, published="2021-09")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(times), peak / 1e6


def main():
    previous = None
    print("  words   seconds           megabytes")
    for words in SIZES:
        copies = words // len(PARAGRAPH.split())
        text = PARAGRAPH * copies
        read = read_article(text, published="2021-09")
        assert len(read.groups) == 2 * copies
        assert sum(len(group.citations) for group in read.groups) == 9 * copies
        now = measure(text)
        ratios = (
            [f"× {new / old:.2f}" for new, old in zip(now, previous, strict=True)]
            if previous
            else ["", ""]
        )
        print(f"{words:7,} {now[0]:9.2f} {ratios[0]:7} {now[1]:9.1f} {ratios[1]}")
        previous = now


if __name__ == "__main__":
    main()
