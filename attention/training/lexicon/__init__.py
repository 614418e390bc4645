"""Every word that the grammar can say, as plain lists.

A noun is (singular, plural); a verb of the present is (with a singular subject, with a plural
one); a Hindi participle is (masculine singular, masculine plural, feminine).
"""


def _pairs(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(entry.split("/")) for entry in text.split())


# --- English ---------------------------------------------------------------------------------

PEOPLE = _pairs(
    "boy/boys girl/girls teacher/teachers doctor/doctors farmer/farmers singer/singers "
    "child/children woman/women man/men student/students baker/bakers driver/drivers "
    "nurse/nurses sailor/sailors painter/painters friend/friends guest/guests king/kings"
)
THINGS = _pairs(
    "key/keys book/books lamp/lamps cup/cups chair/chairs box/boxes letter/letters coat/coats "
    "picture/pictures basket/baskets bottle/bottles knife/knives plate/plates hat/hats "
    "clock/clocks coin/coins ring/rings boat/boats ball/balls bag/bags flower/flowers "
    "stone/stones map/maps toy/toys"
)
ANIMALS = _pairs(
    "cat/cats dog/dogs horse/horses bird/birds cow/cows goat/goats fox/foxes duck/ducks"
)
PLACES = _pairs(
    "cabinet/cabinets table/tables door/doors window/windows house/houses garden/gardens "
    "river/rivers bridge/bridges tree/trees wall/walls shop/shops road/roads school/schools "
    "lake/lakes hill/hills room/rooms market/markets field/fields"
)
FOODS = tuple(
    "bread milk rice tea salt sugar honey butter cheese fish soup corn apples eggs".split()
)

PREPOSITIONS = tuple("near behind under beside above below by with".split())
ADJECTIVES = tuple(
    "old new red blue green black white small big tall long heavy clean quiet".split()
)
STATES = tuple(
    "clean wet dry lost broken safe cold warm ready happy tired hungry old beautiful".split()
)

BE_PRESENT, BE_PAST, HAVE = ("is", "are"), ("was", "were"), ("has", "have")
VERBS = _pairs(
    "likes/like sees/see wants/want needs/need knows/know takes/take sells/sell finds/find "
    "watches/watch carries/carry hears/hear keeps/keep"
)
PAST_VERBS = tuple(
    "saw found sold bought took made broke painted carried watched liked lost".split()
)

MEETINGS = tuple("saw found watched liked heard followed".split())  # what one may do to anybody

WOMEN = tuple("Asha Maya Anna Sara Lucy Meera Rosa Nina Emma Leela".split())
MEN = tuple("Ravi Tom Omar Arun John Peter Karan Sam David Mohan".split())

# Each begins a sentence, or joins two: nothing agrees with these.
TIMES = tuple("today yesterday later again often always now then here there".split())
NUMBERS = tuple("two three four five six ten".split())

# --- Hindi -----------------------------------------------------------------------------------

# (direct singular, direct plural, oblique singular, oblique plural); masculines in -आ alone, for
# the others (किसान) do not show their number.
HI_MASCULINE = _pairs(
    "लड़का/लड़के/लड़के/लड़कों बच्चा/बच्चे/बच्चे/बच्चों कुत्ता/कुत्ते/कुत्ते/कुत्तों घोड़ा/घोड़े/घोड़े/घोड़ों "
    "बेटा/बेटे/बेटे/बेटों मुर्गा/मुर्गे/मुर्गे/मुर्गों बकरा/बकरे/बकरे/बकरों गधा/गधे/गधे/गधों "
    "पोता/पोते/पोते/पोतों तोता/तोते/तोते/तोतों"
)
HI_FEMININE = _pairs(
    "लड़की/लड़कियाँ/लड़की/लड़कियों बच्ची/बच्चियाँ/बच्ची/बच्चियों बिल्ली/बिल्लियाँ/बिल्ली/बिल्लियों "
    "औरत/औरतें/औरत/औरतों बेटी/बेटियाँ/बेटी/बेटियों बहन/बहनें/बहन/बहनों रानी/रानियाँ/रानी/रानियों "
    "गाय/गायें/गाय/गायों चिड़िया/चिड़ियाँ/चिड़िया/चिड़ियों दादी/दादियाँ/दादी/दादियों"
)
HI_PLACES = (
    "बाज़ार में", "घर में", "स्कूल में", "बगीचे में", "खेत में", "दुकान में", "गाँव में", "नदी में",
    "मेज़ पर", "पेड़ पर", "सड़क पर", "दरवाज़े पर",
)  # fmt: skip
HI_WITH = ("के पास", "के साथ", "के पीछे", "के सामने")
HI_FOODS = tuple("सेब रोटी फल चावल आम".split())
HI_DRINKS = tuple("पानी दूध चाय".split())
HI_THINGS = tuple("किताब गेंद चिट्ठी घड़ी कुर्सी चाबी".split())  # all feminine: one possessive form
HI_EAT, HI_DRINK = ("खाता", "खाते", "खाती"), ("पीता", "पीते", "पीती")
HI_HANDLE = _pairs(
    "देखता/देखते/देखती लाता/लाते/लाती बेचता/बेचते/बेचती रखता/रखते/रखती ढूँढता/ढूँढते/ढूँढती माँगता/माँगते/माँगती"
)
HI_ACTIONS = (
    (HI_EAT, HI_FOODS),
    (HI_DRINK, HI_DRINKS),
    *((verb, HI_THINGS + HI_FOODS) for verb in HI_HANDLE),
)
HI_WENT = _pairs("गया/गए/गई आया/आए/आई बैठा/बैठे/बैठी सोया/सोए/सोई")
HI_PRESENT, HI_PAST = ("है", "हैं"), (("था", "थे"), ("थी", "थीं"))
HI_ADJECTIVES = _pairs("बड़ा/बड़े/बड़ी छोटा/छोटे/छोटी अच्छा/अच्छे/अच्छी काला/काले/काली नया/नए/नई")
HI_MEN = tuple("राम मोहन अमित रवि".split())
HI_WOMEN = tuple("सीता राधा मीना आशा".split())
HI_TIMES = tuple("आज कल रोज़ अब फिर यहाँ".split())

# Words outside the grammar, for the tokenizer alone, so that everyday text is cut kindly.
COMMON_ENGLISH = tuple(
    "I you we they it he she this that these those what which when where why how not no yes and "
    "or but if because so very more most some any all each every many much few other another "
    "first last next good bad great little own same can could will would should may must do does "
    "did done be been being am get got give go goes went come came say says said see make made "
    "think thought know knew want use used work works people time day year way world life hand "
    "part place case week water word number night point home mother father attention head heads "
    "model language sat mat ran quick brown jumps over lazy slept loves for from into about after "
    "before between through during without against on in at to of as an up down out off".split()
)
COMMON_HINDI = tuple(
    "और यह वह मैं हम तुम आप वे ये नहीं हाँ क्या कौन कब कहाँ क्यों कैसे एक दो तीन का की के को ने "
    "भी ही तो पर बहुत सब कुछ कोई अपना अपनी अपने मेरा मेरी तेरा उसका उसकी उसके हमारा जो जब तब "
    "लेकिन लिए बात काम दिन रात साल लोग समय जगह हाथ देश भारत हिन्दी भाषा शब्द ध्यान दुनिया जीवन था "
    "थी थे हूँ हो होता होती होते कर करना करता करती करते किया गया गई दिया लिया रहा रही रहे सकता "
    "सकती सकते चाहिए नमस्ते".split()
)

# Never a subject in training: what the evaluation calls held-out words.
NEVER_SUBJECT = frozenset("nurse guest lamp coin goat बेटा कुत्ता बहन रानी".split())


def _flatten(*groups: tuple) -> tuple[str, ...]:
    words: dict[str, None] = {}
    for group in groups:
        for entry in group:
            for form in entry if isinstance(entry, tuple) else (entry,):
                words.update(dict.fromkeys(form.split()))
    return tuple(words)


OTHER_WORDS = tuple(
    "The the a this these that who and it he she his her They they for in her him one list This "
    "These In again said then".split()
)
HI_OTHER_WORDS = tuple("और वह वे ने एक यह ये अपनी".split())

# fmt: off
ENGLISH_WORDS = _flatten(
    PEOPLE, THINGS, ANIMALS, PLACES, FOODS, PREPOSITIONS, ADJECTIVES, STATES, VERBS, PAST_VERBS,
    MEETINGS, WOMEN, MEN, TIMES, NUMBERS, BE_PRESENT, BE_PAST, HAVE, OTHER_WORDS,
)
HINDI_WORDS = _flatten(
    HI_MASCULINE, HI_FEMININE, HI_PLACES, HI_WITH, HI_FOODS, HI_DRINKS, HI_THINGS, HI_EAT,
    HI_DRINK, HI_HANDLE, HI_WENT, HI_PRESENT, *HI_PAST, HI_ADJECTIVES, HI_MEN, HI_WOMEN,
    HI_TIMES, HI_OTHER_WORDS,
)
