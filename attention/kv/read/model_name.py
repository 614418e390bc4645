"""What people type for a model, taken apart: Hub ids, Ollama tags, names of GGUF files.

``unsloth/Llama-3.3-70B-Instruct-GGUF:Q4_K_M`` has the stem ``llama3.3``, the size ``70b`` and the
format ``q4_k_m``. Two names are of the same model where stem, sizes and date are the same; owner,
endings such as ``-Instruct`` and the way it was quantised are seen through. A word that is not
known to say nothing stays in the stem, so that a name never stands for another model.
"""

import re
from dataclasses import dataclass

from attention.kv.read.name_formats import take_format

# MLX's checkpoints have a format of their own, whatever its bits: mlx-community/…-4bit, …-MLX-8bit.
_MLX = re.compile(r"mlx.*(?<![a-z0-9])([2-68])[_-]?bits?(?![a-z0-9])")
LONGEST = 200  # characters of a name that are read
_ADDRESS = re.compile(r"^(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co|ollama\.com|registry\.ollama\.ai|"
                      r"modelscope\.cn)/(?:library/|models/|accounts/\w+/models/)*")  # fmt: skip
_PLACE = re.compile(r"/(?:tree|blob|resolve|raw)/[^/]+|-v\d+:\d+$|[?#@].*$")
_CACHED = re.compile(r"models--[^/]+?--([^/]+)")  # a folder of the Hub's cache
_FILE = re.compile(r"(?:-\d{5}-of-\d{5})?\.(?:gguf|safetensors|bin|json)$")
_MAKER = re.compile(r"^[a-z][a-z-]*_(?=[a-z])")  # bartowski's google_gemma-3-27b-it
# Makers that stand before a name with a dash, and endings that say how it was tuned to answer.
_MAKERS = {"meta", "nvidia", "mistralai", "tiiuae", "c4ai", "hf", "apple", "ibm", "microsoft"}
_TUNED = {"instruct", "inst", "it", "chat", "hf", "base", "pt", "text", "sft", "dpo", "free",
          "cloud", "instant", "versatile", "abliterated", "heretic", "uncensored"}  # fmt: skip
# Words that say something only where a model of the catalog has them.
_MODES = frozenset({"latest", "thinking", "think", "reasoning", "preview"})
_MONTH_YEAR = re.compile(r"(?<!\d)(0[1-9]|1[0-2])[-_ ](20\d\d)(?!\d)")
_DATE = re.compile(r"2[3-9](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])|20\d{4}(?:\d\d)?")
_SIZE = re.compile(r"(?:\d+x)?\d+(?:\.\d+)?b|\d{2,3}m|\d(?:\.\d+)?t|[ae]\d+(?:\.\d+)?[bm]|\d+e")
_GLUED = re.compile(r"([a-z]{2,})(\d+(?:\.\d+)?[bm])")  # llama8b
_ATOM = re.compile(r"\d+|[a-z]+")


@dataclass(frozen=True)
class ModelName:
    """A name taken apart.

    Args:
        stem: words and version numbers without separators: ``"llama3.1"``, ``"gptoss"``.
        sizes: ``"8b"``, ``"a3b"``, ``"8x7b"``, ``"16e"``, as they are written.
        date: digits, as of a release: ``"2507"``; "" where there is none.
        number_format: of the weights, as the name says it, or None.
    """

    stem: str
    sizes: frozenset[str]
    date: str = ""
    number_format: str | None = None

    @property
    def plain(self) -> str:
        """All of it in one word, for names that are near."""
        return "".join((self.stem, *sorted(self.sizes), self.date))


def readings(text: str) -> tuple[ModelName, ...]:
    """What the text may mean, the most literal first."""
    name = _last_part(text[:LONGEST].casefold().strip())
    bare, number_format = take_format(name)
    if mlx := _MLX.search(text[:LONGEST].casefold()):
        number_format = f"mlx-{mlx[1]}bit"
    found = [_apart(bare, number_format, frozenset())]
    found.append(_apart(bare, number_format, _MODES))
    if _MAKER.match(bare):
        found.append(_apart(_MAKER.sub("", bare), number_format, _MODES))
    return tuple(dict.fromkeys(found))


def _last_part(text: str) -> str:
    """Without address, owner, folders and the ending of a file; an Ollama tag stays."""
    text = _PLACE.sub("", _ADDRESS.sub("", text))
    if cached := _CACHED.search(text):
        return cached[1]
    return _FILE.sub("", text.rstrip("/").rpartition("/")[2])


def _apart(text: str, number_format: str | None, silent: frozenset[str]) -> ModelName:
    """``silent``: words that say nothing, beside those that never do."""
    dates = [f"{month}{year}" for month, year in _MONTH_YEAR.findall(text)]
    text = _MONTH_YEAR.sub(" ", text)
    text = re.sub(r"(?<=\d)p(?=\d)", ".", text)  # llama-v3p1
    text = re.sub(r"(?<=[a-z])\.(?=[a-z])", " ", text)  # meta.llama3-1-8b
    atoms: list[str] = []
    sizes: list[str] = []
    for token in re.findall(r"[a-z0-9.]+", text):
        token = token.strip(".")
        if _SIZE.fullmatch(token):
            sizes.append(token)
        elif _DATE.fullmatch(token):
            dates.append(token)
        elif glued := _GLUED.fullmatch(token):
            atoms.append(glued[1])
            sizes.append(glued[2])
        elif token in _MAKERS and not atoms:
            continue
        elif token not in _TUNED and token not in silent:
            atoms += _ATOM.findall(token)
    return ModelName(_joined(atoms), frozenset(sizes), "".join(dates), number_format)


def _joined(atoms: list[str]) -> str:
    """Words run together, a dot between two numbers; the v of a version says nothing."""
    kept = [
        atom
        for i, atom in enumerate(atoms)
        if atom != "v" or i + 1 == len(atoms) or not atoms[i + 1].isdigit()
    ]
    stem = ""
    for atom in kept:
        stem += f".{atom}" if atom.isdigit() and stem[-1:].isdigit() else atom
    return stem
