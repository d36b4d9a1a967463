"""Writes the tables of scikit-learn's own data sets, and what scikit-learn learns of them, beside this file.

    /usr/bin/python3 e2e/datasets/sklearn/make-expected.py

Columns are standardised, the penalty is C = 1 (alpha = 1 for ridge), the intercept is free: what a regression of Paritab has by
default. Needs scikit-learn 1.4 or newer. Descents are pushed to where the gradient is below 1e-9, and checked to be there.
"""

import gzip
import json
import pathlib

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).parent
PROBABILITIES_OF = 200  # rows, from the first on


def gradient_norm(columns, labels, model):
    classes = model.classes_
    scores = columns @ model.coef_.T + model.intercept_
    if len(classes) == 2:
        residuals = 1 / (1 + np.exp(-scores)) - (labels == classes[1])[:, None]
    else:
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        residuals = powers / powers.sum(axis=1, keepdims=True) - (labels[:, None] == classes)
    of_weights = residuals.T @ columns + model.coef_
    return np.sqrt((of_weights**2).sum() + (residuals.sum(axis=0) ** 2).sum()) / len(columns)


def shown(number):
    return repr(float(number)).removesuffix(".0")


def write(name, data, is_number=False):
    table, labels = data.data, data.target
    columns = StandardScaler().fit_transform(table)
    if is_number:
        model = Ridge(alpha=1.0, solver="cholesky").fit(columns, labels)
        found = {"weights": [model.coef_.tolist()], "intercept": [float(model.intercept_)]}
        found["answers"] = model.predict(columns)[:PROBABILITIES_OF].tolist()
    else:
        model = LogisticRegression(C=1.0, tol=1e-14, max_iter=100_000, solver="newton-cg" if len(set(labels)) > 2 else "newton-cholesky")
        model.fit(columns, labels)
        norm = gradient_norm(columns, labels, model)
        assert norm < 1e-9, (name, norm)
        found = {"weights": model.coef_.tolist(), "intercept": model.intercept_.tolist()}
        found["probabilities"] = model.predict_proba(columns)[:PROBABILITIES_OF].round(10).tolist()
    names = [str(one).replace(",", " ") for one in data.feature_names]
    words = None if is_number else [str(one) for one in data.target_names]
    lines = [",".join([*names, "target"])]
    for row, label in zip(table, labels):
        said = shown(label) if is_number else words[label]
        lines.append(",".join([*(shown(value) for value in row), said]))
    with open(HERE / f"{name}.csv.gz", "wb") as file:
        # No time in it: the same bytes every time.
        file.write(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))
    found.update({"labels": words, "scikitLearn": sklearn.__version__, "rows": len(table)})
    (HERE / f"{name}.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
    print(name, table.shape, "largest weight", np.abs(model.coef_).max())


write("iris", datasets.load_iris())
write("wine", datasets.load_wine())
write("breast-cancer", datasets.load_breast_cancer())
write("digits", datasets.load_digits())
write("diabetes", datasets.load_diabetes(scaled=False), is_number=True)
