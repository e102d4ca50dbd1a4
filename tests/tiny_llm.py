"""A tiny random language model, made on the spot, behind a real llama.cpp server.

Its words mean nothing; what it shows is that real constrained decoding, real token counts and a
real HTTP server fit the adapter. `python -m tests.tiny_llm MODEL` serves a model file on a free
port of 127.0.0.1, prints its address, and stays until it is ended.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Final

import numpy as np

CONTEXT: Final = 32_768
_VOCABULARY: Final = 992
_WIDTH: Final = 64
_HEADS: Final = 4
_LAYERS: Final = 2
_FEED: Final = 128
_SPECIAL: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_TEMPLATE: Final = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
#: Hidden dimension 0 is held at this value, far above the others: after the last normalisation it
#: is nearly constant, so that `output.weight[:, 0]` acts as a bias on each token.
_CONSTANT: Final = 8.0


def write_model(path: Path, corpus: str, seed: int = 1) -> None:
    """Write a GGUF of about two megabytes. Takes about a second."""
    from gguf import GGUFWriter

    tokens, merges = _vocabulary(corpus)
    writer = GGUFWriter(str(path), "llama")
    writer.add_name("tiny-random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_FEED)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if token in _SPECIAL else 1 for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index(_SPECIAL[0]))
    writer.add_eos_token_id(tokens.index(_SPECIAL[2]))
    writer.add_add_bos_token(False)
    writer.add_chat_template(_TEMPLATE)
    for name, tensor in _tensors(tokens, np.random.default_rng(seed)).items():
        writer.add_tensor(name, tensor.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _vocabulary(corpus: str) -> tuple[list[str], list[str]]:
    """A byte-level vocabulary of 992 tokens, and the merges that make it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=list(_SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([corpus], trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    ids = tokenizer.get_vocab()
    tokens = sorted(ids, key=ids.__getitem__)
    return tokens, [m if isinstance(m, str) else " ".join(m) for m in merges]


def _tensors(tokens: list[str], rng: np.random.Generator) -> dict[str, np.ndarray]:
    def random(rows: int, columns: int, scale: float) -> np.ndarray:
        return rng.normal(0.0, scale, (rows, columns))

    embedding = random(len(tokens), _WIDTH, 1.0)
    embedding[:, 0] = _CONSTANT
    output = random(len(tokens), _WIDTH, 0.2)
    output[:, 0] = [_bias(token) / 5.0 for token in tokens]
    tensors = {
        "token_embd.weight": embedding,
        "output_norm.weight": np.ones(_WIDTH),
        "output.weight": output,
    }
    for layer in range(_LAYERS):
        into_attention, into_feed = random(_WIDTH, _WIDTH, 0.05), random(_WIDTH, _FEED, 0.05)
        into_attention[0] = into_feed[0] = 0.0  # nothing is added to dimension 0
        tensors |= {
            f"blk.{layer}.attn_norm.weight": np.ones(_WIDTH),
            f"blk.{layer}.attn_q.weight": random(_WIDTH, _WIDTH, 0.1),
            f"blk.{layer}.attn_k.weight": random(_WIDTH, _WIDTH, 0.1),
            f"blk.{layer}.attn_v.weight": random(_WIDTH, _WIDTH, 0.1),
            f"blk.{layer}.attn_output.weight": into_attention,
            f"blk.{layer}.ffn_norm.weight": np.ones(_WIDTH),
            f"blk.{layer}.ffn_gate.weight": random(_FEED, _WIDTH, 0.1),
            f"blk.{layer}.ffn_up.weight": random(_FEED, _WIDTH, 0.1),
            f"blk.{layer}.ffn_down.weight": into_feed,
        }
    return tensors


#: In favour of what opens one object, then closes strings, objects and lists; the figure 1 too, so
#: that with a criterion of one attendu many replies are valid.
_FAVOURED: Final = {"{": 4.0, "}": 3.0, "]": 3.5, '"': 5.5, "1": 3.0, ",": 3.0}


def _bias(token: str) -> float:
    if token == "<|im_end|>":
        return 0.3
    if token in _SPECIAL:
        return -8.0
    if all(char in "ĠĊĉč" for char in token):  # space, line feed, tab, carriage return: rambling
        return -4.0
    return _FAVOURED.get(token, 2.0 if '"' in token else 0.0)


def serve(path: Path) -> None:
    """Serve a model until the process is ended."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = CONTEXT
    params.n_parallel = 1  # the context is divided by this
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.cpuparams.n_threads = 1
    params.verbosity = 0
    params.warmup = False
    params.ui = False
    server = xllamacpp.Server(params)
    print(f"ready {server.listening_address}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
