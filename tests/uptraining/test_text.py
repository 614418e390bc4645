import torch

from attention.uptraining.text import generator_of, written
from tests.models.tiny import eager, load_tiny

ORDINARY = 400 - 4  # tokens of the vocabulary, without the special ones


def test_each_token_is_drawn_from_what_the_whole_text_before_it_foretells():
    model, network = load_tiny("llama"), eager("llama")
    ids = written(model, 3, 8, seed=1, part=2)
    generator = generator_of(1, 2)
    torch.randint(ORDINARY, (3, 1), generator=generator)  # the first tokens
    with torch.no_grad():
        for n in range(1, 8):
            chances = network(ids[:, :n]).logits[:, -1].softmax(-1)  # no cache
            assert torch.multinomial(chances, 1, generator=generator).equal(ids[:, n : n + 1])


def test_rows_begin_with_ordinary_tokens_and_seed_and_part_say_which():
    model = load_tiny("llama")
    ids = written(model, 64, 2, seed=0, part=0)
    assert not set(ids[:, 0].tolist()) & set(model.tokenizer.all_special_ids)
    assert written(model, 64, 2, seed=0, part=0).equal(ids)
    for seed, part in ((0, 1), (1, 0)):
        assert not written(model, 64, 2, seed=seed, part=part).equal(ids)
