"""Writes small-encoder/: an untrained BERT of two layers as a Hugging Face folder, as PyTorch's exporter writes it, and what PyTorch says for it.

Debian's python3-torch and python3-onnx. `python3 e2e/models/export_encoder.py`
"""
import json
import pathlib

import torch
from torch import nn

from bert import Bert

HIDDEN, HEADS, LAYERS, POSITIONS = 32, 4, 2, 64
FOLDER = pathlib.Path(__file__).parent / "small-encoder"
WORDS = """the a an of and to in is was for on that with as by it his her at from are this be or had not but have one which you were all they
their we there been has when who will more no if out so said what up its about into than them can only other new some could time these
two may then do first any my now such like our over man me even most made after also did many before must through back years where much
your way well down should because each just those people state good very make world still own see men work long get here between both
life being under never day same another know while last might us great old year off come since against go came right used take three
cat dog bird ship plane truck horse frog deer car house tree river light night water fire earth wind sun moon star sea king queen""".split()
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
MARKS = list(".,;:!?'\"-()")
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *MARKS, *LETTERS, *("##" + letter for letter in LETTERS), "##ing", "##s", "##ed",
              "##er", "##ly", *(word for word in dict.fromkeys(WORDS) if len(word) > 1)]


class Encoder(Bert):
    def __init__(self):
        super().__init__(len(VOCABULARY), HIDDEN, HEADS, LAYERS, POSITIONS)
        self.classifier = nn.Linear(HIDDEN, 3)

    def forward(self, input_ids, attention_mask, token_type_ids):
        states = super().forward(input_ids, attention_mask, token_type_ids)
        return states, self.classifier(states[:, 0])


def tokenizer():
    special = lambda i: {"id": i, "content": VOCABULARY[i], "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                         "special": True}
    piece = lambda name, part: {"SpecialToken": {"id": name, "type_id": part}}
    single = [piece("[CLS]", 0), {"Sequence": {"id": "A", "type_id": 0}}, piece("[SEP]", 0)]
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [special(i) for i in range(5)],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing", "single": single,
            "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}, piece("[SEP]", 1)],
            "special_tokens": {name: {"id": name, "ids": [VOCABULARY.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                  "vocab": {word: i for i, word in enumerate(VOCABULARY)}},
    }


def write(name, value):
    (FOLDER / name).write_text(json.dumps(value, indent=None, separators=(",", ":")) + "\n")


torch.manual_seed(16)
model = Encoder().eval()
(FOLDER / "onnx").mkdir(parents=True, exist_ok=True)
(FOLDER / "1_Pooling").mkdir(exist_ok=True)
example = torch.tensor([[2, 60, 61, 3, 0], [2, 70, 71, 72, 3]])
mask = (example != 0).long()
inputs = (example, mask, torch.zeros_like(example))
names = ["input_ids", "attention_mask", "token_type_ids"]
free = {0: "batch_size", 1: "sequence_length"}
torch.onnx.export(model, inputs, str(FOLDER / "onnx" / "model.onnx"), input_names=names, output_names=["last_hidden_state", "logits"],
                  dynamic_axes={**{name: free for name in names}, "last_hidden_state": free, "logits": {0: "batch_size"}},
                  opset_version=17, dynamo=False)
write("tokenizer.json", tokenizer())
write("tokenizer_config.json", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": POSITIONS, "pad_token": "[PAD]",
                                "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"})
write("config.json", {"architectures": ["BertModel"], "model_type": "bert", "hidden_size": HIDDEN, "num_attention_heads": HEADS,
                      "num_hidden_layers": LAYERS, "max_position_embeddings": POSITIONS, "pad_token_id": 0, "vocab_size": len(VOCABULARY),
                      "id2label": {"0": "calm", "1": "glad", "2": "sad"}})
write("1_Pooling/config.json", {"word_embedding_dimension": HIDDEN, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
                                "pooling_mode_max_tokens": False})
write("modules.json", [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                       {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                       {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])
with torch.no_grad():
    states, logits = model(*inputs)
weights = mask.unsqueeze(-1).float()
write("outputs.json", {"input_ids": example.tolist(), "attention_mask": mask.tolist(),
                       "mean": ((states * weights).sum(1) / weights.sum(1)).tolist(), "cls": states[:, 0].tolist(), "logits": logits.tolist()})
