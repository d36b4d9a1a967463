/** What the dashboard says about inference jobs. Sentences for people, as in client/ui/texts.ts. */

import type { AnswerMark } from "../../../shared/kinds/inference/answers.ts";
import type { NotComputed } from "../../../shared/kinds/inference/not-computed.ts";
import { QUERIES_PER_JOB_MAX, TENSOR_BYTES_MAX, TENSOR_FILE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { plural } from "../../ui/plural.ts";
import { count, duration } from "../../ui/units.ts";

export const marks: Record<AnswerMark, { name: string; means: string }> = {
  exact: { name: "exact", means: "checked, or computed by the coordinator itself" },
  audited: {
    name: "audited",
    means: "passed checks that its volunteer could not foresee; within the job’s bound once it is final",
  },
  estimated: { name: "estimated", means: "decoded from other results, with a measured confidence" },
  unchecked: { name: "unchecked", means: "a volunteer’s answer that nobody has checked" },
  "non-finite": {
    name: "non-finite",
    means: "the model gives no numbers for this query: it overflows, or cannot be computed",
  },
  missing: { name: "missing", means: "not answered yet" },
};

export const inferenceTexts = {
  sample: {
    title: "Try it",
    text: "400 handwritten digits, a small trained model, and everything else at its default.",
    button: "Run the MNIST sample",
  },
  form: {
    title: "Submit a job",
    source: {
      legend: "Data",
      sample: "Built-in MNIST sample",
      sampleHint: "A small trained model and up to 10,000 test digits with labels.",
      uploads: "My own model and queries",
      queryCount: "Number of digits",
      queryStart: "First digit",
      model: "Model",
      modelHint: (anyModel: string) => `${anyModel[0]!.toUpperCase()}${anyModel.slice(1)}; all files chosen together.`,
      queries: "Queries (.npy, .csv, .parquet, .png)",
      queriesHint:
        "A table with one query a row (.csv, .parquet, or .npy of shape (queries, …input shape), float32 or uint8); PNG pictures " +
        "of one size, chosen together; or of a model with several inputs a .npz with an array for each. Read on this computer. " +
        `At most ${count(QUERIES_PER_JOB_MAX)} queries, and ${TENSOR_FILE_BYTES_MAX / 2 ** 30} GiB as .npy of such a type, else ${TENSOR_BYTES_MAX / 2 ** 20} MiB; ` +
        "whether there is room for a large file is asked before it is sent.",
      labels: "Labels (.npy, .csv or .parquet, optional)",
      labelsHint: "One whole number a query. Used to show the accuracy, never sent to tabs.",
      inputScale: "Input scale",
      inputScaleHint: "Queries are first multiplied by this number. Write 1/255 for 8-bit images.",
      parity: "Parity model",
      parityHint: "A model that was trained on sums of K queries, with the same input and outputs as the model.",
      task: "An answer is",
      taskHint: "Labels can only be given for classes.",
      tasks: {
        classification: "a class: the place of the largest output",
        regression: "the outputs themselves, as numbers",
      },
      output: "Output (optional)",
      outputHint:
        "If the model has several outputs: which one, by its name or by its place, counted from 0; or all, as one row of numbers.",
    },
    scheme: {
      legend: "Time or price",
      name: "Code",
      queriesPerGroup: "K",
      queriesPerGroupHint: "queries coded together",
      stragglers: "S",
      stragglersHint: "tabs that may be slow; 0: idle tabs get copies",
      liars: "E",
      liarsHint: "tabs that may lie; audits find them with 0 too",
      noCode: "There is no code with these numbers.",
      workers: (n: number) => `Each group of K queries makes ${plural(n, "part", "parts")}, one for each tab.`,
      overhead: (ratio: number) => `That is ${count(Math.round(100 * (ratio - 1)))} % extra work.`,
      tooFewTabs: (ready: number, mustDiffer: boolean) =>
        mustDiffer
          ? `${plural(ready, "tab is", "tabs are")} ready; the job waits until enough have joined.`
          : `${plural(ready, "tab is", "tabs are")} ready, so some do several parts.`,
      notPrivate: "Mixing does not hide queries: treat what you submit as seen by the tabs that compute it.",
    },
    finish: {
      legend: "Check and send",
      keepNames:
        "Keep names of files, texts and labels with the job, for whoever may read it; else they stay in this browser",
      price: "What the bound says, and a cap on its price",
      coordinatorRowsMax: "Rows of the coordinator, at most (optional)",
      coordinatorRowsMaxHint:
        "So many rows the coordinator may compute to check the job, where it is checked row by row. If its checks cost more, its answers are not final.",
      completion: "Answers",
      exact: "Exact: estimates first, replaced as lost queries are redone",
      fast: "Fast: estimates stay",
    },
    defaultNames: { sample: "MNIST sample", uploads: "untitled" },
    submit: "Submit",
    uploading: {
      model: "Uploading the model",
      parity: "Uploading the parity model",
      queries: "Uploading the queries",
      labels: "Uploading the labels",
      job: "Submitting",
    },
    problems: {
      noModel: (anyModel: string) => `Choose ${anyModel}.`,
      otherFiles: (expected: string) => `Among the files of the model: expected ${expected}.`,
      noParity: (anyModel: string) => `Choose the parity model: ${anyModel}.`,
      noQueries: "Choose a file with the queries, or pictures.",
      scale: "The input scale must be a positive number, such as 1 or 1/255.",
    },
  },
  job: {
    settings: (scheme: string, k: number, s: number, e: number, n: number) =>
      `${scheme}, K = ${k}, S = ${s}, E = ${e}, ${plural(n, "tab", "tabs")} a group`,
    settingsOfRows: (scheme: string) => `${scheme}, row by row`,
    answered: (answered: number) => `${count(answered)} answered`,
    progress: (final: number, all: number) => `${count(final)} of ${count(all)} answers final`,
    progressLabel: (name: string) => `Answers of ${name}`,
    accuracy: (share: string) => `${share} right by the labels`,
    goOn: {
      button: "Go on unchecked",
      hint: "Take the answers unchecked: nobody checks them, and none of them becomes final.",
      named: (name: string) => `Let ${name} go on unchecked`,
    },
    parts: {
      shared: (n: number) => `Several coordinators share this job, in ${plural(n, "part", "parts")}:`,
      part: (n: number) => `part ${n}`,
      of: "Part of job",
    },
    redo: {
      button: "Redo answers that are not final",
      named: (name: string) => `Redo answers that are not final: ${name}`,
      hint: (n: number) => `A new job for ${plural(n, "answer", "answers")}. This job and its receipt do not change.`,
      name: (name: string) => `${name} (again)`,
      of: "Redoes rows of job",
      by: "Its rows were redone by",
      together: (format: string) => `both together, .${format}`,
    },
    takenBack: (n: number) =>
      `${plural(n, "answer was", "answers were")} called final and should not have been: ${n === 1 ? "its" : "their"} volunteer was shut out later. ` +
      `See Answers, “final once, taken back”.`,
    notComputed: ({ reason, count: n, queries }: NotComputed) =>
      `${plural(n, "query", "queries")} cannot be computed: volunteers failed at ${n === 1 ? "it" : "them"}, and so did the coordinator, with “${reason}”. ` +
      `The first: ${count(queries[0] ?? 0)}.`,
    unchecked: (why: string) => `Nobody checks these answers: ${why}.`,
    fixedOnly: (why: string) => `No graphics card computes this job: ${why}.`,
    audits: (rows: number, failed: number) =>
      `${plural(rows, "row", "rows")} recomputed${failed > 0 ? `, ${count(failed)} found wrong` : ""}`,
    stream: {
      state: "open",
      settings: (closeAfterMs: number, idleMs: number) =>
        `A stream: a group waits up to ${duration(closeAfterMs)} for its last query; the stream closes after ${duration(idleMs)} without a query.`,
      close: "Close stream",
      closeNamed: (name: string) => `Close the stream ${name}`,
      closeHint: "The stream takes no more queries, answers the queries that it has, and ends.",
    },
    download: "Answers:",
    downloadNamed: (name: string, format: string) => `Answers of ${name} as ${format}`,
  },
  detail: {
    rows: {
      title: "Rows and checks",
      progress: "Final, answered, asked",
      progressText: (final: number, answered: number, asked: number) =>
        `${count(final)}, ${count(answered)}, ${count(asked)}`,
      waiting: "Waiting rows",
      oldest: "Oldest answer that is not final",
      oldestText: (ms: number) => `there for ${duration(ms)}`,
      trusted: "Computed by the coordinator",
      blocks: "Blocks certified",
      blocksText: (certified: number, opened: number) => `${count(certified)} of ${count(opened)}`,
      strict: "This job is strict: it has an account of its own.",
    },
    answers: {
      columns: { index: "No.", label: "Answer", mark: "Mark", trust: "Trust", first: "Was first" },
      bound: (chance: string) => `chance of error ≤ ${chance}`,
      confidence: (share: string) => `agrees with the model ≥ ${share}`,
      notFinal: "not final",
      labelAmbiguous: "label-ambiguous",
      takenBack: (when: string) => `final once, taken back on ${when}`,
      previous: "Previous",
      next: "Next",
    },
  },
};
