"""Printed names of outlets, as distinct from remarks, places and events.

There is no list of outlets, only the forms of English, Russian and Kazakh names, and the few kinds
of words that precede a date without being a publisher.
"""

import re

from factcheck.text.name_keys import name_key
from factcheck.text.web_addresses import site

# Words before an outlet that introduce it.
_INTRODUCED = re.compile(
    r"(?:(?:see(?: also)?|cf\.?|compare|for (?:example|instance|more|details)|e\.g\.|inter alia"
    r"|according to|as per|based on|data (?:from|by)|interviews? (?:with|by|in|to)|all from|both"
    r"|from a report in|(?:first |originally )?reports? (?:by|in|from)"
    r"|подробнее|по сообщению|по информации|сообщает"
    r"|(?:as |first )?(?:reported|cited|quoted|published|reprinted|posted) (?:by|in|on|at)"
    r"|via|per|by|see also|also|см\.?(?: также)?|например|по данным|цит\. по|со ссылкой на"
    r"|қараңыз|қар\.)(?=[\s,:]|$)|(?:sources?|источники?|дереккөз)\s*:)[\s,:]*",
    re.I,
)
# A mere `via Reuters` is often a picture's credit; these point to a text.
_POINTS = re.compile(r"(?:see|cf\.?|compare|см\.?|қараңыз|қар\.)(?=[\s,:]|$)", re.I)
_CREDIT = re.compile(r"(?:sources?|источники?|дереккөз)\b", re.I)
_KIND = re.compile(
    r"^(?:(?:[Tt]he )?(?:newspaper|(?:news )?agency|website|daily|weekly|journal|magazine|portal)"
    r"|газета|агентство|информагентство|сайт|портал|телеканал|журнал|телеграм-канал)\s+"
    r"(?=[«“„\"A-ZА-ЯЁ])"
)
_PART = re.compile(
    r"(?:parts?|chapters?|sections?|figures?|tables?|maps?|notes?|footnotes?|append(?:ix|ices)"
    r"|annex|box|часть|глава|таблица)\s+[\w.–-]+(?:(?:,| and| &)\s*(?:[\dIVX]+|one|two|three)\b)*"
    r"(?:\s+(?:in|of|в)(?=\s)|(?=[,:]|$))[\s,:]*",
    re.I,
)
# see our analysis in EDM
_ABOUT = re.compile(r"(?:[a-zа-я’'-]+\s+){1,5}(?:in|by|from|at|в)\s+(?=[A-ZА-Я«“])")
_TITLE = re.compile(r"([“„«\"][^“”„«»\"]+[”“»\"])(?:\s+(?:in|on|at|в)\s+|,\s*|\s+(?=[A-ZА-Я]))(.+)")
_QUOTED = re.compile(r"[“„«\"]([^“”„«»\"]+)[”“»\"]")
_QUOTED_LAST = re.compile(r"[“„«\"][^“”„«»\"]+[”“»\"]$")

_SCHEME = re.compile(r"(?i:https?://)[^\W_]\S*")
# Lower case is what tells a domain from words that miss a space between them.
_SITE = re.compile(
    r"(?i:https?://[^\W_]\S*|www\.[^\s/]*[^\s/.](?:/\S*)?)"
    r"|(?:[^\W_](?:[\w-]*[^\W_])?\.)+"
    r"(?:[a-z]{2}|com|org|net|info|edu|gov|mil|int|biz|press|media|news|online|site|today|live"
    r"|agency|africa|asia|world|name|pro|club|app|dev|blog|wiki|space|top|xyz|report|center"
    r"|global|international|social|foundation|academy|рф|қаз|укр|бел|рус|онлайн)(?:/\S*)?"
)
_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]{1,2}")
# Lower-case words that names of outlets hold; any other lower-case English word is prose.
_PROSE = frozenset(
    "is are was were be been being has have had having do does did will would can could may might"
    " shall should must who whom whose which what that this these those there here until till since"
    " by with within after before during when while where whereas than then also not but"
    " about around approximately roughly nearly almost over under above below between among against"
    " because as if both only just even still already later earlier ago now called known born died"
    " aged signed held founded established elected appointed dated including included its his her"
    " their our my was он она они это как был была были было что который которая которые"
    " или после до во время также не но если когда бұл ол".split()
)
_NOT_A_NAME = re.compile(
    r"(?:[$€£₽₸¥]|\d{1,2}[:.]\d\d\b|(?:ca|circa|approx)\b"
    r"|(?:part|chapter|section|figure|table|map|photo|image|picture|appendix|annex|footnote|graphic|credit|video|фото)\b"
    r"|(?:in|on|by|at|since|until|till|before|after|from|to|as|as of|between|around|about|late"
    r"|early|mid|during|starting|beginning|over|summer|autumn|fall|winter|spring|born|died|aged"
    r"|released|updated|effective|gmt|utc|с|до|по|после|в|на|от)(?=\s|$)"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b(?!\s+(?-i:[A-Z]))"
    r"|author(?:['’]?s)?\b)",
    re.I,
)
# Events and laws have dates too, but are no publishers.
_EVENT = re.compile(
    r"\b(?:(?!the\b)\w+\s+(?:day|summit|war|conference|forum|election|elections|referendum|revolution"
    r"|battle|exercise|exercises|drills|operation|treaty|agreement|accords?|ceasefire|anniversary|declaration"
    r"|memorandum|convention|protocol|charter|constitution|pact"
    r"|session|parade|games|meeting|talks|visit|olympics|championship|uprising|coup"
    r"|earthquake|attack|attacks|christmas|easter|new year|nowruz|ramadan|festival|birthday|siege"
    r"|massacre|clashes|incident|disaster|address|statement|initiative|communiqué|protests)"
    r"|(?:easter|eid|kurban|nowruz|nauryz|ramadan)\b.*|день\s+\w+|пасха|курбан.*|наурыз.*"
    r"|(?:договор|соглашение|пакт|протокол)\s+(?:о|об|с|между)\s.*"
    r"|\w+\s+(?:соглашени[ея]|меморандум|декларация|договор|война|саммит|форум|революция"
    r"|оқиғасы|көтерілісі|мейрамы|күні|соғысы)"
    r"|\w+[\s-]+(?:19|20)\d\d"
    r"|(?:operation|battle of|treaty of|day of)\s+\w+.*"
    r"|(?:resolution|decree|decision|order|law|protocol|article|directive|bill|act|regulation)\s+"
    r"(?:no\.?|№|#|n°)?\s*\d.*|(?:закон|указ|постановление|резолюция|приказ)\b.*)$",
    re.I,
)
# Ships, weapons, agreements and pipelines by their numbers.
_THING = re.compile(
    r"\A(?:USS|HMS|RFS|INS)\s|\A[A-ZА-Я][a-zа-я]{0,2}-\d+\w*\Z|\s(?:I{1,3}|IV|VI{0,3}|IX)\Z"
    r"|\A(?:[A-Z][a-z]+ )+(?:Stream|Summit|Round) ?\d\Z"
)
_INSTITUTION = re.compile(r"\b(?:institute|cent(?:er|re)|foundation|world|middle east)\b", re.I)
# Places of events: `(Sochi, October 18)` cites nothing.
_PLACES = frozenset(
    "Abu Dhabi,Aktau,Almaty,Ankara,Antalya,Ashgabat,Astana,Athens,Baghdad,Baku,Batumi,Beijing,"
    "Beirut,Belgrade,Berlin,Bishkek,Bratislava,Brest,Brussels,Bucharest,Budapest,Cairo,Chisinau,"
    "Damascus,Davos,Delhi,Donetsk,Doha,Dubai,Dublin,Dushanbe,Geneva,Grozny,Hamburg,Helsinki,"
    "Irkutsk,Islamabad,Istanbul,Jerusalem,Kabul,Kaliningrad,Karachi,Kazan,Kharkiv,Kiev,Kyiv,"
    "Lisbon,London,Luhansk,Lviv,Madrid,Mariupol,Minsk,Moscow,Munich,Murmansk,New Delhi,New York,"
    "Normandy,Novosibirsk,Nur-Sultan,Odesa,Odessa,Oslo,Paris,Prague,Pyongyang,Riga,Riyadh,Rome,"
    "Rostov-on-Don,Saint Petersburg,Samarkand,Sarajevo,Seoul,Sevastopol,Shanghai,Simferopol,"
    "Singapore,Sochi,Sofia,St. Petersburg,Stepanakert,Stockholm,Sukhumi,Tallinn,Tashkent,Tbilisi,"
    "Tehran,Tokyo,Tskhinvali,Ufa,Ulaanbaatar,Vatican,Vienna,Vilnius,Vladikavkaz,Vladivostok,"
    "Warsaw,Washington,Yalta,Yekaterinburg,Yerevan,Zagreb,"
    "Abkhazia,Afghanistan,Armenia,Azerbaijan,Belarus,Bulgaria,Chechnya,China,Crimea,Dagestan,Donbas,"
    "Egypt,Estonia,France,Georgia,Germany,Greece,India,Iran,Iraq,Israel,Italy,Kazakhstan,Karabakh,"
    "Kyrgyzstan,Latvia,Libya,Lithuania,Moldova,Mongolia,Nagorno-Karabakh,Pakistan,Poland,Romania,"
    "Russia,South Ossetia,Syria,Tajikistan,Transnistria,Turkey,Turkmenistan,Ukraine,Uzbekistan,"
    "Алматы,Астана,Ашхабад,Баку,Бишкек,Брюссель,Вена,Владивосток,Душанбе,Екатеринбург,Ереван,"
    "Женева,Кабул,Казань,Киев,Лондон,Минск,Москва,Нур-Султан,Пекин,Санкт-Петербург,Сочи,Ташкент,"
    "Тбилиси,Тегеран,Шымкент,Мәскеу,Бішкек,Ташкент".casefold().split(",")
)
_BESIDE = re.compile(
    r"(?:(?:pp?|с|стр|б|vol(?:ume)?s?|no|nos|issue|№|ch|sec|para|min)\b\.?\s*[\dIVXLC].*|part\s+\w+|\d{1,2}[:.]\d\d\b.*"
    r"|in (?:russian|english|kazakh|ukrainian|german|french|chinese|turkish)|(?:на|in) .*языке"
    r"|print(?: edition)?|online(?: edition)?|subscription required|paywall|\w+ edition|ibid\.?"
    r"|(?:citing|quoting|quoted|cited|via|reprinted|translated|author|interview|interviewed|video"
    r"|live|archived|updated|quoted in|со ссылкой|цитата|интервью)\b.*)",
    re.I,
)
_AUTHORS_OWN = re.compile(r"authors?['’]?s?['’]? .*", re.I)
_FULL_STOP = re.compile(r"\w{4,}[.!?]\s")
_WORD = re.compile(r"[^\s,/–—]+")
MAX_NAME = 200


def is_link(text: str) -> bool:
    """Return whether `text` is a web address with its scheme."""
    return bool(_SCHEME.fullmatch(text))


def is_site(text: str) -> bool:
    """Return whether `text` is a domain, an account or a web address."""
    return bool(_SITE.fullmatch(text)) and not _ABBREVIATION.fullmatch(text)


def host(text: str) -> str:
    """Return the host of a site or address, without `www.`."""
    return site(text).host


def link_of(text: str) -> str | None:
    """Return the address of the report that `text` names; a bare domain names none."""
    if is_link(text):
        return text
    if not is_site(text) or not text.partition("/")[2].strip("/"):
        return None
    address = site(text)
    is_page = not address.is_network or not text.casefold().rstrip("/").endswith(
        address.account.casefold()
    )
    return f"https://{text}" if is_page or "?" in text else None


def account(text: str) -> str:
    """Return the account, as `t.me/name`, that a page or post belongs to; else nothing."""
    address = site(text) if is_site(text) else None
    return str(address) if address and address.account else ""


def owner(text: str) -> str:
    """Return the key that all prints of one outlet share: its site or account, else its name."""
    return name_key(str(site(text)) if is_site(text) else text)


def is_name(text: str) -> bool:
    """Return whether `text` looks like the name of an outlet, and not like prose or an event."""
    if is_site(text):
        return True
    words = _WORD.findall(text)
    if not words or len(words) > 10 or len(text) > MAX_NAME:
        return False
    if not any(char.isalpha() for char in text) or "http" in text:
        return False
    if not (_is_capital(words[0]) or text[0] == "@" or (text[0].isdigit() and len(words) > 1)):
        return False
    if words[0][0].isdigit() and not any(_is_capital(word) for word in words):
        return False
    if _PROSE.intersection(words[1:]) or _NOT_A_NAME.match(text):
        return False
    if _EVENT.search(text) and not _INSTITUTION.search(text):
        return False
    if _FULL_STOP.search(text) or _THING.search(text):
        return False
    return text.casefold() not in _PLACES


def is_credit(lead: str) -> bool:
    """Return whether `lead` introduces a picture's credit, which cites nothing without a date."""
    return bool(_CREDIT.match(lead))


def is_beside(text: str) -> bool:
    """Return whether `text` is a remark on a citation: a page, a language, `citing TASS`."""
    return bool(_BESIDE.fullmatch(text))


def is_authors_own(text: str) -> bool:
    """Return whether `text` cites the author's own work, which no outlet published."""
    return bool(_AUTHORS_OWN.fullmatch(text))


def split_lead(text: str) -> tuple[str, str, bool]:
    """Split `see Part One in EDM` into what introduces the outlet and the rest.

    The third says whether the lead points to a text, so that it cites without a date.
    """
    rest, points = text, False
    while match := (
        _INTRODUCED.match(rest) or (points and (_PART.match(rest) or _ABOUT.match(rest)))
    ):
        points = points or bool(_POINTS.match(rest))
        rest = rest[match.end() :]
    lead = text[: len(text) - len(rest)].strip(" ,:")
    rest = _KIND.sub("", rest, count=1)
    if match := _TITLE.fullmatch(rest):
        title, rest = match[1], match[2]
        lead = f"{lead} {title}".strip()
    lead = re.sub(r"\s+(?:in|of|в)$", "", lead)
    return lead, rest, points


def quoted_last(text: str) -> str:
    """Return the quotation that `text` ends with, or nothing."""
    match = _QUOTED_LAST.search(text)
    return match[0] if match else ""


def unquoted(text: str) -> str:
    """Return a name without the quotation marks around it."""
    match = _QUOTED.fullmatch(text)
    return match[1].strip(" ,.") if match else text


def _is_capital(word: str) -> bool:
    """Return whether a word is written like a name: `TASS`, `iStories`, `«Ведомости»`, `新华社`."""
    word = word.lstrip("“„«\"'’(")
    return any(map(str.isupper, word)) or (word[:1].isalpha() and not word[:1].islower())
