"""Trains a small text encoder on WordNet and writes it as a Hugging Face folder: build/models/gloss-encoder (float32, float16, int8).

A BERT of two layers with a WordPiece tokenizer. A synset's gloss and its examples, or two of its examples, belong together (contrastive, the
other pairs of a batch are what does not). One synset in twenty is held out: its pairs are in pairs.jsonl, for measuring.

Debian's python3-torch, python3-onnx, libopenblas0-pthread and wordnet-base: `nice python3 e2e/models/train_encoder.py [--minutes 5]`
"""
import argparse
import collections
import json
import math
import pathlib
import random
import re
import time

import torch
from torch.nn import functional as F

from bert import Bert

HIDDEN, HEADS, LAYERS, POSITIONS = 64, 4, 2, 64
WORDS, LENGTH, BATCH, TEMPERATURE, RATE = 8_000, 24, 64, 0.05, 2e-3
HELD_OUT_EVERY = 20
FOLDER = pathlib.Path(__file__).parent.parent.parent / "build" / "models" / "gloss-encoder"
WORDNET = pathlib.Path("/usr/share/wordnet")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
MARKS = list(".,;:!?'\"-()/")


def synsets():
    """Texts of each synset with at least two: its words with their gloss, and its examples (wndb(5WN): what stands behind the bar)."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (WORDNET / f"data.{part}").read_text().splitlines():
            if line.startswith("  ") or "|" not in line:
                continue
            gloss = line.split("|", 1)[1].strip()
            examples = re.findall(r'"([^"]+)"', gloss)
            meaning = re.sub(r'"[^"]*"', "", gloss).strip(" ;")
            fields = line.split()
            words = [fields[4 + 2 * i].replace("_", " ") for i in range(int(fields[3], 16))]
            texts = [f"{', '.join(words[:4])}: {meaning}", *examples]
            if len(texts) >= 2 and meaning:
                yield texts


def vocabulary(texts):
    counts = collections.Counter(word for text in texts for word in re.findall(r"[a-z]+", text.lower()))
    common = [word for word, _ in counts.most_common(WORDS) if len(word) > 1]
    tails = collections.Counter("##" + word[i:] for word in counts for i in range(2, len(word)) if 2 <= len(word) - i <= 5)
    pieces = ["##" + letter for letter in LETTERS] + [tail for tail, _ in tails.most_common(600)]
    return list(dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *MARKS, *LETTERS, *pieces, *common]))


class Tokens:
    """WordPiece, longest piece first, as tokenizer.json below says it."""

    def __init__(self, words):
        self.ids = {word: i for i, word in enumerate(words)}
        self.known = {}

    def word(self, word):
        if word not in self.known:
            pieces, start = [], 0
            while start < len(word):
                prefix = "##" if start else ""
                end = next((e for e in range(len(word), start, -1) if prefix + word[start:e] in self.ids), None)
                if end is None:
                    pieces = [self.ids["[UNK]"]]
                    break
                pieces.append(self.ids[prefix + word[start:end]])
                start = end
            self.known[word] = pieces
        return self.known[word]

    def encode(self, text):
        words = re.findall(r"[a-z0-9]+|[^\sa-z0-9]", text.lower())
        inner = [piece for word in words for piece in self.word(word)]
        return [2, *inner[: LENGTH - 2], 3]


def padded(rows):
    length = max(map(len, rows))
    ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    return ids, (ids != 0).long()


def vectors(model, rows):
    ids, mask = padded(rows)
    states = model(ids, mask, torch.zeros_like(ids))
    weights = mask.unsqueeze(-1).float()
    return F.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)


def train(model, tokens, sets, minutes):
    encoded = [[tokens.encode(text) for text in texts] for texts in sets]
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    start, step = time.time(), 0
    while (spent := (time.time() - start) / (60 * minutes)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, step / 50) * (1 - spent)
        pairs = [random.sample(texts, 2) for texts in random.sample(encoded, BATCH)]
        left, right = vectors(model, [a for a, _ in pairs]), vectors(model, [b for _, b in pairs])
        scores, wanted = left @ right.T / TEMPERATURE, torch.arange(BATCH)
        loss = (F.cross_entropy(scores, wanted) + F.cross_entropy(scores.T, wanted)) / 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 50 == 0:
            print(f"step {step}, {spent:.0%} of the time, loss {loss.item():.3f} (by chance {math.log(BATCH):.3f})", flush=True)
        step += 1


def tokenizer(words):
    special = lambda i: {"id": i, "content": words[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    piece = lambda name: {"SpecialToken": {"id": name, "type_id": 0}}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [special(i) for i in range(5)],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": [piece("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}, piece("[SEP]")],
                           "pair": [piece("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}, piece("[SEP]")],
                           "special_tokens": {name: {"id": name, "ids": [words.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                  "vocab": {word: i for i, word in enumerate(words)}},
    }


def export(model, words):
    (FOLDER / "onnx").mkdir(parents=True, exist_ok=True)
    (FOLDER / "1_Pooling").mkdir(exist_ok=True)
    ids, mask = padded([[2, 60, 61, 3], [2, 70, 71, 72, 3]])
    names, free = ["input_ids", "attention_mask", "token_type_ids"], {0: "batch_size", 1: "sequence_length"}
    torch.onnx.export(model, (ids, mask, torch.zeros_like(ids)), str(FOLDER / "onnx" / "model.onnx"), input_names=names,
                      output_names=["last_hidden_state"], dynamic_axes={name: free for name in (*names, "last_hidden_state")},
                      opset_version=17, dynamo=False)
    write = lambda name, value: (FOLDER / name).write_text(json.dumps(value) + "\n")
    write("tokenizer.json", tokenizer(words))
    write("tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": POSITIONS, "pad_token": "[PAD]"})
    write("config.json", {"model_type": "bert", "hidden_size": HIDDEN, "num_attention_heads": HEADS, "num_hidden_layers": LAYERS,
                          "max_position_embeddings": POSITIONS, "pad_token_id": 0, "vocab_size": len(words)})
    write("1_Pooling/config.json", {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True})
    write("modules.json", [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                           {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                           {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])


def smaller():
    """model_fp16.onnx: weights of half precision, cast where they are used. model_int8.onnx: dynamic, as quantize_dynamic writes it."""
    import onnx
    from onnx import helper, numpy_helper, TensorProto
    import numpy as np

    path = FOLDER / "onnx" / "model.onnx"
    half = onnx.load(path)
    casts = []
    for tensor in half.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size > 1:
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
            casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = list(half.graph.node)
    del half.graph.node[:]
    half.graph.node.extend([*casts, *nodes])
    onnx.save(half, FOLDER / "onnx" / "model_fp16.onnx")

    quantized = onnx.load(path)
    weights = {tensor.name: tensor for tensor in quantized.graph.initializer}
    nodes = []
    for node in quantized.graph.node:
        weight = weights.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None:
            nodes.append(node)
            continue
        values, name = numpy_helper.to_array(weight), node.output[0]
        scale = np.float32(np.abs(values).max() / 127)
        named = lambda part: f"{name}_{part}"
        quantized.graph.initializer.extend([
            numpy_helper.from_array(np.round(values / scale).astype(np.int8), named("weight")),
            numpy_helper.from_array(scale, named("weight_scale")), numpy_helper.from_array(np.int8(0), named("weight_zero"))])
        quantized.graph.initializer.remove(weight)
        nodes += [
            helper.make_node("DynamicQuantizeLinear", [node.input[0]], [named("a"), named("a_scale"), named("a_zero")]),
            helper.make_node("MatMulInteger", [named("a"), named("weight"), named("a_zero"), named("weight_zero")], [named("whole")]),
            helper.make_node("Cast", [named("whole")], [named("float")], to=TensorProto.FLOAT),
            helper.make_node("Mul", [named("a_scale"), named("weight_scale")], [named("scale")]),
            helper.make_node("Mul", [named("float"), named("scale")], [name])]
    del quantized.graph.node[:]
    quantized.graph.node.extend(nodes)
    onnx.save(quantized, FOLDER / "onnx" / "model_int8.onnx")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=5)
    minutes = parser.parse_args().minutes
    random.seed(16)
    torch.manual_seed(16)
    all_sets = list(synsets())
    random.shuffle(all_sets)
    held_out, sets = all_sets[::HELD_OUT_EVERY], [texts for i, texts in enumerate(all_sets) if i % HELD_OUT_EVERY]
    words = vocabulary(text for texts in sets for text in texts)
    print(f"{len(sets)} synsets to learn from, {len(held_out)} held out, {len(words)} words and pieces", flush=True)
    model, tokens = Bert(len(words), HIDDEN, HEADS, LAYERS, POSITIONS, spread=0.02), Tokens(words)
    train(model, tokens, sets, minutes)
    export(model.eval(), words)
    smaller()
    lines = [json.dumps({"text": text, "synset": i}) + "\n" for i, texts in enumerate(held_out) for text in texts[:2]]
    (FOLDER / "pairs.jsonl").write_text("".join(lines))
