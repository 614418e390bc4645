"""The texts of a language model: as tokens, and tokens as texts."""

from collections.abc import Sequence

from torch import Tensor
from transformers import PreTrainedTokenizerBase

from attention.models.huggingface.encoding import Encoding, Message
from attention.models.huggingface.limits import end_tokens
from attention.models.huggingface.network import Network
from attention.models.huggingface.texts import TokenTexts


class Tokenized(Network):
    """A network with its tokenizer, once :meth:`_read_with` is told which."""

    tokenizer: PreTrainedTokenizerBase

    def _read_with(self, tokenizer: PreTrainedTokenizerBase) -> None:
        """What makes tokens of a text, and says what a token is."""
        self._texts = TokenTexts(tokenizer)
        self._encoding = Encoding(tokenizer, self.model, self.title, causal=self.causal)

    def encode(self, text: str, second: str | None = None, *, special: bool = True) -> list[int]:
        """See :meth:`.encoding.Encoding.ids`."""
        return self._encoding.ids(text, second, special=special)

    @property
    def pairs(self) -> bool:
        """Whether it takes a second text, see :meth:`encode`."""
        return self._encoding.pairs

    def chat(self, messages: Sequence[Message]) -> str:
        """See :meth:`.encoding.Encoding.chat`."""
        return self._encoding.chat(messages)

    def _beside(self, rows: Tensor) -> dict[str, Tensor]:
        return self._encoding.segments_of(rows)

    def decode(self, ids: Sequence[int]) -> str:
        return str(self.tokenizer.decode(list(ids), clean_up_tokenization_spaces=False))

    def token_texts(self, ids: Sequence[int]) -> list[str]:
        """One readable string a token; special tokens as the vocabulary writes them."""
        return self._texts.readable(ids)

    def token_bytes(self, ids: Sequence[int]) -> list[bytes]:
        """Each token's text in UTF-8, cut where the tokenizer cut it; b"" for a special token."""
        return self._texts.bytes(ids)

    @property
    def ends(self) -> frozenset[int]:
        """See :func:`.limits.end_tokens`."""
        return end_tokens(self.model, self.tokenizer)
