"""Exports a small untrained residual network as PyTorch does it, for tests of the way in for ONNX files.

    /usr/bin/python3 e2e/models/export_onnx.py

Writes small-resnet/model.onnx, and outputs.json: what PyTorch itself gives for inputs sin(0), sin(1), sin(2), ...
Needs Debian's python3-torch and python3-onnx.
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

FOLDER = pathlib.Path(__file__).parent / "small-resnet"
QUERIES = 3


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return F.relu(x + self.norm(self.conv(x)))


class SmallResnet(nn.Module):
    """Two outputs: ten logits, and the features that they are made from."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.block = Block(8)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(8, 10)

    def forward(self, image):
        x = F.max_pool2d(self.block(F.relu6(self.stem(image))), 2)
        x = self.pool(x)
        features = x.view(x.size(0), -1)  # becomes Shape, Gather, Concat, Reshape
        return self.head(features), features


def main():
    torch.manual_seed(7)
    model = SmallResnet().eval()
    model.block.norm.running_mean.normal_()
    model.block.norm.running_var.uniform_(0.5, 2)
    image = torch.sin(torch.arange(QUERIES * 3 * 32 * 32, dtype=torch.float32)).reshape(QUERIES, 3, 32, 32)
    torch.onnx.export(
        model,
        image,
        FOLDER / "model.onnx",
        opset_version=17,
        input_names=["image"],
        output_names=["logits", "features"],
        dynamic_axes={"image": {0: "batch"}},
    )
    logits, features = model(image)
    outputs = {"logits": logits.tolist(), "features": features.tolist()}
    (FOLDER / "outputs.json").write_text(json.dumps(outputs) + "\n")


if __name__ == "__main__":
    main()
