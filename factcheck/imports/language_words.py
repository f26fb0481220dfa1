"""The words by which articles and typed dates are read: one table for each language.

Patterns are regular expressions without capturing groups, matched in any case. The forms of names
are in `outlet_names`; endings and stems for search are in `text.search_keys`.
"""

from collections.abc import Callable
from dataclasses import dataclass

_CYRILLIC = range(ord("а"), ord("я") + 1)


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words of one language."""

    code: str
    # Patterns of the twelve months in full, and of their abbreviations, if there are any.
    months: tuple[str, ...]
    short_months: tuple[str, ...] = ()
    weekdays: str
    # Paragraphs of a web page that are not the article's: buttons, menus, credits ...
    page_furniture: str
    # ... and those that are whole sentences.
    notices: str
    # The heading of the readers' comments, which end the article.
    comments_heading: str
    # Words before the author's name.
    byline: str = ""
    # The beginning of a line that tells when the article was published.
    published: str
    date_line: str = ""
    # Abbreviations before a name or a number, which never end a sentence ...
    before_names: str
    before_numbers: str = ""
    # ... and those that end one if the next word is one that sentences begin with.
    abbreviations: str
    sentence_starters: str


ENGLISH = Language(
    code="en",
    months=tuple(
        "january february march april may june july august september october november"
        " december".split()
    ),
    short_months=tuple("jan feb mar apr may jun jul aug sept? oct nov dec".split()),
    weekdays=(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun"),
    page_furniture=(
        r"share(?: (?:this|on|via|to)\b.*)?|tweet|e-?mail(?: this.*)?|print(?: this.*)?|facebook"
        r"|twitter|x|linkedin|whatsapp|telegram|pinterest|reddit|instagram|youtube|rss|copy link"
        r"|save|like|blogthis!?|home|menu|search|top|back to top|next|previous"
        r"|(?:newer|older) posts?|read more.*"
        r"|(?:related|recommended|popular|recent|most read|latest)(?: \w+){0,2}|see also"
        r"|subscribe.*|sign up.*|log ?in|register|follow us.*|advertisement|sponsored"
        r"|click (?:here|to)\b.*"
        r"|(?:key takeaways|executive summary|notes|introduction|summary|background|conclusion):?"
        r"|(?:posted|published|written|filed|tagged)(?: (?:by|in|on|under|at))\b.*"
        r"|(?:labels|tags|topics|categories|keywords|source|photo|image|credit)\s*:.*"
        r"|(?:©|\(c\)|copyright\b).*|all rights reserved.*"
    ),
    notices=(
        r"(?:©|\(c\)|copyright\b|all rights reserved|photo(?: by|:)|\W*click here"
        r"|\W*to read part|read the full|subscribe to|your email address"
        r"|the (?:views|opinions) expressed|reprinted with).*"
    ),
    comments_heading=(
        r"(?:no|\d+|leave a|post a|add a|view|show)? ?(?:comments?|repl(?:y|ies)|responses?)"
        r"(?: ?\(\d+\))?\s*:?"
    ),
    byline="by",
    published="published|posted",
    date_line="published|posted|date",
    before_names=(
        "mr mrs ms dr prof gen col lt capt maj sgt cpl adm cmdr brig sen rep gov pres hon rev fr"
        " msgr amb sec supt st mt ft op vs cf eg ie e.g i.e viz approx ca dept univ"
    ),
    before_numbers="no nos art arts vol pp p fig figs ch para",
    abbreviations=(
        "u.s u.s.a u.k u.n e.u d.c a.m p.m etc inc ltd co corp llc jr sr bros jan feb mar apr jun"
        " jul aug sept sep oct nov dec"
    ),
    sentence_starters=(
        "the a an in on at as he she it they we this that these those there but and however"
        " meanwhile although while when after before if since moreover yet for with from by to his"
        " her its their one another all some many most according earlier later last both"
    ),
)

RUSSIAN = Language(
    code="ru",
    months=tuple(
        "январ[ья] феврал[ья] марта? апрел[ья] ма[йя] июн[ья] июл[ья] августа? сентябр[ья]"
        " октябр[ья] ноябр[ья] декабр[ья]".split()
    ),
    short_months=tuple("янв февр? мар апр ма[йя] июн июл авг сент? окт нояб? дек".split()),
    weekdays=(
        "понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье"
        "|пн|вт|ср|чт|пт|сб|вс"
    ),
    page_furniture=(
        r"поделиться.*|подписаться.*|подписывайтесь.*|читайте также.*|читать далее.*|реклама"
        r"|теги\s*:.*|распечатать|наверх|главная"
    ),
    notices="(?:фото:|мнение автора|подпишитесь).*",
    comments_heading=(
        r"(?:нет комментариев|\d* ?комментари(?:и|ев|й|я)(?: ?\(\d+\))?|оставить комментарий"
        r"|добавить комментарий)\s*:?"
    ),
    byline="авторы?",
    published="опубликован[ао]?",
    date_line="опубликовано|дата",
    before_names=(
        "проф акад ген полк подполк майор кап лейт г-н г-жа им см ср ул просп пл д тел ок св оз"
        " пос мкр напр т.е т.н т.к"
    ),
    before_numbers="ст стр рис табл п",
    abbreviations=(
        "г гг в вв руб долл коп тыс млн млрд трлн др пр т.д т.п т.ч н.э обл р-н кв экз чел"
    ),
    sentence_starters=(
        "в во на но и а он она оно они мы это эти этот эта тем также однако между кроме после по"
        " при для если когда что как его её их все со с к у за из от до ранее позже"
    ),
)

_KAZAKH_CASE = "(?:да|де|та|те|дағы|дегі|тағы|тегі|ы|і)?"

KAZAKH = Language(
    code="kk",
    months=tuple(
        f"{month}{_KAZAKH_CASE}"
        for month in (
            "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша"
            " желтоқсан".split()
        )
    ),
    weekdays="дүйсенбі|сейсенбі|сәрсенбі|бейсенбі|жұма|сенбі|жексенбі",
    page_furniture="бөлісу.*|жазылу.*|жарнама|тағы оқыңыз.*|басып шығару",
    notices="автордың пікірі.*",
    comments_heading=r"(?:\d* ?пікір(?:лер)?|пікір қалдыру)\s*:?",
    published="жариялан(?:ған|ды)",
    before_names="көш мыс қар",
    abbreviations="ж жж қ т.б т.с.с б.з.б мың ғ ғғ",
    sentence_starters=(
        "бұл ол осы сол олар біз ал және бірақ алайда сондай сонымен осыған егер сондықтан қазір"
        " бүгін кейін"
    ),
)
LANGUAGES = (ENGLISH, RUSSIAN, KAZAKH)
_KAZAKH_LETTERS = frozenset("әғқңөұүһі")


def any_of(patterns_of: Callable[[Language], str]) -> str:
    """Return a pattern that matches any language's pattern."""
    return "|".join(filter(None, map(patterns_of, LANGUAGES)))


def all_words(words_of: Callable[[Language], str]) -> frozenset[str]:
    """Return the words of all languages' lists."""
    return frozenset(" ".join(map(words_of, LANGUAGES)).split())


def language_of(text: str) -> str:
    """Guess from the letters of `text` whether it is Kazakh (`kk`), Russian or English."""
    letters = text[:50_000].casefold()
    cyrillic = sum(ord(char) in _CYRILLIC for char in letters)
    latin = sum("a" <= char <= "z" for char in letters)
    if cyrillic <= latin:
        return ENGLISH.code
    kazakh = sum(char in _KAZAKH_LETTERS for char in letters)
    return KAZAKH.code if 30 * kazakh > cyrillic else RUSSIAN.code
