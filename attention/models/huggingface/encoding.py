"""From what a person gives, a text, two or a chat, to the tokens that a model is given."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from attention.models.huggingface.limits import named_in
from attention.models.limits import TextError

Message = Mapping[str, Any]  # "role" and "content"


class Encoding:
    """A tokenizer with what its model wants to know of the tokens beside their ids.

    Args:
        segments: the model was trained on pairs of texts and told which token is whose, as BERT
            (arXiv 1810.04805, section 3).
    """

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        model: PreTrainedModel,
        title: str,
        *,
        causal: bool,
    ) -> None:
        self._tokenizer, self._title = tokenizer, title
        separator = None if causal else tokenizer.sep_token_id
        kinds = named_in(model.config.get_text_config(), "type_vocab_size") or 0
        told = "token_type_ids" in tokenizer.model_input_names and kinds > 1
        self._separator: int | None = separator
        self.segments = told and separator is not None

    @property
    def pairs(self) -> bool:
        """Whether a second text can stand behind the separator."""
        return self._separator is not None

    def ids(self, text: str, second: str | None = None, *, special: bool = True) -> list[int]:
        """Token ids of any text.

        A text that begins with the token that begins one, as a chat template writes it, is not
        given another.

        Args:
            second: goes behind the separator, for models that compare two texts.
            special: with the tokens that the tokenizer adds.

        Raises:
            TextError: the model reads one text at a time.
        """
        if second is not None and not self.pairs:
            raise TextError(
                "{title} reads one text: a second one is for encoders that have a separator, "
                "such as BERT.",
                title=self._title,
            )
        texts = [clean(part) for part in (text, second) if part is not None]
        ids = list(self._tokenizer(*texts, verbose=False, add_special_tokens=special)["input_ids"])
        first = self._tokenizer.bos_token_id
        doubled = first is not None and ids[:2] == [first, first]
        return (
            ids[1:] if doubled and special and text.startswith(self._tokenizer.bos_token) else ids
        )

    def chat(self, messages: Sequence[Message]) -> str:
        """The text that the model's template makes of a chat, up to where an answer begins.

        Raises:
            TextError: it has no template, or its template refuses these messages.
        """
        if not self._tokenizer.chat_template:
            raise TextError(
                "{title} has no chat template: give its text as it is.", title=self._title
            )
        try:
            made = self._tokenizer.apply_chat_template(
                [dict(message) for message in messages], tokenize=False, add_generation_prompt=True
            )
        except Exception as error:  # a template is code of the model's, and refuses as it likes
            reason = (" ".join(str(error).split())[:200] or type(error).__name__).rstrip(".")
            raise TextError(
                "The chat template of {title} refuses these messages: {reason}.",
                title=self._title,
                reason=reason,
            ) from error
        return str(made)

    def segments_of(self, rows: Tensor) -> dict[str, Tensor]:
        """Which text each token of ``[batch, seq_len]`` is of: 0 up to the first separator, then 1.

        A separator that was typed counts: "A [SEP] B" are two texts.

        Returns:
            what the model is given beside the ids; nothing where it does not ask.
        """
        if not self.segments:
            return {}
        ended = rows.eq(self._separator or 0).int().cumsum(-1)
        before = torch.cat((torch.zeros_like(ended[:, :1]), ended[:, :-1]), dim=1)
        second = (before > 0) & (ended[:, -1:] > 1)  # one separator only ends a text
        return {"token_type_ids": second.long()}


def clean(text: str) -> str:
    """Without lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode("utf-8")
