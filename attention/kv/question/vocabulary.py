"""The words of a question, in English and Hindi: what stands beside a number or a format.

A form is a word as it stands in the line, in lower case; several words have a space between.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


USERS = _words("""
    user users seq seqs sequence sequences request requests session sessions stream streams client
    clients chat chats people person persons batch concurrency concurrent parallel batchsize bs
    slots उपयोगकर्ता उपयोगकर्ताओं यूज़र यूजर यूज़र्स यूजर्स लोग लोगों अनुरोध अनुरोधों अनुक्रम अनुक्रमों सत्र
""")
# What may stand between a number and its user, or before a user: "20 concurrent users".
BESIDE_USERS = _words("concurrent simultaneous parallel active size of एक साथ समवर्ती")
CONTEXT = _words("""
    context contexts ctx token tokens tok length window seqlen prompt prompts max-model-len num_ctx
    संदर्भ टोकन प्रसंग कॉन्टेक्स्ट लंबाई
""")
DEVICES = _words("gpu gpus card cards device devices tp कार्ड कार्डों जीपीयू")
CACHE = _words("""
    kv kv-cache kvcache cache k/v kv-dtype kv_cache kv-cache-dtype cache-type-k ctk कैश
""")
WEIGHTS = _words("weights weight model checkpoint quant quantized quantised भार वेट")
# May stand between a format and what it is of: "KV cache in fp8", "weights as int4".
BETWEEN = _words("in as at is = : to of with dtype type cache में का के को रूप")
COUNTS = {
    "one": 1, "single": 1, "a": 1, "two": 2, "dual": 2, "pair": 2, "three": 3, "four": 4,
    "quad": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10, "sixteen": 16,
    "twenty": 20, "fifty": 50, "hundred": 100,
    "एक": 1, "दो": 2, "तीन": 3, "चार": 4, "पाँच": 5, "पांच": 5, "छह": 6, "सात": 7, "आठ": 8,
    "दस": 10, "बीस": 20, "पचास": 50, "सौ": 100,
}  # fmt: skip
SCALES = {
    "k": 1024, "m": 1024**2, "thousand": 1000, "million": 10**6,
    "हज़ार": 1000, "हजार": 1000, "लाख": 10**5, "lakh": 10**5,
}  # fmt: skip
# Ollama's cache is llama.cpp's.
ENGINES = {
    "vllm": "vllm", "sglang": "sglang", "ollama": "llama.cpp", "llama.cpp": "llama.cpp",
    "llamacpp": "llama.cpp", "llama-cpp": "llama.cpp", "llama-server": "llama.cpp",
    "transformers": "transformers", "huggingface transformers": "transformers",
}  # fmt: skip
# Words of a sentence that add nothing.
SILENT = _words("""
    will would can could does do did is are be fit fits run runs running serve serving host hold
    holds work works go it this that i we you my our the a an and or & + with without for on in at
    of to into from by using use via per each every all both if when so then how many much what
    which need needs needed enough want have has get up please ? at-least about around memory vram
    ram inference long size served loaded load model models token tokens gpu gpus card cards kv
    context cache weights users user x × between same time once quantized quantised precision pair
    क्या में पर के की का को से और साथ है हैं हो होगा होंगे चलेगा चलेगी चलेंगे समाएगा समाएगी समाता समाती फिट
    बैठेगा आएगा जाएगा सकता सकती सकते कर लिए वाला वाले मॉडल एक प्रति हर मेमोरी कितने कितना चाहिए मेरे
    मेरा हमारे ये यह इस ही भी तो या प्रारूप
""")
