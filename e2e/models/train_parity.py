"""Trains a parity model. Started by train-parity.ts, which says of what: python3 train_parity.py FOLDER K EPOCHS OUT

FOLDER holds what the base model was asked and what it said: train-queries.npy, train-outputs.npy, and as many of test, with
test-labels.npy. The network gets the sum of K queries and is asked for the sum of the base model's K answers.

ParM minimises the squared error of that sum. This minimises the cross entropy of each decoded answer (the network's output
less the other answers) against the base model's own label, for that is what a lost answer is judged by: in a first trial
784-200-100-10 decoded .57 of lost labels after 20 epochs so, and .51 trained on the squared error.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from layers_files import dense_weights, sequential, write_layers_model

SEED = 20_240_603
# Below 1 MB in float16. [256, 160] decodes .667 of lost labels (mean of 20 groupings), this .679.
HIDDEN = [480, 200]
BATCH = 256
RATE = 4e-3
# Decoded logits are multiplied by this before the softmax, or the few that are lost by far would teach everything.
SOFTENING = 0.12
EPOCHS_BETWEEN_REPORTS = 10
GROUPINGS = 10


class Parity(nn.Module):
    """ReLU between dense layers. Sums are centred and scaled, and the outputs too: it trains much faster so."""

    def __init__(self, mean, spread, output_scale, queries_per_group, outputs):
        super().__init__()
        sizes = [len(mean), *HIDDEN, outputs]
        self.dense = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])
        self.shift = queries_per_group * mean
        self.scale = 1 / (spread * queries_per_group**0.5)
        self.output_scale = output_scale

    def forward(self, sums):
        values = (sums - self.shift) * self.scale
        for dense in self.dense[:-1]:
            values = F.relu(dense(values))
        return self.dense[-1](values) * self.output_scale

    def folded(self):
        """The same function, as weights for sums as they are."""
        layers = [(d.weight.detach().clone(), d.bias.detach().clone()) for d in self.dense]
        first, bias = layers[0]
        layers[0] = (first * self.scale, bias - first @ self.shift * self.scale)
        last, bias = layers[-1]
        layers[-1] = (last * self.output_scale, bias * self.output_scale)
        return layers


def degraded(network, queries, outputs, labels, k):
    """The share of lost labels that is decoded, each query lost once, over several random groupings: one alone is off by
    half a point."""
    generator = torch.Generator().manual_seed(SEED)
    shares = []
    for _ in range(GROUPINGS):
        order = torch.randperm(len(queries), generator=generator)
        groups = order[: len(order) // k * k].reshape(-1, k)
        with torch.no_grad():
            wrong = network(queries[groups].sum(1)) - outputs[groups].sum(1)
            decoded = outputs[groups] + wrong[:, None]
        shares.append(float((decoded.argmax(2) == labels[groups]).float().mean()))
    return sum(shares) / len(shares)


def main():
    folder, k, epochs, out = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    read = lambda name: torch.from_numpy(np.load(folder / f"{name}.npy"))  # noqa: E731
    queries, outputs = read("train-queries"), read("train-outputs")
    test = read("test-queries"), read("test-outputs"), read("test-labels").long()
    mean = queries.mean(0)
    network = Parity(mean, float((queries - mean).std()), float(outputs.square().mean().sqrt()), k, outputs.shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0)
    steps_per_epoch = len(queries) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=epochs * steps_per_epoch, pct_start=0.1)
    for epoch in range(epochs):
        for _ in range(steps_per_epoch):
            members = torch.randint(0, len(queries), (BATCH, k))
            answers = outputs[members]
            wrong = network(queries[members].sum(1)) - answers.sum(1)
            decoded = (answers + wrong[:, None]).flatten(0, 1)
            loss = F.cross_entropy(decoded * SOFTENING, answers.argmax(2).flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if (epoch + 1) % EPOCHS_BETWEEN_REPORTS == 0 or epoch + 1 == epochs:
            print(f"epoch {epoch + 1} of {epochs}: {degraded(network, *test, k):.4f} of lost test labels", flush=True)

    layers = network.folded()
    configs = [
        {
            "name": f"dense{i + 1}",
            "units": len(bias),
            "activation": "linear" if i == len(layers) - 1 else "relu",
            "use_bias": True,
        }
        for i, (_, bias) in enumerate(layers)
    ]
    weights = [(c["name"], dense_weights(w.numpy(), b.numpy())) for c, (w, b) in zip(configs, layers)]
    topology = sequential(f"parity-{k}", [queries.shape[1]], [("Dense", c) for c in configs])
    write_layers_model(out, topology, weights, generated_by="e2e/models/train-parity.ts", dtype="<f2")


main()
