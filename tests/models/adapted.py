"""A LoRA on a small checkpoint, as the package peft writes it: for tests and nothing else."""

import peft
import torch

from attention.models.huggingface.quiet import quiet
from tests.models import tiny

LORA = {"r": 4, "lora_alpha": 6, "target_modules": ["q_proj", "v_proj"]}


def write(tmp_path, name="llama", base=None, **settings):
    """(folder, the PeftModel) of a LoRA whose matrices are random, both of them."""
    below = tiny.make(name, tmp_path / "base")
    with quiet():
        model = base or tiny.make_model(name)
        model.name_or_path = str(below)
        made = peft.get_peft_model(model, peft.LoraConfig(**LORA | settings)).eval()
        generator = torch.Generator().manual_seed(3)
        for key, parameter in made.named_parameters():
            if "lora_" in key or "modules_to_save" in key:
                parameter.data.normal_(std=0.2, generator=generator)
        made.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter", made
