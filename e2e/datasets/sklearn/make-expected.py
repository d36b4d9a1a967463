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
    found.update({"labels": words, "scikitLearn": sklearn.__version__, "rows": len(table)})
    save(name, lines, found)
    print(name, table.shape, "largest weight", np.abs(model.coef_).max())


def write_mixed():
    """Invented: numbers of different sizes with gaps, words, and a column of words with gaps."""
    draw = np.random.default_rng(12)
    rows, cities, plans = 400, ["Bern", "Lima", "Oslo", "Rome"], ["basic", "pro"]
    age = draw.integers(18, 80, rows).astype(float)
    income = np.round(draw.normal(4e4, 9e3, rows), 2)
    city, plan = draw.choice(cities, rows), draw.choice(plans, rows)
    score = (age - 50) / 15 + (income - 4e4) / 1e4 + np.where(city == "Oslo", 1.5, 0) + np.where(plan == "pro", 0.8, 0)
    labels = np.where(draw.random(rows) < 1 / (1 + np.exp(-score)), "yes", "no")
    age[draw.random(rows) < 0.05] = np.nan
    income[draw.random(rows) < 0.1] = np.nan
    city = np.where(draw.random(rows) < 0.05, "", city)
    known = [np.where(np.isnan(one), np.nanmean(one), one) for one in (age, income)]
    ones = [(city == level).astype(float) for level in cities] + [(plan == level).astype(float) for level in plans]
    columns = StandardScaler().fit_transform(np.column_stack([*known, *ones]))
    model = LogisticRegression(C=1.0, tol=1e-14, max_iter=100_000, solver="newton-cholesky").fit(columns, labels)
    assert gradient_norm(columns, labels, model) < 1e-9
    cell = lambda number: "" if np.isnan(number) else shown(number)
    table = [f"{cell(a)},{cell(i)},{c},{p},{y}" for a, i, c, p, y in zip(age, income, city, plan, labels)]
    found = {
        "weights": model.coef_.tolist(),
        "intercept": model.intercept_.tolist(),
        "probabilities": model.predict_proba(columns)[:PROBABILITIES_OF].round(10).tolist(),
        **{"labels": ["no", "yes"], "scikitLearn": sklearn.__version__, "rows": rows},
    }
    save("mixed", ["age,income,city,plan,target", *table], found)


def save(name, lines, found):
    with open(HERE / f"{name}.csv.gz", "wb") as file:
        # No time in it: the same bytes every time.
        file.write(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))
    (HERE / f"{name}.json").write_text(json.dumps(found) + "\n", encoding="utf-8")


write_mixed()
write("iris", datasets.load_iris())
write("wine", datasets.load_wine())
write("breast-cancer", datasets.load_breast_cancer())
write("digits", datasets.load_digits())
write("diabetes", datasets.load_diabetes(scaled=False), is_number=True)
