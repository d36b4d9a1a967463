/** What the receipt of an inference job says. */
import type { AsItCame } from "../../../shared/kinds/inference/as-it-came.ts";
import { errorsInWords } from "../../../shared/kinds/inference/error-words.ts";
import type { NotComputed } from "../../../shared/kinds/inference/not-computed.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import type { ErrorsView, SensitivityView } from "../../../shared/kinds/inference/sensitivity.ts";
import { plural } from "../../ui/plural.ts";
import { chance, count, percent } from "../../ui/units.ts";

/** An expected number of answers: "0.04", "2.1". */
const few = (n: number) => (n < 0.01 ? chance(n) : String(Number(n.toPrecision(2))));

export const receiptTexts = {
  computed: {
    title: "What was computed",
    queries: (n: number, { groups, queriesPerGroup, workers, rounds }: InferenceReceipt["code"]) => {
      const queries = plural(n, "query", "queries");
      // On the ledger of rows K means nothing where nothing is mixed.
      if (rounds === undefined && workers === queriesPerGroup) return `${queries}, each by itself`;
      return `${queries} in ${plural(groups, "group", "groups")} of ${count(queriesPerGroup)}`;
    },
    code: ({ scheme, workers, rounds, roundsDone = 0 }: InferenceReceipt["code"]) =>
      rounds === undefined
        ? `${scheme}, row by row`
        : `${scheme}, ${plural(workers, "worker", "workers")} a round, ${count(roundsDone)} of ${plural(rounds, "round", "rounds")}`,
    redone: ({ rounds = 0, assignments, rows }: InferenceReceipt["redone"]) => {
      if (rows === 0) return "No work had to be done again because of a lie.";
      // A job on the ledger counts rows alone.
      if (assignments === undefined)
        return `Because a volunteer had lied, ${plural(rows, "row was", "rows were")} thrown out and asked of others.`;
      return `Because a volunteer had lied, ${plural(assignments, "result", "results")} of ${plural(rows, "row", "rows")} ${assignments === 1 ? "was" : "were"} thrown out, and ${plural(rounds, "finished round was", "finished rounds were")} opened again.`;
    },
  },
  checked: {
    title: "How it was checked",
    verification: {
      audits:
        "Results were checked before they counted: the coordinator recomputed some rows, and no volunteer knew which.",
      votes: "Several volunteers computed every query, and the majority counted.",
      none: "Nothing was checked: the job took every result as it came.",
    } satisfies Record<InferenceReceipt["verification"], string>,
    onRows:
      "A secret coin decided of each answer whether the coordinator or a second volunteer computed its row too, before the answer was final.",
    sensitivity: ({ amplification, rows, tolerance }: SensitivityView) =>
      `On ${plural(rows, "query", "queries")} the model turned a rounding error into ${few(amplification)} times as much; ` +
      (tolerance === null
        ? "answers of devices that round otherwise could not be told from lies."
        : `of devices that round otherwise, answers counted as the same within ${percent(tolerance.float32)} of a row’s size.`),
    asItCame: (compared: AsItCame) =>
      "notCompared" in compared
        ? `The model was not compared with its files as they came: ${compared.notCompared}.`
        : `On ${plural(compared.rows, "row", "rows")} the model was compared with its files as they came: numbers differed by ${percent(compared.difference)} at most.`,
    errors: (errors: ErrorsView) => `Final answers are ${errorsInWords(errors)}, in the model’s own numbers.`,
    unchecked: (why: string) => `Nothing checked the answers: ${why}.`,
    fixedOnly: (why: string) => `No graphics card computed answers that stand: ${why}.`,
    notComputed: ({ reason, count: n }: NotComputed) =>
      `${plural(n, "query", "queries")} could not be computed, by volunteers or by the coordinator: “${reason}”.`,
    audits: (rows: number, failed: number) =>
      `${plural(rows, "row was", "rows were")} recomputed; ${failed === 0 ? "all agreed" : `${count(failed)} did not agree`}.`,
    bound: (boundMax: number, expected: number, audited: number) =>
      `The chance that any one audited answer is wrong is at most ${chance(boundMax)}. Expected wrong answers among these ${count(audited)}: at most ${few(expected)}.`,
    estimates: ({ agreed, compared, confidence }: NonNullable<InferenceReceipt["estimates"]>) =>
      `Where an estimate and the model’s own answer were both known, they agreed in ${count(agreed)} of ${count(compared)} cases: an estimate agrees at least ${percent(confidence)} of the time.`,
  },
  blocks: {
    title: "Blocks: rows that were certified together",
    columns: {
      rows: "Rows",
      coordinator: "Coin: coordinator",
      partner: "Coin: second volunteer",
      sample: "Rows of the sample",
      found: "A lie is found",
      end: "End",
    },
    ends: { certified: "certified", charged: "a wrong answer was found", open: "not certified" },
  },
  answers: {
    title: "The answers",
    final: (final: number, all: number, bound: number | null) =>
      `${count(final)} of ${plural(all, "answer", "answers")} final${bound === null ? "" : `: wrong with a chance of at most ${chance(bound)} each`}.`,
    ambiguous: (n: number) =>
      `${plural(n, "answer is", "answers are")} label-ambiguous: their two best labels are closer together than honest devices differ.`,
    columns: { mark: "Mark", answers: "Answers", means: "What it means" },
  },
  volunteers: {
    title: "Who computed it",
    columns: {
      volunteer: "Volunteer",
      results: "Results",
      answers: "Answers that stand",
      audited: "Rows recomputed",
      wrong: "Found wrong",
      thrownOut: "Thrown out",
      bound: "Chance of error",
    },
    shutOut: (reason: string) => `shut out: ${reason}`,
    none: "Nobody: the coordinator computed all answers itself.",
  },
  hashes: {
    names: {
      model: "model",
      parityModel: "parity model",
      queries: "queries.npy",
      labels: "labels.npy",
      answers: "answers.npy",
      marks: "marks.npy",
    } satisfies Record<keyof InferenceReceipt["hashes"], string>,
    posted: "queries: they were posted while the job ran, and are not kept any more.",
  },
};
