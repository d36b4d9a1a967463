"""A sentence encoder on onnxruntime itself, a text a call, without padding: direct_texts.py MODEL < ids, a JSON list a line > vectors, likewise.

Pooled by the mean of the tokens' vectors, of length 1: what one would write oneself.
"""

import json
import sys

import numpy as np
import onnxruntime

options = onnxruntime.SessionOptions()
options.log_severity_level = 3
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
for line in sys.stdin:
    ids = np.array([json.loads(line)], dtype=np.int64)
    given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    mean = session.run(["last_hidden_state"], given)[0][0].mean(axis=0)
    print(json.dumps((mean / np.linalg.norm(mean)).tolist()))
