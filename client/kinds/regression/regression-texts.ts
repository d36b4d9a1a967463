/** What the dashboard says about regressions. Sentences for people, as in client/ui/texts.ts. */
import type { RegressionModel } from "../../../shared/kinds/regression/submission.ts";
import { plural } from "../../ui/plural.ts";
import { count } from "../../ui/units.ts";

const models: Record<RegressionModel, { name: string; means: string }> = {
  logistic: { name: "logistic", means: "Two classes: y has exactly two different labels." },
  linear: { name: "linear", means: "A number to predict: y holds any numbers." },
  softmax: { name: "softmax", means: "Several classes: y holds whole numbers from 0 on." },
};

/** T-privacy covers X alone. */
const privacy = (colluders: number) =>
  `Up to ${plural(colluders, "tab", "tabs")} that put their data together learn nothing of X. ` +
  "Only X is hidden: every tab sees the weights and the residuals of each round, and residuals reveal y.";

export const regressionTexts = {
  title: "Train a regression",
  lead: "Gradient descent on data that is coded over the tabs. The job does not wait for slow tabs, and catches wrong results before they count.",
  models,
  privacy,
  roundedBefore: "Features were rounded to steps of 1/1023 of the largest entry of their column.",

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
      rowsHint: "How many rows, from the first on; empty: 6,000.",
      features: "X (.npy, .csv or .parquet)",
      featuresHint:
        "Each row is an example. Of a table, columns of words are categories, empty cells get their column's mean, and a column may be y.",
      categoriesAdvice: "with --categories on the command line, or by words instead of numbers",
      labels: "y (.npy, .csv or .parquet)",
      labelsHint: "One number a row.",
      inputScale: "Input scale",
      inputScaleHint: "X is first multiplied by this number. Write 1/255 for 8-bit pixels.",
    },
    descent: {
      legend: "Training",
      model: "Model",
      byLabels: "as the labels call for",
      byLabelsMeans:
        "Two different labels: logistic; several words or few whole numbers: softmax; other numbers: linear.",
      more: "How it is trained",
      standardise: "Columns",
      standardised: "standardised",
      standardisedMeans: "Mean 0 and standard deviation 1 while it learns; weights come back in your units.",
      asTheyAre: "as they are",
      asTheyAreMeans: "Columns of different sizes are then hard to learn from.",
      intercept: "Intercept",
      withIntercept: "learned",
      withoutIntercept: "none",
      tolerance: "Stop within",
      toleranceHint: "of the largest weight, from the optimum",
      iterations: "Iterations",
      iterationsHint: "at most",
      learningRate: "Rate",
      learningRateHint: "empty: found by itself (L-BFGS); a number: Nesterov's method",
      momentum: "Momentum",
      momentumHint: "beside a rate; 0: none",
      l2: "L2",
      l2Hint: "empty: 1 over the rows trained on, as C = 1 of scikit-learn; 0: none",
      validationShare: "Held out",
      validationShareHint: "share of the rows, to measure with",
      patience: "Patience",
      patienceHint: "stop after so many iterations without a better loss; empty: never",
      featureBits: "Bits of a feature",
      featureBitsHint: "empty: 22 or more, within 1e-6 of exact; 10: cheaper and coarser",
    },
    names: { "gisette-like": "fours and nines", mnist: "ten digits", uploads: "untitled" },
    submit: "Start training",
    problems: {
      noFeatures: "Choose a file with X.",
      noLabels: "Choose a file with y, or a column of X’s table.",
    },
  },

  job: {
    data: (rows: number, columns: number, classes: number) =>
      `${count(rows)} x ${count(columns)}${classes > 1 ? `, ${count(classes)} classes` : ""}`,
    progressLabel: (name: string) => `Iterations of ${name}`,
    progress: (done: number, all: number) => `${count(done)} of ${plural(all, "iteration", "iterations")}`,
    keptBest: (iteration: number) => `The weights of iteration ${count(iteration)} are kept.`,
    facts: {
      loss: (value: string) => `loss ${value}`,
      accuracy: (share: string) => `${share} right of the rows it learns from`,
      heldOut: (share: string) => `${share} right of the rows held out`,
      heldOutLoss: (value: string) => `loss ${value} on the rows held out`,
      distance: (percent: string) => `weights within ${percent} % of the optimum’s largest`,
    },
    stop: "Stop early",
    stopNamed: (name: string) => `Stop ${name} early`,
    stopHint: "Ends the job and keeps its best weights.",
    model: "Model:",
    modelNamed: (name: string, format: string) => `Model of ${name} as ${format}`,
    weights: "Weights:",
    weightsNamed: (name: string, format: string) => `Weights of ${name} as ${format}`,
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

  predictions: {
    title: "Predictions",
    hint: (columns: readonly string[] | null, count: number) =>
      columns === null
        ? `A table of ${plural(count, "column", "columns")}, in the order of the training: .csv, .parquet or .npy. The coordinator predicts; no tab sees the rows.`
        : `A table (.csv or .parquet) with the columns ${columns.join(", ")}, in any order; others are left out. The coordinator predicts; no tab sees the rows.`,
    features: "Rows to predict (.csv, .parquet or .npy)",
    predict: "Predict",
    predicting: "Predicting",
    noFile: "Choose a file first.",
    summary: (n: number, weightsOf: number) =>
      `${plural(n, "prediction", "predictions")} by the weights of iteration ${count(weightsOf)}.`,
    label: (label: number | string, n: number) => `${label}: ${count(n)}`,
    more: (n: number) => `and ${count(n)} more`,
    labels: (parts: readonly string[]) => `How often each: ${parts.join(", ")}.`,
    table: {
      caption: (shown: number, all: number) =>
        shown < all ? `The first ${count(shown)} of ${count(all)} rows` : "All rows",
      row: "Row",
      prediction: "Prediction",
      probability: "Probability",
      next: "Next",
      nextWords: (label: string, probability: string) => `${label}, ${probability}`,
    },
    save: "Save:",
    saveAs: (format: string) => `Predictions as ${format}`,
  },

  hashes: { features: "X", labels: "y", weights: "weights.npy" },
  noWeights: "there are no weights",
};
