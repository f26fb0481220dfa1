"""Recognises the printed names of outlets among remarks, places and events.

There is no list of outlets. Names are recognised by their form in English, Russian and Kazakh, and
by excluding the few kinds of words that stand before a date without being a publisher.
"""

import re

from factcheck.text.name_keys import name_key
from factcheck.text.web_addresses import site

# Words that introduce an outlet.
_INTRODUCTION = re.compile(
    r"(?:(?:see(?: also)?|cf\.?|compare|for (?:example|instance|more|details)|e\.g\.|inter alia"
    r"|according to|as per|based on|data (?:from|by)|interviews? (?:with|by|in|to)|all from|both"
    r"|from a report in|(?:first |originally )?reports? (?:by|in|from)"
    r"|подробнее|по сообщению|по информации|сообщает"
    r"|(?:as |first )?(?:reported|cited|quoted|published|reprinted|posted) (?:by|in|on|at)"
    r"|via|per|by|see also|also|см\.?(?: также)?|например|по данным|цит\. по|со ссылкой на"
    r"|қараңыз|қар\.)(?=[\s,:]|$)|(?:sources?|источники?|дереккөз)\s*:)[\s,:]*",
    re.I,
)
# These point to a text, while `via Reuters` is often a picture's credit.
_POINTER = re.compile(r"(?:see|cf\.?|compare|см\.?|қараңыз|қар\.)(?=[\s,:]|$)", re.I)
_CREDIT = re.compile(r"(?:sources?|источники?|дереккөз)\b", re.I)
_OUTLET_KIND = re.compile(
    r"^(?:(?:[Tt]he )?(?:newspaper|(?:news )?agency|website|daily|weekly|journal|magazine|portal)"
    r"|газета|агентство|информагентство|сайт|портал|телеканал|журнал|телеграм-канал)\s+"
    r"(?=[«“„\"A-ZА-ЯЁ])"
)
_CHAPTER = re.compile(
    r"(?:parts?|chapters?|sections?|figures?|tables?|maps?|notes?|footnotes?|append(?:ix|ices)"
    r"|annex|box|часть|глава|таблица)\s+[\w.–-]+(?:(?:,| and| &)\s*(?:[\dIVX]+|one|two|three)\b)*"
    r"(?:\s+(?:in|of|в)(?=\s)|(?=[,:]|$))[\s,:]*",
    re.I,
)
# The words between `see` and the outlet: `see our analysis in EDM`.
_DESCRIPTION = re.compile(r"(?:[a-zа-я’'-]+\s+){1,5}(?:in|by|from|at|в)\s+(?=[A-ZА-Я«“])")
_TITLE = re.compile(r"([“„«\"][^“”„«»\"]+[”“»\"])(?:\s+(?:in|on|at|в)\s+|,\s*|\s+(?=[A-ZА-Я]))(.+)")
_QUOTED = re.compile(r"[“„«\"]([^“”„«»\"]+)[”“»\"]")
_LAST_QUOTATION = re.compile(r"[“„«\"][^“”„«»\"]+[”“»\"]$")

_SCHEME = re.compile(r"(?i:https?://)[^\W_]\S*")
# Lower case tells a domain from two words without a space between them.
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
# `(Sochi, October 18)` names an event and cites nothing.
_EVENT_PLACES = frozenset(
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
_REMARK = re.compile(
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


def report_link(text: str) -> str | None:
    """Return the web address of the report that `text` names; None for a bare domain."""
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
    """Return the account, such as `t.me/name`, that a page or post belongs to; else empty."""
    address = site(text) if is_site(text) else None
    return str(address) if address and address.account else ""


def outlet_key(text: str) -> str:
    """Return the key that all printed forms of one outlet share: its site, account or name."""
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
    return text.casefold() not in _EVENT_PLACES


def is_credit(lead: str) -> bool:
    """Return whether `lead` introduces a picture's credit, which cites nothing without a date."""
    return bool(_CREDIT.match(lead))


def is_remark(text: str) -> bool:
    """Return whether `text` is a remark on a citation: a page, a language, `citing TASS`."""
    return bool(_REMARK.fullmatch(text))


def is_authors_own(text: str) -> bool:
    """Return whether `text` cites the author's own work, which no outlet published."""
    return bool(_AUTHORS_OWN.fullmatch(text))


def split_lead(text: str) -> tuple[str, str, bool]:
    """Split `see Part One in EDM` into its introduction `see Part One` and the name `EDM`.

    The third value says whether the introduction points to a text: then it cites without a date.
    """
    name, has_pointer = text, False
    while match := (
        _INTRODUCTION.match(name)
        or (has_pointer and (_CHAPTER.match(name) or _DESCRIPTION.match(name)))
    ):
        has_pointer = has_pointer or bool(_POINTER.match(name))
        name = name[match.end() :]
    lead = text[: len(text) - len(name)].strip(" ,:")
    name = _OUTLET_KIND.sub("", name, count=1)
    if match := _TITLE.fullmatch(name):
        title, name = match[1], match[2]
        lead = f"{lead} {title}".strip()
    lead = re.sub(r"\s+(?:in|of|в)$", "", lead)
    return lead, name, has_pointer


def last_quotation(text: str) -> str:
    """Return the quotation that `text` ends with; empty without one."""
    match = _LAST_QUOTATION.search(text)
    return match[0] if match else ""


def strip_quotes(text: str) -> str:
    """Return a name without the quotation marks around it."""
    match = _QUOTED.fullmatch(text)
    return match[1].strip(" ,.") if match else text


def _is_capital(word: str) -> bool:
    """Return whether a word is written like a name: `TASS`, `iStories`, `«Ведомости»`, `新华社`."""
    word = word.lstrip("“„«\"'’(")
    return any(map(str.isupper, word)) or (word[:1].isalpha() and not word[:1].islower())
