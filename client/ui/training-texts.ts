/** What the dashboard says about training. Sentences for people, as in texts.ts. */

import type { CodedEndKind } from "../../shared/coded/run-view.ts";
import type { CodedScheme } from "../../shared/coded/settings.ts";
import type { CodedJobEstimate } from "../../shared/kinds/kinds.ts";
import type { RegressionModel } from "../../shared/kinds/regression/submission.ts";
import { plural } from "./plural.ts";
import { bytes, chance, count, duration, inWords } from "./units.ts";

/** 1.5, 2, 1.33 */
const short = (value: number) => String(Number(value.toFixed(2)));

const schemes: Record<CodedScheme, { name: string; means: string; trust: string | null }> = {
  avcc: {
    name: "avcc (adaptive)",
    means: "Mixtures stand in for slow tabs, every result is checked before it counts, and the code follows the crowd.",
    trust: null,
  },
  "avcc-static": {
    name: "avcc, static",
    means: "As avcc, but the code stays as it began.",
    trust: null,
  },
  lcc: {
    name: "lcc",
    means:
      "Wrong results are corrected from the others. Costs twice as many spare tabs for each liar, and believes what it cannot correct.",
    trust: "Wrong results are corrected only while at most M tabs lie; beyond that they are believed.",
  },
  replication: {
    name: "replication",
    means: "Every block of the data goes to several tabs, and the majority counts.",
    trust: "Equal results outvote wrong ones only while at most M tabs lie.",
  },
  uncoded: {
    name: "uncoded",
    means: "Every block goes to one tab. Waits for all, believes all.",
    trust: "Nothing checks the results: one lying tab can spoil the result.",
  },
};

const models: Record<RegressionModel, { name: string; means: string }> = {
  logistic: { name: "logistic", means: "Two classes: y has exactly two different labels." },
  linear: { name: "linear", means: "A number to predict: y holds any numbers." },
  softmax: { name: "softmax", means: "Several classes: y holds whole numbers from 0 on." },
};

const ends: Record<CodedEndKind, string> = {
  done: "done",
  stopped: "stopped early",
  diverged: "diverged",
  failed: "failed",
  cancelled: "cancelled",
};

/** Kinds of job whose data are coded over the tabs: what comes out of them, and what it comes in. */
type CodedKind = CodedJobEstimate["kind"];
const results: Record<CodedKind, string> = { regression: "weights", matmul: "product" };
const steps: Record<CodedKind, string> = { regression: "iteration", matmul: "slice" };

/** T-privacy covers X alone. */
const privacy = (colluders: number) =>
  `Up to ${plural(colluders, "tab", "tabs")} that put together what they hold learn nothing of X. ` +
  "This covers X alone: the weights and the residuals of each round are visible to every tab, and residuals give y away.";

export const training = {
  choice: {
    label: "Kind of job",
    inference: "Ask a model",
    training: "Train a regression",
    matmul: "Multiply matrices",
  },
  title: "Train a regression",
  lead: "Gradient descent on data that is coded over the tabs: slow tabs are not waited for, lying ones are caught before they count.",
  models,
  schemes,
  ends,
  privacy,

  form: {
    data: {
      legend: "Data",
      sources: {
        "gisette-like": "Built-in: fours against nines",
        mnist: "Built-in: ten digits",
        uploads: "My own X and y",
      },
      hints: {
        "gisette-like":
          "6,000 x 5,000, made from MNIST in the manner of GISETTE: half of the features tell nothing. For logistic.",
        mnist: "Up to 60,000 images of 784 pixels. For softmax.",
      },
      rows: "Rows",
      rowsHint: "The first so many; empty: 6,000.",
      features: "X (.npy or .csv)",
      featuresHint: "Rows x columns of numbers; a CSV may hold y too.",
      labels: "y (.npy or .csv)",
      labelsHint: "One number a row.",
      inputScale: "Input scale",
      inputScaleHint: "X is multiplied by this first. Write 1/255 for 8-bit pixels.",
      uploading: "Uploading",
      uploaded: (shape: readonly number[], dtype: string) => `${shape.map(count).join(" x ")}, ${dtype}`,
    },
    code: {
      legend: "Code",
      scheme: "Scheme",
      dataVolunteers: "K",
      dataVolunteersHint: "tabs that would do, if all were quick and honest",
      stragglers: "S",
      stragglersHint: "tabs that may be slow",
      liars: "M",
      liarsHint: "tabs that may lie",
      colluders: "T",
      colludersHint: "tabs that may pool what they hold",
      volunteers: "N",
      volunteersHint: "tabs in all; empty: as many as it takes",
      shardsPerVolunteer: "g",
      shardsPerVolunteerHint: "pieces for each tab",
      byInvitation: "Such a job runs on tabs that you invite: the links are shown once, after it has been submitted.",
    },
    descent: {
      legend: "Training",
      model: "Model",
      iterations: "Iterations",
      learningRate: "Rate",
      momentum: "Momentum",
      momentumHint: "Nesterov; 0: none",
      l2: "L2",
      l2Hint: "0: none",
      validationShare: "Held out",
      validationShareHint: "share of the rows, to measure with",
      patience: "Patience",
      patienceHint: "stop after so many iterations without a better loss; empty: never",
    },
    names: {
      legend: "Names",
      name: "Job name",
      submitter: "Your name",
      hint: "Volunteers see both while they compute.",
      defaults: { "gisette-like": "fours and nines", mnist: "ten digits", uploads: "untitled", submitter: "anonymous" },
    },
    submit: "Start training",
    submitting: "Submitting",
    submitted: (name: string) => `Submitted: ${name}.`,
    failed: "Not submitted",
    problems: {
      number: (got: string) => (got === "" ? "Expected a number, got nothing." : `Expected a number, got “${got}”.`),
      whole: (got: string) => `Expected a whole number, got “${got}”.`,
      scale: "Expected a positive number, such as 1 or 1/255.",
      noFeatures: "Choose a file with X.",
      noLabels: "Choose a file with y, or a column of X’s CSV.",
      stillUploading: "Wait until the files are uploaded.",
    },
  },

  estimate: {
    title: "What it will cost",
    unknown: "Known once data and settings are complete.",
    asking: "Reckoning.",
    impossible: "Not known: see what is said beside the fields.",
    tabs: "Tabs",
    tabsText: (needed: number, ready: number) =>
      `${count(needed)} needed, ${count(ready)} ready${ready < needed ? `; the job waits for ${count(needed - ready)} more` : ""}`,
    share: "Data for each tab",
    shareText: (size: number) => `${bytes(size)}, fetched once`,
    step: (kind: CodedKind) => `Each ${steps[kind]}`,
    stepText: (down: number, up: number, products: number) =>
      `${bytes(down)} to and ${bytes(up)} from each tab, ${inWords(products)} multiplications`,
    total: "In all",
    totalText: (rounds: number, size: number) => `${plural(rounds, "round", "rounds")}, ${bytes(size)} of traffic`,
    redundancy: "Spare work",
    redundancyText: (redundancy: number) =>
      redundancy === 1 ? "none" : `${short(redundancy)} times the work of uncoded`,
    checking: "Checking",
    checkingText: (share: number) =>
      share === 0 ? "nothing is checked" : `${short(100 * share)} % of the multiplications that it checks`,
    time: "Time",
    timeText: (seconds: number | null, steps: number) =>
      seconds === null
        ? "not known: no tab’s speed has been measured yet"
        : `about ${duration(1_000 * seconds * steps)} of computing, by the speeds measured so far`,
  },

  invitations: {
    title: (name: string) => `Invitations to ${name}`,
    once: "These links are shown this once. Each lets one volunteer in: whoever opens it first. Keep them before you close this.",
    copy: "Copy",
    copied: "Copied",
    copyAll: "Copy all",
    link: (n: number) => `Invitation ${n}`,
    done: "I have kept them",
  },

  job: {
    code: (job: {
      scheme: CodedScheme;
      dataVolunteers: number;
      stragglers: number;
      liars: number;
      colluders: number;
      volunteerCount: number;
    }) =>
      `${schemes[job.scheme].name}, K = ${job.dataVolunteers}, S = ${job.stragglers}, M = ${job.liars}` +
      `${job.colluders > 0 ? `, T = ${job.colluders}` : ""}, ${plural(job.volunteerCount, "tab", "tabs")}`,
    data: (rows: number, columns: number, classes: number) =>
      `${count(rows)} x ${count(columns)}${classes > 1 ? `, ${count(classes)} classes` : ""}`,
    progressLabel: (name: string) => `Iterations of ${name}`,
    progress: (done: number, all: number) => `${count(done)} of ${plural(all, "iteration", "iterations")}`,
    remaining: (ms: number | null) => (ms === null ? "time left not known" : `about ${duration(ms)} left`),
    ended: (kind: CodedEndKind, reason: string) =>
      `${ends[kind].charAt(0).toUpperCase()}${ends[kind].slice(1)}: ${reason}.`,
    keptBest: (iteration: number) => `The weights of iteration ${count(iteration)} are kept.`,
    facts: {
      loss: (value: string) => `loss ${value}`,
      accuracy: (share: string) => `${share} right`,
      heldOut: (share: string) => `${share} right of the rows held out`,
      heldOutLoss: (value: string) => `loss ${value} on the rows held out`,
      tabs: (n: number) => `${plural(n, "tab", "tabs")} at work`,
      shards: (held: number, all: number) => `${count(held)} of ${plural(all, "piece", "pieces")} of the data in place`,
      liars: (n: number) => (n === 1 ? "1 liar named" : `${count(n)} liars named`),
      codes: (n: number) => (n === 1 ? "the code changed once" : `the code changed ${count(n)} times`),
    },
    stop: "Stop early",
    stopNamed: (name: string) => `Stop ${name} early`,
    stopHint: "Ends with the best weights it has.",
    weights: "Weights:",
    weightsNamed: (name: string, format: string) => `Weights of ${name} as ${format}`,
    receipt: "Receipt (.json)",
    receiptNamed: (name: string) => `Receipt of ${name} as JSON`,
  },

  charts: {
    title: "Curves",
    none: "The first point comes with the first iteration.",
    iteration: "Iteration",
    loss: "Loss",
    accuracy: "Right",
    trained: "trained on",
    heldOut: "held out",
    liar: "a liar was named",
    code: "the code changed",
    lossSummary: (first: string, last: string, iteration: number) =>
      `Loss over the iterations: from ${first} to ${last} at iteration ${count(iteration)}.`,
    accuracySummary: (share: string, iteration: number) =>
      `Share of right answers over the iterations: ${share} at iteration ${count(iteration)}.`,
  },

  events: {
    title: "What happened",
    none: "Nothing out of the ordinary so far.",
    within: (kind: CodedKind, n: number) => (kind === "regression" ? `Iteration ${count(n)}` : `Slice ${count(n)}`),
    after: (n: number) => `After ${count(n)}`,
    liar: (kind: CodedKind, nickname: string) =>
      `${nickname} sent a wrong result and was shut out. It never reached the ${results[kind]}.`,
    liarBelieved: (nickname: string) => `${nickname} was found to send wrong results.`,
    code: (blocks: number, generation: number, reason: string) =>
      `The code changed (number ${count(generation)}, ${plural(blocks, "block", "blocks")} of data): ${reason}.`,
    slow: (names: readonly string[]) => `Slow now: ${names.join(", ")}. Nobody waits for them while others suffice.`,
  },

  volunteers: {
    title: "Volunteers of this job",
    none: "No volunteer has joined yet.",
    columns: {
      volunteer: "Volunteer",
      state: "State",
      shards: "Pieces",
      results: "Results taken",
      points: "Points given",
    },
    states: { liar: "lied", gone: "gone", slow: "slow", prompt: "prompt" },
  },

  predictions: {
    title: "Predictions",
    hint: (columns: number) =>
      `Rows like those of X, ${plural(columns, "column", "columns")}, as .npy or .csv. The coordinator answers itself.`,
    features: "X to predict (.npy or .csv)",
    predict: "Predict",
    predicting: "Predicting",
    noFile: "Choose a file first.",
    summary: (n: number, weightsOf: number) =>
      `${plural(n, "prediction", "predictions")} by the weights of iteration ${count(weightsOf)}.`,
    first: (values: readonly number[], more: boolean) =>
      `The first: ${values.map((value) => String(Number(value.toPrecision(6)))).join(", ")}${more ? ", …" : ""}`,
    label: (label: number, n: number) => `${label}: ${count(n)}`,
    labels: (parts: readonly string[]) => `How often each: ${parts.join(", ")}.`,
    save: "Save as .npy",
  },

  receipt: {
    title: "Receipt",
    checked: "How results were checked",
    methods: {
      freivalds: (keys: number, perResult: number) =>
        `Every result was multiplied with ${plural(keys, "secret vector", "secret vectors")} and compared before it could ` +
        `count. A wrong result passes this with a chance of at most ${chance(perResult)}.`,
      votes:
        "Each block was computed by several volunteers, and enough equal results decided. This is right as long as no more " +
        "volunteers lie than the job was told; there is no bound beyond that.",
      "reed-solomon":
        "Results were decoded with an error-correcting code. It corrects as many wrong ones as the job was told there are; there is " +
        "no bound beyond that.",
      none: "Nothing was checked. Every result was believed, so nothing can be said about the chance of an error.",
    },
    whole: (results: number, bound: number) =>
      `Over the ${plural(results, "result", "results")} checked, the chance that any wrong one was taken is at most ${chance(bound)}.`,
    rejected: (n: number) =>
      n === 0 ? "No result was rejected." : `${plural(n, "result was", "results were")} rejected.`,
    corrected: (n: number) => `${plural(n, "wrong result was", "wrong results were")} corrected.`,
    undecoded: (kind: CodedKind, n: number) =>
      `In ${plural(n, "round", "rounds")} there were more wrong results than the code corrects. They were believed nevertheless: do not trust the ${results[kind]}.`,
    computed: "What was computed",
    computedText: (kind: CodedKind, n: number, end: CodedEndKind, reason: string) =>
      `${plural(n, steps[kind], `${steps[kind]}s`)} (${ends[end]}: ${reason}).`,
    codeText: (volunteers: number, shards: number, blocks: number, redundancy: number) =>
      `${plural(shards, "piece", "pieces")} of ${plural(blocks, "block", "blocks")} of data on ${plural(volunteers, "tab", "tabs")}: ` +
      `${short(redundancy)} times the work of uncoded.`,
    points: (issued: number) =>
      `${plural(issued, "evaluation point was", "evaluation points were")} given out, one a volunteer.`,
    hashes: "Fingerprints (sha-256)",
    hashNames: {
      features: "X",
      labels: "y",
      weights: "weights.npy",
      left: "A",
      right: "B",
      product: "product.npy, its numbers",
    },
    noWeights: "there are no weights",
    noProduct: "there is no whole product",
    loading: "Loading",
  },
};
