"""The body of a BERT: embeddings and layers, as its papers and Hugging Face's library have them."""
import torch
from torch import nn
from torch.nn import functional as F


class Layer(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(hidden, hidden) for _ in range(4))
        self.attention_norm, self.output_norm = nn.LayerNorm(hidden, eps=1e-12), nn.LayerNorm(hidden, eps=1e-12)
        self.inner, self.outer = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)

    def forward(self, states, bias):
        batch, length, _ = states.shape
        width = self.query.out_features // self.heads
        heads = lambda x: x.view(batch, length, self.heads, width).transpose(1, 2)
        scores = heads(self.query(states)) @ heads(self.key(states)).transpose(-1, -2) / width ** 0.5
        mixed = torch.softmax(scores + bias, dim=-1) @ heads(self.value(states))
        states = self.attention_norm(states + self.out(mixed.transpose(1, 2).reshape(batch, length, self.heads * width)))
        return self.output_norm(states + self.outer(F.gelu(self.inner(states))))


class Bert(nn.Module):
    """words: size of the vocabulary. spread: standard deviation of embeddings at the start; None: PyTorch's own."""

    def __init__(self, words, hidden, heads, layers, positions, spread=None):
        super().__init__()
        self.words, self.positions, self.types = (nn.Embedding(n, hidden) for n in (words, positions, 2))
        if spread is not None:
            for table in (self.words, self.positions, self.types):
                nn.init.normal_(table.weight, std=spread)
        self.norm = nn.LayerNorm(hidden, eps=1e-12)
        self.layers = nn.ModuleList(Layer(hidden, heads) for _ in range(layers))

    def forward(self, input_ids, attention_mask, token_type_ids):
        places = torch.arange(input_ids.shape[1]).unsqueeze(0)
        states = self.norm(self.words(input_ids) + self.positions(places) + self.types(token_type_ids))
        bias = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * -10000.0
        for layer in self.layers:
            states = layer(states, bias)
        return states
