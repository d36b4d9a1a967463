"""Runs an ONNX file on onnxruntime itself, a row a call: direct.py MODEL OUTPUT VALUES.json ROWS.npy OUT.npy. Prints milliseconds a row.

VALUES has the inputs that are the same for every row: {"sr": 16000, "state": 0}; what the file leaves free of their shapes is 1.
"""

import json
import sys
import time

import numpy as np
import onnxruntime

model, output, values, rows_path, out_path = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
rows = np.load(rows_path)
TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
same = json.loads(values)
inputs = session.get_inputs()
[name] = [one.name for one in inputs if one.name not in same]
given = {
    one.name: np.full([size if isinstance(size, int) else 1 for size in one.shape], same[one.name], TYPES[one.type])
    for one in inputs
    if one.name in same
}
chosen = output or session.get_outputs()[0].name
answers = []
session.run([chosen], {**given, name: rows[:1]})
start = time.perf_counter()
for row in rows:
    answers.append(np.asarray(session.run([chosen], {**given, name: row[None]})[0], dtype=np.float32).reshape(-1))
print((time.perf_counter() - start) * 1000 / len(rows))
np.save(out_path, np.stack(answers))
