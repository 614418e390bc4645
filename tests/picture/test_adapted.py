"""The saved page of a model with an adapter says what that changed."""

import re

from attention.models.huggingface import checkpoint
from attention.models.huggingface.difference import weight_change
from attention.picture.page import page_html
from tests.models.adapted import write

TEXT = "The keys near the old cabinet are lost."


def test_a_page_names_the_adapter_its_base_and_the_head_that_moved_most(tmp_path):
    model = checkpoint.load(str(write(tmp_path)[0]), device="cpu")
    ids = model.encode(TEXT)
    change = weight_change(model, model.base, ids)
    layer, head = change.most()
    told = (
        f"A LoRA of rank 4 on base. Layer {layer}, head {head} moves most by it: its weights over "
        f"the first {len(ids)} tokens differ from those without it by "
        f"{100 * change.mean[layer][head]:.2f} percentage points on average, by "
        f"{100 * change.largest[layer][head]:.2f} at most."
    )
    assert told in page_html(model, TEXT)
    assert "LoRA" not in page_html(model.base, TEXT)
    hindi = page_html(model, TEXT, lang="hi")
    assert re.search(r"base पर रैंक 4 का LoRA", hindi)
