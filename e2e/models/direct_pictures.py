"""Pictures through an ONNX file by a straight script: direct_pictures.py MODEL PICTURES. A JSON object: labels by file name, milliseconds a row."""

import json
import pathlib
import sys
import time

import numpy as np
import onnxruntime
from PIL import Image

SIZE = 224
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
labels, seconds = {}, 0.0
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.jpg")):
    picture = Image.open(path).convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    row = ((np.asarray(picture, dtype=np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1)[None].astype(np.float32)
    start = time.perf_counter()
    labels[path.name] = int(session.run(["logits"], {"pixel_values": row})[0].argmax())
    seconds += time.perf_counter() - start
print(json.dumps({"labels": labels, "msPerRow": seconds * 1000 / len(labels)}))
