"""GPUs as they are written in a line: with or without maker and series, in the plural."""

import re
from functools import cache

from attention.kv.fit.gpus import list_gpus


def gpu_of(text: str) -> str | None:
    """The GPU that the words name in full, or by a number that only one has."""
    if not text.isascii():
        return None
    plain = re.sub(r"[^a-z0-9]+", "", text)
    return _forms().get(plain) or _forms().get(plain.removesuffix("s"))


@cache
def _forms() -> dict[str, str]:
    """Every way to write a GPU -> its name: with and without its maker and its series."""
    forms: dict[str, str] = {}
    for gpu in list_gpus():
        for name in (gpu.name, *gpu.aliases):
            bare = re.sub(r"^(nvidia|amd|intel|apple)\s|\(.*\)", "", name.casefold())
            short = re.sub(r"^(instinct|geforce|tesla)\s", "", bare)
            for form in (name.casefold(), bare, short, re.sub(r"^rtx\s(?=\d{4}$)", "", short)):
                forms.setdefault(re.sub(r"[^a-z0-9]+", "", form), gpu.name)
    return forms
