"""How Hindi nouns, adjectives and verbs change (McGregor 1995, Outline of Hindi Grammar).

Nukta and candrabindu are written throughout, nukta as a sign of its own (NFC decomposes ड़ so).
"""

from attention.training.sentences import Forms


def decline(noun: str, feminine: bool, unchanging: bool) -> Forms:
    """(direct singular, direct plural, oblique singular, oblique plural)."""
    stem = noun[:-1]
    if feminine:
        if noun.endswith("िया"):  # चिड़िया, चिड़ियाँ
            return noun, noun + "ँ", noun, stem + "ों"
        if noun.endswith("ी"):
            return noun, stem + "ियाँ", noun, stem + "ियों"
        if noun.endswith(("ू", "ु", "ा", "ो", "ँ", "आ")):  # बहू, बहुएँ; माँ, माँएँ
            short = stem + "ु" if noun.endswith("ू") else noun
            return noun, short + "एँ", noun, short + "ओं"
        if noun.endswith("ई"):
            return noun, stem + "इयाँ", noun, stem + "इयों"
        return noun, noun + "ें", noun, noun + "ों"
    if unchanging:
        return noun, noun, noun, noun + "ओं"
    if noun.endswith("ा"):
        return noun, stem + "े", stem + "े", stem + "ों"
    if noun.endswith("आ"):  # कौआ, कौए
        return noun, stem + "ए", stem + "ए", stem + "ओं"
    if noun.endswith("आँ"):  # कुआँ, कुएँ
        return noun, noun[:-2] + "एँ", noun[:-2] + "एँ", noun[:-2] + "ओं"
    if noun.endswith(("ी", "ि")):
        return noun, noun, noun, stem + "ियों"
    if noun.endswith("ई"):
        return noun, noun, noun, stem + "इयों"
    if noun.endswith(("ू", "ु")):
        return noun, noun, noun, stem + "ुओं"
    if noun.endswith(("ो", "े")):
        return noun, noun, noun, noun
    return noun, noun, noun, noun + "ों"


def inflect(adjective: str, declines: bool = True) -> Forms:
    """(masculine direct singular, other masculine, feminine); each word in -आ declines."""
    if not declines:
        return (adjective,) * 3
    masculine, other, feminine = [], [], []
    for word in adjective.split():
        if word.endswith("या"):  # नया, सोया
            forms = word, word[:-2] + "ए", word[:-2] + "ई"
        elif word.endswith("ा"):
            forms = word, word[:-1] + "े", word[:-1] + "ी"
        elif word.endswith("आ"):
            forms = word, word[:-1] + "ए", word[:-1] + "ई"
        else:
            forms = word, word, word
        masculine.append(forms[0])
        other.append(forms[1])
        feminine.append(forms[2])
    return " ".join(masculine), " ".join(other), " ".join(feminine)


def habitual(stem: str) -> Forms:
    """(masculine, masculine plural, feminine) of "खाता"."""
    return stem + "ता", stem + "ते", stem + "ती"


def perfective(stem: str) -> Forms:
    """(masculine, masculine plural, feminine, feminine plural) of a regular verb."""
    if stem.endswith(("ा", "आ", "ो", "े")):
        return stem + "या", stem + "ए", stem + "ई", stem + "ईं"
    if stem.endswith(("ू", "ु")):
        short = stem[:-1] + "ु"
        return short + "आ", short + "ए", short + "ई", short + "ईं"
    return stem + "ा", stem + "े", stem + "ी", stem + "ीं"


def future(stem: str) -> Forms:
    """Third person as ``perfective`` orders it, मैं (masculine, feminine), तुम (the same)."""
    if stem.endswith(("ा", "आ", "ो", "े", "ू")):
        short = stem[:-1] + "ु" if stem.endswith("ू") else stem
        endings = "एगा", "एँगे", "एगी", "एँगी", "ऊँगा", "ऊँगी", "ओगे", "ओगी"
        return tuple(short + ending for ending in endings)
    endings = "ेगा", "ेंगे", "ेगी", "ेंगी", "ूँगा", "ूँगी", "ोगे", "ोगी"
    return tuple(stem + ending for ending in endings)


def request(stem: str) -> Forms:
    """What one asks of तुम and of आप."""
    vowel = stem.endswith(("ा", "आ", "ो", "े", "ू"))
    return (stem + "ओ", stem + "इए") if vowel else (stem + "ो", stem + "िए")
