"""Writes a trained torch network as tfjs Layers files: model.json, weights.bin, and outputs.json to check them by.

torch keeps images as channels x rows x columns and convolutions as out x in x rows x columns; tfjs has rows x columns x
channels and rows x columns x in x out. Only kernels are moved here: a network that is exported flattens its images in
tfjs's order itself (train.py).
"""

import json
from pathlib import Path

import numpy as np

REFERENCE_IMAGES = 4


def reference_images(size: int) -> np.ndarray:
    """Images that any language can make again: pixel p of image i is ((i * size + p) * 7919 mod 256) / 255."""
    at = np.arange(REFERENCE_IMAGES * size, dtype=np.int64)
    return ((at * 7919 % 256) / 255).astype(np.float32).reshape(REFERENCE_IMAGES, size)


def dense_weights(weight, bias):
    return [("kernel", weight.T), ("bias", bias)]


def conv_weights(weight, bias):
    return [("kernel", weight.transpose(2, 3, 1, 0)), ("bias", bias)]


def write_layers_model(folder, topology, weights, generated_by, outputs=None, dtype="<f4"):
    """topology: what model.json holds as modelTopology. weights: (layer, [(weight, array)]). outputs: the logits of
    reference_images, if they are to be written too. dtype: how weights are stored, <f4 or <f2."""
    specs, data = [], []
    for layer, arrays in weights:
        for weight, array in arrays:
            array = np.ascontiguousarray(array, dtype=dtype)
            spec = {"name": f"{layer}/{weight}", "shape": list(array.shape), "dtype": "float32"}
            specs.append(spec if dtype == "<f4" else {**spec, "quantization": {"dtype": "float16"}})
            data.append(array.tobytes())
    model = {
        "format": "layers-model",
        "generatedBy": generated_by,
        "modelTopology": topology,
        "weightsManifest": [{"paths": ["weights.bin"], "weights": specs}],
    }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text(json.dumps(model, indent=1) + "\n")
    (folder / "weights.bin").write_bytes(b"".join(data))
    if outputs is not None:
        (folder / "outputs.json").write_text(json.dumps([[round(float(v), 6) for v in row] for row in outputs]) + "\n")


def sequential(name, input_shape, layers):
    """layers: (class name, config) in order."""
    written = [{"class_name": c, "config": dict(config)} for c, config in layers]
    written[0]["config"]["batch_input_shape"] = [None, *input_shape]
    return {"class_name": "Sequential", "config": {"name": name, "layers": written}}


def functional(name, input_shape, layers):
    """layers: (class name, config, names of its inputs) in order; "input" is the input, the last layer the output."""
    written = [
        {
            "class_name": "InputLayer",
            "name": "input",
            "config": {"name": "input", "batch_input_shape": [None, *input_shape], "dtype": "float32", "sparse": False},
            "inbound_nodes": [],
        }
    ]
    for class_name, config, inputs in layers:
        node = [[source, 0, 0, {}] for source in inputs]
        written.append({"class_name": class_name, "name": config["name"], "config": config, "inbound_nodes": [node]})
    last = layers[-1][1]["name"]
    config = {"name": name, "layers": written, "input_layers": [["input", 0, 0]], "output_layers": [[last, 0, 0]]}
    return {"class_name": "Model", "config": config}
