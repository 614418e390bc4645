"""Training on for a short while what has fewer KV heads now.

Ainslie et al. 2023 (arXiv 2305.13245, section 2.1) call it uptraining: K and V projections of a
group become one, and the model is trained on for a small share of its training. Of a layout of the
family that is done with its own recipe and text (:mod:`.layouts`); of a language model, whose text
nobody has here, with text that it writes itself (:mod:`.language`).
"""
