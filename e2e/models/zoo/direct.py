"""Runs an ONNX file on onnxruntime itself, a row a call: direct.py MODEL OUTPUT ROWS.npy OUT.npy. Prints milliseconds a row."""

import sys
import time

import numpy as np
import onnxruntime

model, output, rows_path, out_path = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 3
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
rows = np.load(rows_path)
name = session.get_inputs()[0].name
chosen = output or session.get_outputs()[0].name
answers = []
session.run([chosen], {name: rows[:1]})
start = time.perf_counter()
for row in rows:
    answers.append(np.asarray(session.run([chosen], {name: row[None]})[0], dtype=np.float32).reshape(-1))
print((time.perf_counter() - start) * 1000 / len(rows))
np.save(out_path, np.stack(answers))
