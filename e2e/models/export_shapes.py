"""Writes two models of common shapes with random weights into build/models: a MobileNetV3 as torchvision has it, as a Hugging Face folder whose labels
are spread over the pictures of PICTURES, and an encoder of MiniLM-L6's size. Debian's python3-torch, python3-torchvision and python3-onnx.

`python3 e2e/models/export_shapes.py PICTURES`
"""
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from torchvision.models import mobilenet_v3_small

from bert import Bert

OUT = pathlib.Path(__file__).parents[2] / "build" / "models"
SIZE, LABELS = 224, 10
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def tensor_of(path):
    picture = Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    return torch.from_numpy(((np.asarray(picture, dtype=np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)).float()


def export(model, inputs, names, outputs, free, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(model, inputs, str(path), input_names=names, output_names=outputs, dynamic_axes=free, opset_version=17, dynamo=False)


torch.manual_seed(16)
model = mobilenet_v3_small(weights=None, num_classes=LABELS)
batch = torch.stack([tensor_of(path) for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jpg"))[:128]])
with torch.no_grad():
    # Norms that fit what comes, as training leaves them; then labels that differ from picture to picture.
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    model.train()(batch)
    logits = model.eval()(batch)
    last = model.classifier[-1]
    last.weight /= logits.std(dim=0, keepdim=True).T
    last.bias.copy_((last.bias - logits.mean(dim=0)) / logits.std(dim=0))
FOLDER = OUT / "mobilenet-v3"
export(model, (batch[:1],), ["pixel_values"], ["logits"], {"pixel_values": {0: "batch"}, "logits": {0: "batch"}}, FOLDER / "model.onnx")
write = lambda name, value: (FOLDER / name).write_text(json.dumps(value) + "\n")
write("config.json", {"architectures": ["MobileNetV3ForImageClassification"], "id2label": {str(i): f"kind {i}" for i in range(LABELS)}})
write("preprocessor_config.json", {"image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": SIZE, "width": SIZE},
                                   "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": MEAN,
                                   "image_std": STD})

encoder = Bert(words=30522, hidden=384, heads=12, layers=6, positions=512, spread=0.02).eval()
ids = torch.randint(1000, 30000, (2, 16))
names = ["input_ids", "attention_mask", "token_type_ids"]
free = {0: "batch_size", 1: "sequence_length"}
export(encoder, (ids, torch.ones_like(ids), torch.zeros_like(ids)), names, ["last_hidden_state"],
       {name: free for name in [*names, "last_hidden_state"]}, OUT / "minilm-shape" / "model.onnx")
