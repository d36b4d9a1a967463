"""The three architectures, each with its way into tfjs Layers files. All give logits."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from layers_files import conv_weights, dense_weights, functional, sequential


def numbers(tensor):
    return tensor.detach().cpu().numpy()


def conv_config(name, filters, size, strides=1, activation="linear"):
    return {
        "name": name,
        "filters": filters,
        "kernel_size": [size, size],
        "strides": [strides, strides],
        "padding": "same",
        "activation": activation,
        "use_bias": True,
    }


def pool_config(name):
    return {"name": name, "pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}


def flat(images):
    """channels x rows x columns to one row, in tfjs's order."""
    return images.permute(0, 2, 3, 1).flatten(1)


class Mlp(nn.Module):
    """784-200-100-10, ReLU."""

    def __init__(self):
        super().__init__()
        self.dense = nn.ModuleList([nn.Linear(784, 200), nn.Linear(200, 100), nn.Linear(100, 10)])

    def forward(self, images):
        values = images.flatten(1)
        for dense in self.dense[:-1]:
            values = F.relu(dense(values))
        return self.dense[-1](values)

    def exported(self, name):
        configs = [
            {"name": f"dense{i + 1}", "units": d.out_features, "activation": "relu" if i < 2 else "linear", "use_bias": True}
            for i, d in enumerate(self.dense)
        ]
        weights = [(c["name"], dense_weights(numbers(d.weight), numbers(d.bias))) for c, d in zip(configs, self.dense)]
        return sequential(name, [784], [("Dense", c) for c in configs]), weights


class Cnn(nn.Module):
    """Two convolutions of 16 and 32 filters, each followed by ReLU and a pool of 2 x 2, then 128 and 10 units."""

    def __init__(self):
        super().__init__()
        self.conv = nn.ModuleList([nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)])
        self.dense = nn.ModuleList([nn.Linear(7 * 7 * 32, 128), nn.Linear(128, 10)])

    def forward(self, images):
        for conv in self.conv:
            images = F.max_pool2d(F.relu(conv(images)), 2)
        return self.dense[1](F.relu(self.dense[0](flat(images))))

    def exported(self, name):
        layers, weights = [], []
        for i, conv in enumerate(self.conv):
            layers.append(("Conv2D", conv_config(f"conv{i + 1}", conv.out_channels, 3, activation="relu")))
            layers.append(("MaxPooling2D", pool_config(f"pool{i + 1}")))
            weights.append((f"conv{i + 1}", conv_weights(numbers(conv.weight), numbers(conv.bias))))
        layers.append(("Flatten", {"name": "flatten"}))
        for i, dense in enumerate(self.dense):
            activation = "relu" if i == 0 else "linear"
            config = {"name": f"dense{i + 1}", "units": dense.out_features, "activation": activation, "use_bias": True}
            layers.append(("Dense", config))
            weights.append((f"dense{i + 1}", dense_weights(numbers(dense.weight), numbers(dense.bias))))
        return sequential(name, [28, 28, 1], layers), weights


class ConvNorm(nn.Module):
    """A convolution and its batch normalization, which become one convolution when they are exported.

    "same" of tfjs pads a stride of 2 after the last row and column alone, so that is what is trained.
    """

    def __init__(self, channels, filters, size, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, size, stride, bias=False)
        self.norm = nn.BatchNorm2d(filters)
        before = (size - 1) // 2 if stride == 1 else 0
        after = size // 2 if size > 1 else 0
        self.padding = (before, after, before, after)

    def forward(self, images):
        return self.norm(self.conv(F.pad(images, self.padding)))

    def folded(self):
        scale = numbers(self.norm.weight) / np.sqrt(numbers(self.norm.running_var) + self.norm.eps)
        bias = numbers(self.norm.bias) - numbers(self.norm.running_mean) * scale
        return conv_weights(numbers(self.conv.weight) * scale[:, None, None, None], bias)


class Block(nn.Module):
    """Two convolutions beside a shortcut, which is a convolution of 1 x 1 where the shape changes."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.stride = stride
        self.first = ConvNorm(channels, filters, 3, stride)
        self.second = ConvNorm(filters, filters, 3)
        self.shortcut = ConvNorm(channels, filters, 1, stride) if stride > 1 or channels != filters else None

    def forward(self, images):
        beside = images if self.shortcut is None else self.shortcut(images)
        return F.relu(self.second(F.relu(self.first(images))) + beside)


class SmallResNet(nn.Module):
    """32 filters, a pool, blocks of 32, 64 and 128 filters, the mean over the image, 10 units."""

    def __init__(self):
        super().__init__()
        self.stem = ConvNorm(3, 32, 3)
        self.blocks = nn.ModuleList([Block(32, 32, 1), Block(32, 64, 2), Block(64, 128, 2)])
        self.dense = nn.Linear(128, 10)

    def forward(self, images):
        values = F.max_pool2d(F.relu(self.stem(images)), 2)
        for block in self.blocks:
            values = block(values)
        return self.dense(values.mean((2, 3)))

    def exported(self, name):
        layers, weights = [], []

        def add_conv(layer, conv, source, activation):
            config = conv_config(layer, conv.conv.out_channels, conv.conv.kernel_size[0], conv.conv.stride[0], activation)
            layers.append(("Conv2D", config, [source]))
            weights.append((layer, conv.folded()))
            return layer

        last = add_conv("stem", self.stem, "input", "relu")
        layers.append(("MaxPooling2D", pool_config("pool"), [last]))
        last = "pool"
        for i, block in enumerate(self.blocks):
            prefix = f"block{i + 1}"
            first = add_conv(f"{prefix}_first", block.first, last, "relu")
            second = add_conv(f"{prefix}_second", block.second, first, "linear")
            beside = last if block.shortcut is None else add_conv(f"{prefix}_shortcut", block.shortcut, last, "linear")
            layers.append(("Add", {"name": f"{prefix}_sum"}, [second, beside]))
            layers.append(("Activation", {"name": prefix, "activation": "relu"}, [f"{prefix}_sum"]))
            last = prefix
        layers.append(("GlobalAveragePooling2D", {"name": "mean"}, [last]))
        layers.append(("Dense", {"name": "dense", "units": 10, "activation": "linear", "use_bias": True}, ["mean"]))
        weights.append(("dense", dense_weights(numbers(self.dense.weight), numbers(self.dense.bias))))
        return functional(name, [32, 32, 3], layers), weights
