"""Submit work to a Paritab coordinator from Python. The standard library and numpy are all it needs.

    import paritab

    client = paritab.Client("http://localhost:8787")
    for answer in client.infer("model.onnx", queries):
        print(answer.index, answer.label, answer.mark)

    trained = client.train("table.csv", label="y")
    product = client.matmul(A, B)
    vectors = client.embed("all-MiniLM-L6-v2/", ["a cat", "a dog"])
    print(client.verify(trained.job["jobId"]).paragraph)
    print(client.estimate("model.onnx", queries)["comparison"]["words"])
    pipeline = client.trained(trained.job["jobId"]).to_sklearn()

Settings have the names of the API in Python's manner: ``data_volunteers=3`` is ``dataVolunteers`` of ``/api/docs``. A lost
connection is waited out; leaving early (an exception, Ctrl-C, ``close()`` of an iterator) cancels the job unless ``keep=True``.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import http.client
import io
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

__all__ = ["Answer", "Client", "JobEnded", "ParitabError", "Trained", "Verified", "read_csv", "verify"]

#: A connection that stays lost for so many seconds will hardly come back.
LOST_S_MAX = 600.0
_RETRY_S = (0.25, 10.0)
_NOTICE_S = 10.0
_TIMEOUT_S = 60.0
_WAITS_FOR_CHECKS = "waiting for the coordinator's checks"
_WATCH_S = 0.5
#: Of one request for vectors: the coordinator waits three minutes for tabs before it says "not now".
_EMBED_S = 240.0
_TEXTS_AT_ONCE = 256
#: The connection's errors: the socket's, and of an answer that ends in the middle.
_LOST = (OSError, http.client.HTTPException)
#: "Not now": nobody answered, or somebody in between did for a coordinator that is away.
_PASSING = (0, 429, 502, 503, 504)

#: A folder with ``model.json`` and its weights, an ``.onnx`` file, the files by name, or the sha-256 of an earlier upload.
Model = Union[str, "os.PathLike[str]", Mapping[str, bytes]]


class ParitabError(Exception):
    """The coordinator said no, or could not be asked. ``status`` is HTTP's, 0 where there was no answer; ``code`` is for programs."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status = status
        self.code = code


class JobEnded(Exception):
    """The job ended without what was waited for. ``job`` is what the coordinator says of it."""

    def __init__(self, job: Dict[str, Any]):
        state, reason = job["state"], job.get("error") or job.get("endReason") or "no reason given"
        super().__init__(f"job {job['jobId']} was cancelled" if state == "cancelled" else f"job {job['jobId']}: {reason}")
        self.job = job


@dataclass(frozen=True)
class Answer:
    """One answer, and how far to trust it."""

    index: int
    #: The largest output's place; None for a model that predicts numbers.
    label: Optional[int]
    outputs: np.ndarray
    #: "exact", "audited", "estimated", "unchecked", or "non-finite": the query overflows, and outputs are empty.
    mark: str
    #: It will not be taken back.
    final: bool
    #: The chance that it is wrong, of "audited" ones (0 for "exact").
    bound: Optional[float]
    #: How often estimates were found to agree with the model, of "estimated" ones.
    confidence: Optional[float]
    #: It was final once, and that was taken back: {"atMs", "volunteerId", "reason"}. What stands here may be somebody else's since.
    taken_back: Optional[Dict[str, Any]] = None


@dataclass(frozen=True)
class Trained:
    """What a regression has learned."""

    #: columns x classes, float64; one column but for softmax. The last row is the intercept, where one was learned
    weights: np.ndarray
    #: The job as it ended: loss, validationAccuracy, notes and more.
    job: Dict[str, Any]
    client: "Client"

    @cached_property
    def model(self) -> Dict[str, Any]:
        """All of it, as ``export("model.json")`` writes it: columns with names, weights and how their gaps are filled, intercept, labels."""
        return self.client._json("GET", f"/api/jobs/{self.job['jobId']}/model.json")

    def predict(self, features: Any) -> np.ndarray:
        """Labels (of a linear model: numbers) for new rows; the coordinator computes them, no tab sees the rows.

        :param features: a table with names (pandas.DataFrame, a dict of columns, the path of a CSV file), whose columns are found by their
            names, or rows x columns in the order of the training. None and NaN are empty cells, words are words.
        :raises ValueError: names the columns that are missing, or a cell that is no number
        """
        answers = self._ask(features, "")
        labels = self.model["labels"]
        # Labels that are numbers come as themselves, words as their places.
        return np.array(labels)[answers.astype(int)] if labels and isinstance(labels[0], str) else answers

    def predict_proba(self, features: Any) -> np.ndarray:
        """rows x labels, in the order of ``model["labels"]``; each row sums to 1. As ``predict``; not of a linear model."""
        if self.model["labels"] is None:
            raise ValueError("a linear model predicts numbers: it has no probabilities")
        return self._ask(features, "?of=probabilities")

    def _ask(self, features: Any, query: str) -> np.ndarray:
        headers = {"content-type": "application/octet-stream", "accept": "application/octet-stream"}
        body = _npy(_table_values(self.model, features))
        return _array(self.client._ask("POST", f"/api/jobs/{self.job['jobId']}/predictions{query}", body, headers))

    def export(self, path: Union[str, "os.PathLike[str]"]) -> Path:
        """Writes the model: ``model.onnx`` for other programs, ``model.json`` to read, or ``weights.npy``."""
        ending = Path(path).suffix
        if ending not in (".onnx", ".json", ".npy"):
            raise ValueError(f"{path}: expected a name that ends in .onnx, .json or .npy")
        name = f"weights{ending}" if ending == ".npy" else f"model{ending}"
        Path(path).write_bytes(self.client._ask("GET", f"/api/jobs/{self.job['jobId']}/{name}"))
        return Path(path)

    def to_sklearn(self) -> Any:
        """A fitted scikit-learn Pipeline with the same predictions, which takes columns in the order of the training.

        Its last step is a LogisticRegression, a Ridge or (without a penalty) a LinearRegression, with weights in your units. Of a table
        with names ``feature_names_in_`` has the order: ``pipeline.predict(frame[list(pipeline.feature_names_in_)])``.

        :raises ImportError: scikit-learn is not installed
        """
        return _to_sklearn(self.model)


@dataclass(frozen=True)
class Verified:
    """What a check of a signed receipt came to."""

    #: Nothing is broken.
    holds: bool
    #: What is known, and how surely, and what was not looked at.
    paragraph: str
    #: Each with its "check", its "state" ("holds", "broken" or "open") and a "text".
    findings: List[Dict[str, str]]


class Client:
    """A coordinator and, where it wants one, a submitter's token.

    :param url: else ``PARITAB_URL``, else ``http://localhost:8787``
    :param token: else ``PARITAB_TOKEN``
    :param progress: a bar on standard error, where tqdm is installed and somebody looks
    :param on_waiting: told (reason, seconds left) while the coordinator cannot be reached; else it is said on standard error
    :param on_taken_back: told {"jobId", "atMs", "volunteerId", "reason", "indices"} where answers that were given out as final are not any
        more; else it is said on standard error
    :param on_answer_again: told the Answer that somebody else has given in the place of such a one, while its job runs
    :param trial: before a job is submitted, measure for about a second what this computer alone would need, and say it on standard error,
        beside what the crowd is predicted to need; of a model where onnxruntime is installed
    """

    def __init__(
        self,
        url: Optional[str] = None,
        token: Optional[str] = None,
        *,
        progress: bool = True,
        on_waiting: Optional[Callable[[str, float], None]] = None,
        on_taken_back: Optional[Callable[[Dict[str, Any]], None]] = None,
        on_answer_again: Optional[Callable[[Answer], None]] = None,
        trial: bool = True,
    ):
        self.url = (url or os.environ.get("PARITAB_URL") or "http://localhost:8787").rstrip("/")
        self._token = token or os.environ.get("PARITAB_TOKEN")
        self._progress = progress
        self._on_waiting = on_waiting or _say_waiting
        self._on_taken_back = on_taken_back or _say_taken_back
        self._on_answer_again = on_answer_again or (lambda answer: None)
        self._trial = trial
        #: Seconds a row here, or why that is not known, by the model's sha-256.
        self._row_s: Dict[str, Union[Tuple[float, float], str]] = {}

    # --- the three kinds of job ---------------------------------------------------------------------------------------

    def infer(
        self,
        model: Model,
        queries: Any,
        *,
        labels: Any = None,
        input_scale: float = 1,
        sizes: Optional[Mapping[str, int]] = None,
        values: Optional[Mapping[str, Any]] = None,
        names: Optional[Sequence[str]] = None,
        accept: Optional[str] = None,
        keep: bool = False,
        **settings: Any,
    ) -> Iterator[Answer]:
        """Answers in the order of the queries, each once, as soon as it may be given out. Begins when the first is asked for.

        :param queries: n x the model's input, numbers or bytes; x = entry * input_scale. Of a model with several inputs an array for each,
            by the names of the inputs
        :param sizes: of dimensions that the model's file leaves free beside the batch: {"sequence_length": 128}
        :param values: of inputs that are the same for every query: {"sr": 16000, "state": 0}; a number for all of it, or all its numbers
        :param labels: one whole number a query: the job then says its accuracy
        :param names: one a query: they stay with the job, for whoever may read it; ``paritab results`` and the dashboard show them anywhere
        :param accept: "first" (estimates too), "verified", or "final" (what is not taken back any more)
        :raises JobEnded: where the job fails or is cancelled, after the answers that were ready by then
        """
        uploaded, files = self._model(model, sizes, values)
        if self._trial and uploaded["modelSha256"] not in self._row_s:
            # Once for a model: a loop over small arrays is not held up.
            self._say_comparison(lambda: self._estimated(uploaded, files, queries, settings))
        source: Dict[str, Any] = {"kind": "uploads", "modelSha256": uploaded["modelSha256"], "queriesSha256": self._queries(queries)}
        if labels is not None:
            source["labelsSha256"] = self._tensor(labels)
        if names is not None:
            kept = {"kind": "rows", "seal": secrets.token_hex(16), "names": [str(name) for name in names]}
            headers = {"content-type": "application/json"}
            source.update(json.loads(self._ask("POST", "/api/names", json.dumps(kept).encode(), headers)))
        source["inputScale"] = input_scale
        job_id = self._submit("inference", source, settings)["jobId"]
        yield from self._following(job_id, accept, keep)

    def estimate(
        self,
        model: Model,
        queries: Any,
        *,
        sizes: Optional[Mapping[str, int]] = None,
        values: Optional[Mapping[str, Any]] = None,
        **settings: Any,
    ) -> Dict[str, Any]:
        """What ``infer`` of the same would take, before it begins; of the queries nothing is sent.

        ``["comparison"]["words"]`` says what this computer alone would need, where onnxruntime is installed, beside what the crowd would;
        ``["chosen"]`` what the job would cost. Every field: InferenceEstimate of ``/api/docs``.
        """
        uploaded, files = self._model(model, sizes, values)
        return self._estimated(uploaded, files, queries, settings)

    def train(
        self,
        features: Any,
        labels: Any = None,
        *,
        label: Optional[str] = None,
        model: Optional[str] = None,
        input_scale: float = 1,
        keep: bool = False,
        **settings: Any,
    ) -> Trained:
        """A "linear", "logistic" or "softmax" regression on data that is coded over the tabs; ``None``: what the labels call for.

        Columns are standardised and an intercept is learned, unless ``standardise=False`` or ``intercept=False`` say otherwise.

        :param features: rows x columns; NaN is an empty cell. The path of a CSV file with a header, a dict of columns and a pandas.DataFrame
            give their columns' names along, for ``predict``, and their columns of words are categories
        :param labels: one number or one word a row
        :param label: in the place of labels, the name of their column in a file or dict
        :raises ValueError: names the column or the row that does not fit
        """
        if (labels is None) == (label is None):
            raise ValueError("train: expected either labels, or label=, the name of their column in a file or dict")
        if label is not None:
            features, labels = _labelled(features, label)
        table, said = _frame(features)
        y, label_names = _labels(labels)
        source = {
            "kind": "uploads",
            "featuresSha256": self._tensor(table),
            "labelsSha256": self._tensor(y),
            "inputScale": input_scale,
            **said,
        }
        if label_names is not None:
            source["labelNames"] = label_names
        chosen = {} if model is None else {"model": model}
        job = self._run("regression", source, {**chosen, **settings}, keep, "iterations", "iteration")
        return Trained(_array(self._ask("GET", f"/api/jobs/{job['jobId']}/weights.npy")), job, self)

    def matmul(self, left: Any, right: Any, *, keep: bool = False, **settings: Any) -> np.ndarray:
        """``left @ right``, exact: whole numbers, or rounded to ``left_fraction_bits`` and ``right_fraction_bits``."""
        source = {"kind": "uploads", "leftSha256": self._tensor(left), "rightSha256": self._tensor(right)}
        job = self._run("matmul", source, settings, keep, "slices", "slicesDone")
        return _array(self._ask("GET", f"/api/jobs/{job['jobId']}/product.npy"))

    def embed(self, model: Union[str, "os.PathLike[str]"], texts: Sequence[str]) -> np.ndarray:
        """A vector for each text, in their order: texts x dimensions, float32. Each was checked before it was given.

        :param model: the name of a text model (``paritab model add``), or its folder as it lies on the Hugging Face Hub
        """
        name = self._named(Path(model)) if Path(model).is_dir() else str(model)
        vectors: List[np.ndarray] = []
        with _Bar(len(texts), "texts", self._progress) as bar:
            for start in range(0, len(texts), _TEXTS_AT_ONCE):
                asked = {"model": name, "input": list(texts[start : start + _TEXTS_AT_ONCE]), "encoding_format": "base64"}
                headers = {"content-type": "application/json"}
                answer = json.loads(self._ask("POST", "/v1/embeddings", json.dumps(asked).encode(), headers, _EMBED_S))
                vectors += [np.frombuffer(base64.b64decode(one["embedding"]), dtype="<f4") for one in answer["data"]]
                bar.at(len(vectors))
        return np.stack(vectors).astype(np.float32) if vectors else np.zeros((0, 0), dtype=np.float32)

    def _named(self, folder: Path) -> str:
        """A name of the folder's own content: a second time nothing is sent."""
        files = _hub_files(folder)
        digest = hashlib.sha256()
        for name, data in sorted(files.items()):
            digest.update(f"{name}:{len(data)}:".encode() + data)
        name = f"{re.sub('[^A-Za-z0-9._-]', '-', folder.resolve().name)}-{digest.hexdigest()[:8]}"
        known = {one["id"] for one in self._json("GET", "/v1/models")["data"]}
        if name not in known:
            self._ask_later(f"/v1/models?id={name}", *_multipart(files))
        return name

    def verify(self, job_id: str, *, command: str = "paritab") -> Verified:
        """Checks the signed receipt of a job that has ended, and what lies beside it; as the function ``verify`` does.

        :param command: the ``paritab`` command, as ``npm link`` or ``npm install`` has put it there
        """
        with tempfile.TemporaryDirectory() as folder:
            receipt = Path(folder) / "receipt.json"
            receipt.write_bytes(self._ask("GET", f"/api/jobs/{job_id}/receipt/signed.json"))
            said = json.loads(receipt.read_text(encoding="utf-8"))
            # Of a job in parts each file begins with the number of its part.
            parts = [("", said)] if "parts" not in said else [(f"{i}.", part) for i, part in enumerate(said["parts"])]
            ended = parts[0][1]["statements"][0]["body"]
            for prefix, part in parts:
                for beside in part["statements"][0]["body"]["files"]:
                    named = prefix + beside["name"]
                    if not re.fullmatch(_FILE_NAME, named):
                        raise ParitabError(200, "bad-answer", f"the receipt names a file {named!r}")
                    (Path(folder) / named).write_bytes(self._ask("GET", f"/api/jobs/{job_id}/receipt/files/{named}"))
            name = _RESULTS[ended["receipt"]["kind"]]
            try:
                (Path(folder) / name).write_bytes(self._ask("GET", f"/api/jobs/{job_id}/{name}"))
            except ParitabError:
                pass  # of a run that came to nothing there is none
            return verify(receipt, command=command)

    # --- jobs by their id ---------------------------------------------------------------------------------------------

    def job(self, job_id: str) -> Dict[str, Any]:
        """What the coordinator says of a job now."""
        return self._json("GET", f"/api/jobs/{job_id}")

    def jobs(self) -> List[Dict[str, Any]]:
        return self._json("GET", "/api/jobs")

    def follow(self, job_id: str, *, accept: Optional[str] = None, start: int = 0) -> Iterator[Answer]:
        """The answers of an inference job that runs or has ended, from any index; leaving it leaves the job running."""
        return self._answers(job_id, accept, start)

    def trained(self, job_id: str) -> Trained:
        """What a regression has learned, from any machine: as ``train`` gives it."""
        return Trained(_array(self._ask("GET", f"/api/jobs/{job_id}/weights.npy")), self.job(job_id), self)

    def names(self, job_id: str) -> Dict[str, Any]:
        """What stays with an inference job of its rows' names: "names" of a job of pictures or rows, "texts" of one of texts, "labels"."""
        return self._json("GET", f"/api/jobs/{job_id}/names.json")

    def cancel(self, job_id: str) -> Dict[str, Any]:
        return self._json("DELETE", f"/api/jobs/{job_id}")

    def delete(self, job_id: str) -> Dict[str, Any]:
        """Of a job that has ended: its answers, queries, log and receipt go for good; its volunteers keep their credit."""
        return self._json("DELETE", f"/api/jobs/{job_id}/data")

    def receipt(self, job_id: str) -> Dict[str, Any]:
        """Of a job that has ended: who computed what, how it was checked, and the bound on an undetected error."""
        return self._json("GET", f"/api/jobs/{job_id}/receipt.json")

    def taken_back(self, job_id: str) -> List[Dict[str, Any]]:
        """Who was named, when and why, and how many answers of this job were final until then: while it runs, and for as long as it is kept."""
        return self._json("GET", f"/api/jobs/{job_id}/taken-back.json")["takings"]

    def redo(self, job_id: str, only: str = "not-final") -> Dict[str, Any]:
        """Has answers of a job that has ended and that are not final (or only "taken-back" ones) done again, by a job of their own.

        :returns: its "jobId", and how many "rows"; asked again while it is at work, it is the same one
        """
        headers = {"content-type": "application/json"}
        return self._ask_later(f"/api/jobs/{job_id}/redo", json.dumps({"only": only}).encode(), headers)

    def redone(self, job_id: str) -> np.ndarray:
        """The outputs of a job with those that were done again in their place."""
        return _array(self._ask("GET", f"/api/jobs/{job_id}/answers.npy?redone=yes"))

    # --- following ----------------------------------------------------------------------------------------------------

    def _following(self, job_id: str, accept: Optional[str], keep: bool) -> Iterator[Answer]:
        ended = False
        try:
            total = self.job(job_id)["queryCount"]
            with _Bar(total, "answers", self._progress) as bar:
                for answer in self._answers(job_id, accept, 0):
                    bar.at(answer.index + 1)
                    yield answer
            ended = True
        except JobEnded:
            ended = True
            raise
        finally:
            if not ended and not keep:
                self._cancel_in_passing(job_id)

    def _answers(self, job_id: str, accept: Optional[str], start: int) -> Iterator[Answer]:
        at, patience = start, _Patience(self)
        while True:
            path = f"/api/jobs/{job_id}/answers.sse?from={at}" + ("" if accept is None else f"&accept={accept}")
            try:
                for event, data in self._events(path):
                    patience.reset()
                    if event == "answer":
                        at += 1
                        yield _answer(data)
                    elif event == "taken-back":
                        self._on_taken_back(data)
                    elif event == "answer-again":
                        self._on_answer_again(_answer(data))
                    elif event == "end":
                        if data["state"] != "done":
                            raise JobEnded(self.job(job_id))
                        return
            except ParitabError as error:
                patience.wait(error)

    def _events(self, path: str) -> Iterator[Tuple[str, Any]]:
        event, data = "message", []  # type: str, List[str]
        with self._open("GET", path, None, {"accept": "text/event-stream"}) as response:
            while True:
                try:
                    raw = response.readline()
                except _LOST as error:
                    raise self._lost(f": {error}") from error
                if raw == b"":
                    raise self._lost()
                line = raw.decode().rstrip("\r\n")
                name, _, value = line.partition(":")
                if line == "":
                    if data:
                        yield event, json.loads("\n".join(data))
                    event, data = "message", []
                elif name == "event":
                    event = value.lstrip(" ")
                elif name == "data":
                    data.append(value[1:] if value.startswith(" ") else value)

    def _run(
        self, kind: str, source: Dict[str, Any], settings: Dict[str, Any], keep: bool, total: str, done: str
    ) -> Dict[str, Any]:
        if self._trial:
            self._say_comparison(lambda: self._of_products(kind, source, settings))
        submitted = self._submit(kind, source, settings)
        job_id, ended = submitted["jobId"], False
        try:
            for note in submitted.get("notes", []):
                print(f"paritab: {note}", file=sys.stderr)
            for token in submitted.get("invitations", []):
                print(f"paritab: send this to one volunteer: {self.url}/#invite={token}", file=sys.stderr)
            waiting = None
            job = self.job(job_id)
            with _Bar(job[total], total, self._progress) as bar:
                while job["finishedMs"] is None:
                    bar.at(job[done])
                    waits = job["waitingFor"]
                    # What follows changes with each row that the coordinator checks: it is said once.
                    if waits is not None and waits.startswith(_WAITS_FOR_CHECKS):
                        waits = _WAITS_FOR_CHECKS
                    if waits not in (None, waiting):
                        waiting = waits
                        any_helps = job.get("lacksTabs") == "any"
                        advice = f"; open {self.url} in a browser and press Start to lend one" if any_helps else ""
                        bar.say(f"paritab: {waiting}{advice}")
                    time.sleep(_WATCH_S)
                    job = self.job(job_id)
                bar.at(job[done])
            ended = True
            if job["state"] != "done" or job.get("endKind") == "diverged":
                raise JobEnded(job)
            return job
        finally:
            if not ended and not keep:
                self._cancel_in_passing(job_id)

    def _cancel_in_passing(self, job_id: str) -> None:
        """It may come too late, or reach nobody: the reason for leaving is what the caller hears of."""
        try:
            self._open("DELETE", f"/api/jobs/{job_id}", None, {}, timeout=2.0).close()
        except ParitabError:
            pass

    # --- this computer alone, beside the crowd ------------------------------------------------------------------------

    def _say_comparison(self, estimated: Callable[[], Dict[str, Any]]) -> None:
        """What is wrong with a job is not said here: its submission says it."""
        try:
            comparison = estimated()["comparison"]
        except ParitabError:
            return
        if comparison is not None:
            print(f"paritab: {comparison['words']}", file=sys.stderr)

    def _estimated(
        self, uploaded: Dict[str, Any], files: Mapping[str, bytes], queries: Any, settings: Dict[str, Any]
    ) -> Dict[str, Any]:
        arrays = list(queries.values()) if isinstance(queries, Mapping) else [queries]
        count, sha256 = len(arrays[0]), uploaded["modelSha256"]
        if "macsPerQuery" in uploaded:
            outputs = uploaded["outputs"]
            chosen = next((one for i, one in enumerate(outputs) if settings.get("output") in (one["name"], i)), outputs[0])
            is_bytes = all(np.asarray(array).dtype == np.uint8 for array in arrays)
            source: Dict[str, Any] = {
                "kind": "sizes",
                "queryCount": count,
                "macsPerQuery": chosen["macsPerQuery"],
                "modelBytes": uploaded["weightBytes"],
                "inputSize": int(np.prod(uploaded["inputShape"])),
                "outputSize": chosen["size"],
                "queryDtype": "U8" if is_bytes else "F32",
            }
        else:
            source = {"kind": "uploads", "modelSha256": sha256, "queriesSha256": self._queries(queries)}
        if sha256 not in self._row_s:
            self._row_s[sha256] = _row_seconds(files, uploaded) if self._trial else "trial=False"
        rows = self._row_s[sha256]
        costing = {name: value for name, value in settings.items() if name != "output"}
        how = f"this computer, onnxruntime on {os.cpu_count() or 1} cores"
        alone: Any = rows if isinstance(rows, str) else _alone(count * rows[0], count * rows[1], how)
        return self._estimate("inference", source, {**costing, "alone": alone})

    def _of_products(self, kind: str, source: Dict[str, Any], settings: Dict[str, Any]) -> Dict[str, Any]:
        """An estimate of a run on coded data, with what numpy would take of it."""
        count = max(1, self._estimate(kind, source, settings)["multiplicationsAlone"])
        quick, slow = _product_seconds()
        how = f"this computer, numpy {np.__version__}"
        return self._estimate(kind, source, {**settings, "alone": _alone(count * quick, count * slow, how)})

    def _estimate(self, kind: str, source: Dict[str, Any], settings: Dict[str, Any]) -> Dict[str, Any]:
        headers = {"content-type": "application/json"}
        return self._ask_later("/api/estimates", _posted(kind, source, settings), headers)

    # --- uploads and submissions --------------------------------------------------------------------------------------

    def _submit(self, kind: str, source: Dict[str, Any], settings: Dict[str, Any]) -> Dict[str, Any]:
        # Sent again with the same key, it is the same job.
        headers = {"content-type": "application/json", "idempotency-key": secrets.token_hex(16)}
        return self._ask_later("/api/jobs", _posted(kind, source, settings), headers)

    def _tensor(self, numbers: Any) -> str:
        headers = {"content-type": "application/octet-stream"}
        return json.loads(self._ask("POST", "/api/tensors", _npy(numbers), headers))["tensorSha256"]

    def _queries(self, queries: Any) -> Union[str, Dict[str, str]]:
        if isinstance(queries, Mapping):
            return {name: self._tensor(numbers) for name, numbers in queries.items()}
        return self._tensor(queries)

    def _model(
        self, model: Model, sizes: Optional[Mapping[str, int]] = None, values: Optional[Mapping[str, Any]] = None
    ) -> Tuple[Dict[str, Any], Mapping[str, bytes]]:
        """What the coordinator says of the model, and its files; of a hash its hash alone, and none."""
        if isinstance(model, str) and len(model) == 64 and all(letter in "0123456789abcdef" for letter in model):
            return {"modelSha256": model}, {}
        files = _model_files(model)
        if sizes:
            files["input-sizes.json"] = json.dumps(dict(sizes)).encode()
        if values:
            files["input-values.json"] = json.dumps(dict(values)).encode()
        return self._ask_later("/api/models", *_multipart(files)), files

    # --- HTTP ---------------------------------------------------------------------------------------------------------

    def _json(self, method: str, path: str) -> Any:
        return json.loads(self._ask(method, path))

    def _ask(
        self,
        method: str,
        path: str,
        body: Optional[bytes] = None,
        headers: Optional[Dict[str, str]] = None,
        timeout: float = _TIMEOUT_S,
    ) -> bytes:
        """Asks until there is an answer. Only for what may be asked twice: every request of this client may."""
        patience = _Patience(self)
        while True:
            try:
                with self._open(method, path, body, headers or {}, timeout) as response:
                    try:
                        return response.read()
                    except _LOST as error:
                        raise self._lost(f": {error}") from error
            except ParitabError as error:
                patience.wait(error)

    def _ask_later(self, path: str, body: bytes, headers: Dict[str, str]) -> Any:
        """A POST that the coordinator may take minutes for, to look a large model through: no connection stays silent for as long."""
        patience = _Patience(self)
        while True:
            told = json.loads(self._ask("POST", path, body, {**headers, "prefer": "respond-async"}))
            try:
                while told.keys() == {"later"}:
                    there = self._json("GET", f"/api/later-answers/{told['later']}")
                    if "status" in there and there["status"] >= 400:
                        raise _refusal(there["answer"], there["status"], path)
                    told = there["answer"] if "status" in there else there
                return told
            except ParitabError as error:
                # The coordinator was started anew, and knows nothing of it: what was sent may be sent again.
                patience.wait(ParitabError(0, error.code, str(error)) if error.code == "unknown-answer" else error)

    def _lost(self, why: str = "") -> ParitabError:
        return ParitabError(0, "unreachable", f"the connection to {self.url} was lost{why}")

    def _open(
        self, method: str, path: str, body: Optional[bytes], headers: Dict[str, str], timeout: float = _TIMEOUT_S
    ) -> Any:
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=headers)
        if self._token:
            request.add_header("authorization", f"Bearer {self._token}")
        try:
            return urllib.request.urlopen(request, timeout=timeout)
        except urllib.error.HTTPError as error:
            raise _api_error(error, path) from None
        except _LOST as error:
            reason = getattr(error, "reason", error)
            raise ParitabError(0, "unreachable", f"the coordinator at {self.url} cannot be reached: {reason}") from None


class _Patience:
    """Waits between two tries, longer each time, and gives up after LOST_S_MAX."""

    def __init__(self, client: Client):
        self._client = client
        self.reset()

    def reset(self) -> None:
        self._waited_s, self._next_s, self._said_s = 0.0, _RETRY_S[0], float("-inf")

    def wait(self, error: ParitabError) -> None:
        if error.status not in _PASSING or self._waited_s >= LOST_S_MAX:
            raise error
        if self._waited_s - self._said_s >= _NOTICE_S:
            self._said_s = self._waited_s
            self._client._on_waiting(str(error), LOST_S_MAX - self._waited_s)
        time.sleep(self._next_s)
        self._waited_s += self._next_s
        self._next_s = min(2 * self._next_s, _RETRY_S[1])


class _Bar:
    """Progress with tqdm, where that is installed and standard error is a terminal."""

    def __init__(self, total: int, unit: str, wanted: bool):
        self._bar: Any = None
        if wanted and sys.stderr.isatty():
            try:
                from tqdm import tqdm  # type: ignore[import-untyped]

                self._bar = tqdm(total=total, unit=f" {unit}", file=sys.stderr)
            except ImportError:
                pass

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_: Any) -> None:
        if self._bar is not None:
            self._bar.close()

    def at(self, done: int) -> None:
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def say(self, line: str) -> None:
        if self._bar is None:
            print(line, file=sys.stderr)
        else:
            self._bar.write(line, file=sys.stderr)


def read_csv(
    path: Union[str, "os.PathLike[str]"], label: Union[str, int], *, fill: Optional[str] = None
) -> Tuple[np.ndarray, np.ndarray]:
    """A table as features and labels. What was made of words and of empty cells is said on standard error.

    :param label: the label's column, by its name in the header or its place from 0; words there become classes: no and false 0, yes and
        true 1, other words counted from 0 by the alphabet
    :param fill: "mean": empty cells of features get their column's mean; else they are refused, and counted
    :returns: rows x columns float64, and one number a row
    :raises ValueError: names line and column of what is no number
    """
    if fill not in (None, "mean"):
        raise ValueError(f'fill: expected "mean" or None, got {fill!r}')
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    if not rows:
        raise ValueError(f"{path}: expected rows of numbers, got none")
    header = rows[0] if any(not _is_number(cell) for cell in rows[0]) and all(cell.strip() for cell in rows[0]) else None
    if isinstance(label, str):
        if header is None or label not in header:
            raise ValueError(f'{path}: expected a column "{label}" in the header, got {header}')
        place = header.index(label)
    else:
        place = label
    body = rows[1:] if header else rows
    first, gaps = 2 if header else 1, []
    are_words = bool(body) and all(not _is_number(row[place]) for row in body if len(row) == len(rows[0]))
    for number, row in enumerate(body, start=first):
        if len(row) != len(rows[0]):
            raise ValueError(f"{path}: expected {len(rows[0])} cells as in the first line, got {len(row)} in row {number}")
        for column, cell in enumerate(row):
            if column != place and cell.strip().lower() in _NOTHING:
                gaps.append((number, column))
            elif not _is_number(cell) and not (column == place and are_words and cell.strip().lower() not in _NOTHING):
                raise ValueError(f'{path}: expected a number in row {number}, column {column}, got "{cell}"')
    if gaps and fill is None:
        row, column = gaps[0]
        raise ValueError(f'{path}: {len(gaps)} empty cells, the first in row {row}, column {column}; fill them in, or say fill="mean"')
    labels = _classes([row[place].strip() for row in body]) if are_words else np.array([float(row[place]) for row in body])
    others = [[cell for column, cell in enumerate(row) if column != place] for row in body]
    table = np.array([[float("nan") if cell.strip().lower() in _NOTHING else float(cell) for cell in row] for row in others])
    if gaps:
        known = np.isfinite(table)
        means = np.where(known, table, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        table = np.where(known, table, means)
        print(f"paritab: {len(gaps)} empty cells are filled with the mean of their column", file=sys.stderr)
    return table, labels


#: Of a column of words; the coordinator takes no more.
_LEVELS_MAX = 100
#: What programs write where nothing is known.
_NOTHING = ("", "na", "n/a", "nan", "null", "none", "?")
_KNOWN_WORDS = (("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"))


def _classes(words: List[str]) -> np.ndarray:
    known = next((pair for pair in _KNOWN_WORDS if all(word.lower() in pair for word in words)), None)
    names = list(known) if known else sorted(set(words))
    told = ", ".join(f"{name} is {place}" for place, name in enumerate(names[:10]))
    print(f"paritab: labels: {told}{', ...' if len(names) > 10 else ''}", file=sys.stderr)
    return np.array([names.index(word.lower() if known else word) for word in words])


def verify(receipt: Union[str, "os.PathLike[str]"], *, command: str = "paritab") -> Verified:
    """Checks a signed receipt and the files beside it (``paritab receipt JOB --out DIR``), offline.

    The ``paritab`` command does it, where this machine has it. Else ``cryptography`` does, where that is installed: signatures, the chain of
    keys and statements, and the hashes of the files; not the draws, nor the volunteers' own signatures.

    :raises FileNotFoundError: this machine has neither
    """
    if shutil.which(command) is not None:
        told = json.loads(_paritab(command, ["verify", os.fspath(receipt), "--json"], ends=(0, 8, 9)))
        findings = told["findings"]
        return Verified(all(one["state"] != "broken" for one in findings), told["paragraph"], findings)
    try:
        return _verify_here(Path(receipt))
    except ImportError:
        how = '"npm link" in the repository puts it there, and "pip install cryptography" is enough for signatures and hashes'
        raise FileNotFoundError(f"{command}: expected the paritab command on this machine; {how}") from None


#: As the receipt's form has it: a name leads nowhere but into the folder.
_FILE_NAME = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*"
#: The file that a job of a kind came to.
_RESULTS = {"inference": "answers.npy", "regression": "weights.npy", "matmul": "product.npy"}
_DECODER = json.JSONDecoder()


def _verify_here(path: Path) -> Verified:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    findings: List[Dict[str, str]] = []

    def found(check: str, state: str, text: str) -> None:
        findings.append({"check": check, "state": state, "text": text})

    def is_signed(public_key: str, signature: str, text: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key)).verify(base64.b64decode(signature), text.encode())
            return True
        except (InvalidSignature, ValueError):
            return False

    # In its canonical form what was signed stands in the file, letter by letter.
    text = path.read_text(encoding="utf-8").rstrip("\n")
    whole = json.loads(text)
    if "parts" in whole:
        raise NotImplementedError("the receipt of a job in parts is checked by the paritab command: npm link in the repository puts it there")
    raw = _fields(text)
    public_keys: Dict[str, str] = {}
    for key in whole["keys"]:
        signer = key["publicKey"] if key["before"] is None else public_keys.get(key["before"], "")
        named = json.dumps({name: key[name] for name in ("before", "fromMs", "publicKey")}, separators=(",", ":"))
        state = "holds" if is_signed(signer, key["signature"], f"paritab-receipt-key-1\n{named}") else "broken"
        public_keys[hashlib.sha256(base64.b64decode(key["publicKey"])).hexdigest()[:32]] = key["publicKey"]
        found("keys", state, f"the key from {key['fromMs']} is vouched for" if state == "holds" else "a key is not vouched for")
    before = "0" * 64
    for seq, statement in enumerate(_items(raw["statements"])):
        fields = _fields(statement)
        body = json.loads(fields["body"])
        signer = public_keys.get(body["keyId"], "")
        is_right = is_signed(signer, json.loads(fields["signature"]), f"paritab-receipt-1\n{fields['body']}")
        is_next = body["seq"] == seq and body["before"] == before
        found("signatures", "holds" if is_right and is_next else "broken", f"statement {seq} is signed, and follows the one before it")
        before = hashlib.sha256(statement.encode()).hexdigest()
    ended = whole["statements"][0]["body"]
    named_files = {one["name"]: one["sha256"] for one in ended["files"]}
    if "answers" in ended["receipt"].get("hashes", {}):
        named_files["answers.npy"] = ended["receipt"]["hashes"]["answers"]
    for name, sha256 in named_files.items():
        beside = path.parent / name
        if not beside.is_file():
            found("files", "open", f"{name} is not beside the receipt")
        else:
            state = "holds" if hashlib.sha256(beside.read_bytes()).hexdigest() == sha256 else "broken"
            found("files", state, f"{name} is the file that was signed" if state == "holds" else f"{name} is another file")
    found("draws", "open", "draws and volunteers' signatures were not looked at: the paritab command does")
    holds = all(one["state"] != "broken" for one in findings)
    said = "Nothing of it is broken" if holds else "It does not hold"
    signer_id = ended["keyId"]
    paragraph = f"Job {ended['jobId']}, signed by the coordinator's key {signer_id}. {said}. " + "; ".join(
        one["text"] for one in findings if one["state"] != "holds"
    )
    return Verified(holds, paragraph + ".", findings)


def _items(raw: str) -> List[str]:
    """The text of each item of an array in canonical form."""
    at, items = 1, []  # type: int, List[str]
    while raw[at] != "]":
        _, end = _DECODER.raw_decode(raw, at)
        items.append(raw[at:end])
        at = end + (raw[end] == ",")
    return items


def _fields(raw: str) -> Dict[str, str]:
    """The text of each value of an object in canonical form, by its name."""
    at, fields = 1, {}  # type: int, Dict[str, str]
    while raw[at] != "}":
        name, colon = _DECODER.raw_decode(raw, at)
        _, end = _DECODER.raw_decode(raw, colon + 1)
        fields[name] = raw[colon + 1 : end]
        at = end + (raw[end] == ",")
    return fields


def _paritab(command: str, arguments: List[str], ends: Tuple[int, ...]) -> str:
    ended = subprocess.run([shutil.which(command) or command, *arguments], capture_output=True, text=True, check=False)
    if ended.returncode not in ends or ended.stdout == "":
        raise RuntimeError(f"paritab {arguments[0]}: {ended.stderr.strip() or f'ended with {ended.returncode}'}")
    return ended.stdout


def _is_number(cell: str) -> bool:
    try:
        float(cell)
        return True
    except ValueError:
        return False


_NAMES_SHOWN = 10


def _table_values(model: Mapping[str, Any], features: Any) -> np.ndarray:
    """Rows as the coordinator takes them: rows x columns float64, words as places, gaps as _GAP."""
    trained = model["columns"]
    names, cells = _cells(features)
    expected = [column["name"] for column in trained]
    if names is not None and None not in expected:
        missing = [name for name in expected if name not in names]
        twice = [name for name in expected if names.count(name) > 1]
        if missing or twice:
            told = [f"{what} {some[:_NAMES_SHOWN]}" for what, some in (("lacking", missing), ("more than once", twice)) if some]
            raise ValueError(f"expected the columns of the training: {', '.join(told)}")
        places = [names.index(name) for name in expected]
    else:
        places = list(range(len(trained)))
        if len(cells) != len(trained):
            raise ValueError(f"expected {len(trained)} columns, as it was trained with, got {len(cells)}")
    return np.stack([_column_values(column, place, cells[at]) for place, (column, at) in enumerate(zip(trained, places))], axis=1)


def _column_values(column: Mapping[str, Any], place: int, cells: Any) -> np.ndarray:
    if column["kind"] == "number" and getattr(cells, "dtype", np.dtype(object)).kind in "fiub":
        numbers = np.asarray(cells, dtype=np.float64)
        return np.where(np.isnan(numbers), _GAP, numbers)
    places = {level: float(at) for at, level in enumerate(column.get("levels", []))}
    values = np.empty(len(cells))
    for row, cell in enumerate(cells):
        text = "" if cell is None else str(cell).strip()
        if column["kind"] == "category":
            # A word that the training did not know is none of its words, as an empty cell is.
            values[row] = places.get(str(cell), places.get(text, _GAP))
        elif text.lower() in _NOTHING:
            values[row] = _GAP
        else:
            try:
                values[row] = float(text)
            except ValueError:
                named = place if column["name"] is None else f'"{column["name"]}"'
                raise ValueError(f'column {named}, row {row}: expected a number, got "{text[:40]}"') from None
    return values


def _cells(features: Any) -> Tuple[Optional[List[str]], List[Any]]:
    """Names, where there are any, and the cells of each column."""
    if isinstance(features, (str, os.PathLike)):
        with open(features, newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
        has_header = bool(rows) and all(cell.strip() for cell in rows[0]) and any(not _is_number(cell) for cell in rows[0])
        names, body = ([cell.strip() for cell in rows[0]] if has_header else None), rows[1:] if has_header else rows
        for number, row in enumerate(body, start=2 if has_header else 1):
            if len(row) != len(rows[0]):
                raise ValueError(f"{features}: expected {len(rows[0])} cells as in the first line, got {len(row)} in row {number}")
        return names, [list(column) for column in zip(*body)]
    if isinstance(features, Mapping):
        return [str(name) for name in features], [column if _is_text(column) else np.asarray(column) for column in features.values()]
    table = np.asarray(features)
    if table.ndim != 2:
        raise ValueError(f"expected rows x columns, got an array of shape {table.shape}")
    return _column_names(features), list(table.T)


def _is_text(column: Any) -> bool:
    """Cells of a file, which may be numbers or words."""
    return isinstance(column, list) and all(isinstance(cell, str) for cell in column)


def _to_sklearn(model: Mapping[str, Any]) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder

    columns, scale = model["columns"], model["inputScale"]
    numbers = [at for at, column in enumerate(columns) if column["kind"] == "number"]
    words = [at for at, column in enumerate(columns) if column["kind"] == "category" and column["levels"]]
    steps: List[Tuple[str, Any, List[int]]] = []
    if numbers:
        steps.append(("numbers", SimpleImputer(strategy="mean"), numbers))
    if words:
        encoder = OneHotEncoder(categories=[columns[at]["levels"] for at in words], handle_unknown="ignore")
        steps.append(("words", encoder, words))
    # Fitted on one row of the right kinds; what it learned stands in the model. Its gaps are filled with what was the mean.
    first = [column["fill"] / scale if column["kind"] == "number" else (column["levels"] or [""])[0] for column in columns]
    prepare = ColumnTransformer(steps, sparse_threshold=0).fit(np.array([first], dtype=object if words else np.float64))
    weights = [np.array(columns[at]["weights"])[None, :] * scale for at in numbers]
    weights += [np.array(columns[at]["weights"]) for at in words]
    by_output, intercept = np.concatenate(weights).T, np.array(model["intercept"], dtype=np.float64)
    if model["labels"] is None:
        last: Any = LinearRegression() if model["l2"] == 0 else Ridge(alpha=model["l2"] * model["rows"])
        last.coef_, last.intercept_ = by_output[0], float(intercept[0])
    else:
        if len(intercept) == 2:
            # Of two classes only the difference counts.
            by_output, intercept = by_output[1:] - by_output[:1], intercept[1:] - intercept[:1]
        last = LogisticRegression(C=1 / (model["l2"] * model["rows"]) if model["l2"] else 1e12)
        last.coef_, last.intercept_, last.classes_ = by_output, intercept, np.array(model["labels"])
        last.n_iter_ = np.array([model["weightsOf"]])
    last.n_features_in_ = by_output.shape[1]
    names = [column["name"] for column in columns]
    if None not in names:
        # A frame in another order is refused by scikit-learn itself.
        prepare.feature_names_in_ = np.array(names, dtype=object)
    return Pipeline([("prepare", prepare), (model["model"], last)])


def _column_names(features: Any) -> Optional[List[str]]:
    """Of a pandas.DataFrame, or of what has columns as one; None: they have none."""
    columns = getattr(features, "columns", None)
    return None if columns is None else [str(name) for name in columns]


#: Stands for an empty cell: uploads are finite numbers.
_GAP = -float(np.finfo(np.float64).max)


def _labelled(features: Any, label: str) -> Tuple[Dict[str, Any], Any]:
    """The columns of a table without that of the labels, and the labels."""
    names, cells = _cells(features)
    if names is None or names.count(label) != 1:
        raise ValueError(f'label: expected the name of one column, got "{label}"; the columns are {names}')
    if len(set(names)) < len(names):
        raise ValueError(f"expected a name of its own for each column, got {names}")
    columns = dict(zip(names, cells))
    labels = columns.pop(label)
    if isinstance(labels, list) and all(_is_number(cell) for cell in labels):
        labels = [float(cell) for cell in labels]
    gaps = [row for row, cell in enumerate(labels) if isinstance(cell, str) and cell.strip().lower() in _NOTHING]
    if gaps:
        raise ValueError(f'column "{label}": expected a label in each row, got none in row {gaps[0]}, and in {len(gaps)} in all')
    return columns, labels


def _as_numbers(cells: Any) -> Optional[np.ndarray]:
    """None: they are words. Cells of a file are text, whatever they say."""
    if getattr(cells, "dtype", np.dtype(object)).kind in "fiub":
        return np.asarray(cells, dtype=np.float64)
    if not _is_text(cells) or not all(cell.strip().lower() in _NOTHING or _is_number(cell) for cell in cells):
        return None
    return np.array([float("nan") if cell.strip().lower() in _NOTHING else float(cell) for cell in cells])


def _frame(features: Any) -> Tuple[Any, Dict[str, Any]]:
    """Features as an array of finite numbers, and what a submission says of it."""
    if isinstance(features, (str, os.PathLike, Mapping)):
        names, table = _cells(features)
    else:
        names = _column_names(features)
        table = [features[name] for name in features.columns] if names is not None and hasattr(features, "dtypes") else None
    said: Dict[str, Any] = {} if names is None else {"columnNames": names}
    if table is not None:
        columns, categories = [], []
        for place, cells in enumerate(table):
            numbers = _as_numbers(cells)
            if numbers is not None:
                columns.append(numbers)
                continue
            name = place if names is None else names[place]
            known = [None if cell is None or cell != cell or str(cell).strip().lower() in _NOTHING else str(cell) for cell in cells]
            levels = sorted({cell for cell in known if cell is not None})
            if len(levels) > _LEVELS_MAX:
                raise ValueError(f"column {name!r}: expected at most {_LEVELS_MAX} different words, got {len(levels)}; leave it out")
            places = {level: float(at) for at, level in enumerate(levels)}
            columns.append(np.array([float("nan") if cell is None else places[cell] for cell in known]))
            if levels:
                categories.append({"column": place, "levels": levels})
        features = np.column_stack(columns)
        if categories:
            said["categories"] = categories
    table = np.asarray(features)
    if table.dtype.kind == "f" and np.isnan(table).any():
        table = np.where(np.isnan(table), _GAP, table.astype(np.float64))
        said["gap"] = _GAP
    return table, said


def _labels(labels: Any) -> Tuple[Any, Optional[List[str]]]:
    """Numbers as they are; words as their places in the order of the alphabet, and the words."""
    array = np.asarray(labels)
    if array.dtype.kind in "fiub":
        return array, None
    words = sorted({str(label) for label in array})
    return np.array([words.index(str(label)) for label in array], dtype=np.int32), words


def _npy(numbers: Any) -> bytes:
    array = np.asarray(numbers)
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    elif array.dtype.kind in "iu" and array.dtype.name not in ("uint8", "uint16", "uint32", "int32", "int64"):
        array = array.astype(np.int64)
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise TypeError(f"expected an array of numbers, got dtype {array.dtype}")
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _array(npy: bytes) -> np.ndarray:
    return np.load(io.BytesIO(npy), allow_pickle=False)


def _answer(view: Dict[str, Any]) -> Answer:
    outputs = np.array(view["outputs"], dtype=np.float32)
    taken = {name: view[name] for name in ("index", "label", "mark", "final", "bound", "confidence")}
    return Answer(outputs=outputs, taken_back=view.get("takenBack"), **taken)


def _posted(kind: str, source: Dict[str, Any], settings: Dict[str, Any]) -> bytes:
    named = {_camel(name): value for name, value in settings.items() if value is not None}
    return json.dumps({"kind": kind, "source": source, **named}).encode()


def _alone(quick_s: float, slow_s: float, how: str) -> Dict[str, Any]:
    return {"lowMs": 1000 * quick_s, "highMs": 1000 * slow_s, "how": how}


def _range_of(run: Callable[[], Any], seconds: float) -> Tuple[float, float]:
    """Runs for so long. One run in ten took less than the first, one in ten longer than the second."""
    run()
    times: List[float] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(max(time.perf_counter() - start, 1e-9))
    return float(np.quantile(times, 0.1)), float(np.quantile(times, 0.9))


def _product_seconds() -> Tuple[float, float]:
    """Of one multiply-add of a product of matrices that are in memory."""
    left, right = np.full((1024, 1024), 0.5), np.full((1024, 64), 0.25)
    quick, slow = _range_of(lambda: left @ right, 0.2)
    return quick / (1024 * 1024 * 64), slow / (1024 * 1024 * 64)


def _row_seconds(files: Mapping[str, bytes], uploaded: Dict[str, Any]) -> Union[Tuple[float, float], str]:
    """Of a row on this computer, or why that is not known. Rows of zeros: what a row holds changes nothing of the time."""
    if not files:
        return "only the hash of the model is known here"
    name, data = next(((name, data) for name, data in files.items() if name.endswith(".onnx")), (None, None))
    if data is None or len(files) > 1:
        return "no .onnx file alone"
    try:
        import onnxruntime  # type: ignore[import-not-found, import-untyped]
    except ImportError:
        return "pip install onnxruntime, and it is"
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        shapes = {one["name"]: one["shape"] for one in uploaded["inputs"]}
        rows = {
            one.name: np.zeros((_ROWS_AT_ONCE, *shapes[one.name]), dtype=_ONNX_DTYPES.get(one.type, np.float32))
            for one in session.get_inputs()
        }
        quick, slow = _range_of(lambda: session.run(None, rows), 1.0)
    except Exception as error:  # whatever onnxruntime raises: of classes of its own
        return f"{name} does not run here"[:200] if not str(error) else f"{name}: {error}"[:200]
    return quick / _ROWS_AT_ONCE, slow / _ROWS_AT_ONCE


#: Rows that go through at once here, as in small batches of tabs.
_ROWS_AT_ONCE = 8
_ONNX_DTYPES = {
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(bool)": np.bool_,
}


def _model_files(model: Model) -> Dict[str, bytes]:
    if isinstance(model, Mapping):
        return dict(model)
    path = Path(model)
    if path.is_file():
        return {path.name: path.read_bytes()}
    manifest = path / "model.json"
    if not manifest.is_file():
        raise FileNotFoundError(f"{path}: expected an .onnx file, or a folder with model.json and its weights")
    groups = json.loads(manifest.read_text(encoding="utf-8")).get("weightsManifest", [])
    names = [name for group in groups for name in group["paths"]]
    return {"model.json": manifest.read_bytes(), **{name: (path / name).read_bytes() for name in names}}


def _hub_files(folder: Path) -> Dict[str, bytes]:
    """The model, its weights beside it, and what says how texts go in and vectors come out."""
    model = next((path for path in (folder / "model.onnx", folder / "onnx" / "model.onnx") if path.is_file()), None)
    if model is None:
        raise FileNotFoundError(f"{folder}: expected model.onnx or onnx/model.onnx; \"optimum-cli export onnx\" makes one")
    weights = [path for path in model.parent.iterdir() if path.name.startswith("model.onnx") and path.is_file()]
    said = [*folder.glob("*.json"), *folder.glob("*/config.json")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in [*weights, *said]}


def _multipart(files: Mapping[str, bytes]) -> Tuple[bytes, Dict[str, str]]:
    """A form with these files, and its header."""
    boundary = secrets.token_hex(16)
    parts: List[bytes] = []
    for name, data in files.items():
        head = f'--{boundary}\r\ncontent-disposition: form-data; name="files"; filename="{name}"\r\n'
        parts += [f"{head}content-type: application/octet-stream\r\n\r\n".encode(), data, b"\r\n"]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, {"content-type": f"multipart/form-data; boundary={boundary}"}


def _api_error(error: urllib.error.HTTPError, path: str) -> ParitabError:
    try:
        return _refusal(json.loads(error.read()), error.code, path)
    except (ValueError, OSError):
        return _refusal(None, error.code, path)


def _refusal(body: Any, status: int, path: str) -> ParitabError:
    try:
        return ParitabError(status, body["error"]["code"], body["error"]["message"])
    except (KeyError, TypeError):
        return ParitabError(status, "bad-answer", f"{path}: got status {status} without a reason")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _say_waiting(reason: str, left_s: float) -> None:
    print(f"paritab: {reason}; asking again, for {round(left_s)} s more at most", file=sys.stderr)


def _say_taken_back(notice: Dict[str, Any]) -> None:
    indices = notice["indices"]
    shown = ", ".join(str(index) for index in indices[:5]) + (f" and {len(indices) - 5} more" if len(indices) > 5 else "")
    print(f"paritab: job {notice['jobId']}: answers {shown}, final until now, taken back: {notice['reason']}", file=sys.stderr)
