/** What the ONNX demo measures, as a table and as conditions (--check). */
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { Column, Measurement } from "../../bench/measurement.ts";
import { tableOf } from "../../bench/table.ts";
import type { Condition } from "../demo-check.ts";
import type { Traffic } from "./watch-traffic.ts";

/** first visit: nothing is there yet. model in the tab: the same tabs go on. after a reload: only the browser's cache is there. */
export type Visit = "first visit" | "model in the tab" | "after a reload";

export interface VisitFigures {
  readonly visit: Visit;
  readonly queries: number;
  readonly seconds: number;
  /** Of the tabs that had to load the model, from its bytes to its first row. */
  readonly modelLoads: number;
  readonly loadMsP50: number | null;
  readonly loadMsMax: number | null;
  readonly traffic: Traffic;
  readonly answersByMark: InferenceJobView["answersByMark"];
  /** Not within the tolerance of float32 of what this machine computes. */
  readonly wrong: number;
  /** Share of the drawings that are taken for what was drawn. */
  readonly recognised: number;
}

export interface OnnxFigures {
  readonly tabs: number;
  readonly macsPerQuery: number;
  /** Does the model without its loop give what the published file gives, bit for bit? */
  readonly sameAsPublished: boolean;
  readonly visits: readonly VisitFigures[];
  readonly quarantined: readonly string[];
  readonly liar: string;
}

const COLUMNS: readonly Column[] = [
  { key: "visit", title: "job" },
  { key: "seconds", title: "seconds", digits: 1 },
  { key: "loads", title: "model loads" },
  { key: "loadMs", title: "load ms p50 / max" },
  { key: "library", title: "library MB", digits: 1 },
  { key: "model", title: "model MB", digits: 1 },
  { key: "fetches", title: "fetches" },
  { key: "perQuery", title: "KB a query", digits: 1 },
  { key: "exact", title: "exact" },
  { key: "audited", title: "audited" },
  { key: "wrong", title: "wrong" },
  { key: "recognised", title: "recognised", digits: 3 },
];

const MB = 1e6;
const KB = 1e3;

export function onnxTable({ visits }: OnnxFigures): string {
  const rows = visits.map((figures): Measurement["rows"][number] => {
    const { traffic, answersByMark } = figures;
    return {
      visit: figures.visit,
      seconds: figures.seconds,
      loads: figures.modelLoads,
      loadMs: figures.loadMsP50 === null ? null : `${ms(figures.loadMsP50)} / ${ms(figures.loadMsMax!)}`,
      library: traffic.libraryBytes / MB,
      model: traffic.modelBytes / MB,
      fetches: traffic.modelFetches,
      perQuery: traffic.workBytes / figures.queries / KB,
      exact: answersByMark.exact,
      audited: answersByMark.audited,
      wrong: figures.wrong,
      recognised: figures.recognised,
    };
  });
  return tableOf(COLUMNS, rows);
}

const ms = (value: number): string => value.toFixed(0);

/** What the columns mean, in plain words. */
export const ONNX_LEGEND = [
  "first visit: tabs that have nothing yet, in a browser that they share. model in the tab: the same tabs, another job. after a reload: new",
  "tabs in that browser. load ms: from the model's bytes to its first answer; the first of a tab starts the library too. fetches:",
  "of the model, by all tabs together. KB a query: batches down and answers up, over all tabs, mixtures and redone",
  "ones included. wrong: not within the tolerance of float32 of what this machine gives. recognised: taken for what was drawn.",
];

const networkBytes = ({ traffic }: VisitFigures): number => traffic.modelBytes + traffic.libraryBytes;

export function onnxConditions({ tabs, visits, sameAsPublished, quarantined, liar }: OnnxFigures): Condition[] {
  const [first, held, reloaded] = (["first visit", "model in the tab", "after a reload"] as const).map(
    (visit) => visits.find((figures) => figures.visit === visit)!,
  );
  const wrong = visits.reduce((sum, figures) => sum + figures.wrong, 0);
  const unsure = visits.reduce((sum, { answersByMark: a }) => sum + a.estimated + a.unchecked + a.missing, 0);
  const least = Math.min(...visits.map(({ recognised }) => recognised));
  return [
    {
      what: "the model without its loop gives what the published file gives, bit for bit",
      holds: sameAsPublished,
      got: sameAsPublished ? "it does" : "other numbers",
    },
    { what: "no answer is wrong", holds: wrong === 0, got: `${wrong} wrong` },
    { what: "every answer is exact or audited", holds: unsure === 0, got: `${unsure} are not` },
    {
      what: "the liar is quarantined, and nobody else",
      holds: quarantined.join() === liar,
      got: quarantined.join(", ") || "nobody",
    },
    { what: "9 of 10 drawings are recognised", holds: least >= 0.9, got: least.toFixed(3) },
    {
      what: "the library and the model are fetched on the first visit",
      holds: first!.traffic.libraryBytes > 1e6 && first!.traffic.modelBytes > 1e6,
      got: `${first!.traffic.libraryBytes} and ${first!.traffic.modelBytes} bytes`,
    },
    {
      what: "for the second job nothing of them comes over the network, and no tab loads the model twice",
      holds: networkBytes(held!) === 0 && first!.modelLoads + held!.modelLoads <= tabs,
      got: `${networkBytes(held!)} bytes, ${first!.modelLoads} and ${held!.modelLoads} loads in ${tabs} tabs`,
    },
    {
      what: "after a reload neither model nor library comes over the network",
      holds: networkBytes(reloaded!) === 0,
      got: `${networkBytes(reloaded!)} bytes`,
    },
  ];
}
