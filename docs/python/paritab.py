"""Submit work to a Paritab coordinator from Python. The standard library and numpy are all it needs.

    import paritab

    client = paritab.Client("http://localhost:8787")
    for answer in client.infer("model.onnx", queries):
        print(answer.index, answer.label, answer.mark)

    trained = client.train(X, y, model="linear", iterations=100)
    product = client.matmul(A, B)
    vectors = client.embed("all-MiniLM-L6-v2/", ["a cat", "a dog"])
    print(client.verify(trained.job["jobId"]).paragraph)

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

    #: columns x classes, float64; one column but for softmax
    weights: np.ndarray
    #: The job as it ended: loss, validationAccuracy, notes and more.
    job: Dict[str, Any]
    client: "Client"

    def predict(self, features: Any) -> np.ndarray:
        """Labels (of a linear model: numbers) for new rows; the coordinator computes them, no tab sees the rows.

        :param features: rows x columns; of a pandas.DataFrame, columns are put in the order of the training by their names
        :raises ValueError: names the columns that do not fit
        """
        body = _npy(self._in_order(features))
        headers = {"content-type": "application/octet-stream", "accept": "application/octet-stream"}
        return _array(self.client._ask("POST", f"/api/jobs/{self.job['jobId']}/predictions", body, headers))


    def _in_order(self, features: Any) -> Any:
        names = _column_names(features)
        trained = names and self.client._json("GET", f"/api/jobs/{self.job['jobId']}/columns.json")["columnNames"]
        if not trained or names == trained:
            return features
        missing, surplus = [one for one in trained if one not in names], [one for one in names if one not in trained]
        if missing or surplus or len(set(names)) < len(names):
            raise ValueError(f"expected the columns of the training, each once: lacking {missing}, not trained on {surplus}")
        return np.asarray(features)[:, [names.index(name) for name in trained]]


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
    ):
        self.url = (url or os.environ.get("PARITAB_URL") or "http://localhost:8787").rstrip("/")
        self._token = token or os.environ.get("PARITAB_TOKEN")
        self._progress = progress
        self._on_waiting = on_waiting or _say_waiting
        self._on_taken_back = on_taken_back or _say_taken_back
        self._on_answer_again = on_answer_again or (lambda answer: None)

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
        source: Dict[str, Any] = {"kind": "uploads", "modelSha256": self._model(model, sizes, values), "queriesSha256": self._queries(queries)}
        if labels is not None:
            source["labelsSha256"] = self._tensor(labels)
        if names is not None:
            kept = {"kind": "rows", "seal": secrets.token_hex(16), "names": [str(name) for name in names]}
            headers = {"content-type": "application/json"}
            source.update(json.loads(self._ask("POST", "/api/names", json.dumps(kept).encode(), headers)))
        source["inputScale"] = input_scale
        job_id = self._submit("inference", source, settings)["jobId"]
        yield from self._following(job_id, accept, keep)

    def train(
        self,
        features: Any,
        labels: Any,
        *,
        model: str = "logistic",
        input_scale: float = 1,
        keep: bool = False,
        **settings: Any,
    ) -> Trained:
        """A "linear", "logistic" or "softmax" regression by gradient descent on data that is coded over the tabs.

        :param features: rows x columns; a pandas.DataFrame gives its columns' names along, for ``predict``
        :param labels: one number a row
        """
        source = {
            "kind": "uploads",
            "featuresSha256": self._tensor(features),
            "labelsSha256": self._tensor(labels),
            "inputScale": input_scale,
        }
        names = _column_names(features)
        if names is not None:
            source["columnNames"] = names
        job = self._run("regression", source, {"model": model, **settings}, keep, "iterations", "iteration")
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

    # --- uploads and submissions --------------------------------------------------------------------------------------

    def _submit(self, kind: str, source: Dict[str, Any], settings: Dict[str, Any]) -> Dict[str, Any]:
        named = {_camel(name): value for name, value in settings.items() if value is not None}
        body = json.dumps({"kind": kind, "source": source, **named}).encode()
        # Sent again with the same key, it is the same job.
        headers = {"content-type": "application/json", "idempotency-key": secrets.token_hex(16)}
        return self._ask_later("/api/jobs", body, headers)

    def _tensor(self, numbers: Any) -> str:
        headers = {"content-type": "application/octet-stream"}
        return json.loads(self._ask("POST", "/api/tensors", _npy(numbers), headers))["tensorSha256"]

    def _queries(self, queries: Any) -> Union[str, Dict[str, str]]:
        if isinstance(queries, Mapping):
            return {name: self._tensor(numbers) for name, numbers in queries.items()}
        return self._tensor(queries)

    def _model(
        self, model: Model, sizes: Optional[Mapping[str, int]] = None, values: Optional[Mapping[str, Any]] = None
    ) -> str:
        if isinstance(model, str) and len(model) == 64 and all(letter in "0123456789abcdef" for letter in model):
            return model
        files = _model_files(model)
        if sizes:
            files["input-sizes.json"] = json.dumps(dict(sizes)).encode()
        if values:
            files["input-values.json"] = json.dumps(dict(values)).encode()
        return self._ask_later("/api/models", *_multipart(files))["modelSha256"]

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


def _column_names(features: Any) -> Optional[List[str]]:
    """Of a pandas.DataFrame, or of what has columns as one; None: they have none."""
    columns = getattr(features, "columns", None)
    return None if columns is None else [str(name) for name in columns]


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
