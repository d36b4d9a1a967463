/**
 * What an inference job would cost and when it would end, said before it starts: `POST /api/estimates`, the route that gradient and
 * matrix jobs have too, with a body of kind "inference" (sdk: `estimateInference`). The body is the submission itself, with a code
 * (scheme, K, S, E) or an `aim`; what is not uploaded yet may be given by its sizes.
 */
import { z } from "zod";
import type { SchemeName } from "../../coding/schemes/schemes.ts";
import {
  MODEL_ACTIVATION_SIZE_MAX,
  MODEL_BYTES_MAX,
  MODEL_MACS_PER_QUERY_MAX,
  MODEL_OUTPUT_SIZE_MAX,
  QUERIES_PER_JOB_MAX,
} from "../../protocol/limits.ts";
import { inferenceSubmissionSchema } from "./submission.ts";

/** A job that is not uploaded yet, by the sizes that its cost depends on. */
const sizesSchema = z.strictObject({
  kind: z.literal("sizes"),
  queryCount: z.number().int().min(1).max(QUERIES_PER_JOB_MAX),
  /** As POST /api/models tells them. */
  macsPerQuery: z.number().positive().max(MODEL_MACS_PER_QUERY_MAX),
  modelBytes: z.number().int().min(0).max(MODEL_BYTES_MAX),
  /** Numbers of one query, and of one answer. */
  inputSize: z.number().int().min(1).max(MODEL_ACTIVATION_SIZE_MAX),
  outputSize: z.number().int().min(1).max(MODEL_OUTPUT_SIZE_MAX),
  /** Queries of 8 bits travel as they are. */
  queryDtype: z.enum(["F32", "U8"]).default("F32"),
});

/** POST /api/estimates with kind "inference" */
export const inferenceEstimateSchema = inferenceSubmissionSchema.extend({
  source: z.discriminatedUnion("kind", [...inferenceSubmissionSchema.shape.source.options, sizesSchema]),
});
export type InferenceEstimateRequest = z.infer<typeof inferenceEstimateSchema>;
/** What a program sends: whatever has a default may be left out, and with an aim has to be. */
export type InferenceEstimateInput = z.input<typeof inferenceEstimateSchema>;

/** Of a figure that is not known but drawn: half of the draws are below the first, nine of ten below the second. */
export interface Spread {
  p50: number;
  p90: number;
}

/** A time; p90 is null where more than one draw of ten does not end, for the crowd does not stay. */
export interface TimeSpread {
  p50: number;
  p90: number | null;
}

/** The settings of a code, as in a submission. */
export interface CodeSettings {
  scheme: SchemeName;
  /** K */
  queriesPerGroup: number;
  /** S */
  stragglers: number;
  /** E */
  liars: number;
  /** N: worker indices of a round. */
  workers: number;
  /** G: rows of a batch, one a query group. */
  groupsPerRound: number;
  roundsInFlight: number;
  spares: "auto" | "parities" | "backups";
}

/** What one code would come to with the crowd as it is. */
export interface CodeEstimate {
  code: CodeSettings;
  /** Such as "3 tabs: copies of two, no parities". */
  inWords: string;
  /** Until the first queries have an answer, and until the job has ended, from submission on. null: no tab is there. */
  firstAnswerMs: TimeSpread | null;
  finishMs: TimeSpread | null;
  /** Share of the draws that end within the aim's time, or its budget; null: there is no aim, or no tab. */
  chanceOfAim: number | null;
  meetsAim: boolean | null;
  /** Multiply-adds of the tabs, spare and repeated work in it; and of the coordinator, for audits. */
  tabMacs: Spread;
  auditMacs: Spread;
  /** Rows that the coordinator recomputes. */
  auditedRows: Spread;
  /** Of all tabs together: models and queries down, results up. */
  bytesDown: Spread;
  bytesUp: Spread;
  /** Bound on the chance that an answer marked audited is wrong at the end; null: nothing is checked, every answer says so. */
  wrongBound: number | null;
}

/** A rate with what is known of it: Beta posterior, 5 % and 95 % points. */
export interface SeenRate {
  seen: number;
  outOf: number;
  /** Mean of the posterior. */
  rate: number;
  low: number;
  high: number;
}

/** What an estimate was made from. */
export interface EstimateBasis {
  /** Tabs that are ready for work, and whose they are. */
  tabsReady: number;
  volunteersReady: number;
  /** Of them tabs whose speed has been measured; the others count as drawn from these. */
  tabsMeasured: number;
  /** Multiply-adds a second of one tab: median, slowest and fastest; null: nothing is measured. */
  macsPerSecond: { median: number; low: number; high: number } | null;
  /** Answers whose times were measured, the latest of the crowd. */
  responses: number;
  /** Jobs at work that share the crowd. */
  otherJobs: number;
  /** Answers that took over twice their tab's own median. */
  slow: SeenRate;
  /** Batches that were never answered: the tab left, or was silent. */
  gone: SeenRate;
  /** Volunteers that were caught with a wrong answer. */
  lying: SeenRate;
}

/** POST /api/estimates answers with this for kind "inference". */
export interface InferenceEstimate {
  kind: "inference";
  /** In a sentence or two, for people. */
  summary: string;
  /** Why the aim cannot be met, and what is possible; null: it can, or there is none. */
  refusal: string | null;
  /** The code as submitted; with an aim the chosen one, or the one that comes nearest. */
  chosen: CodeEstimate;
  /** Codes that are worth choosing among, the cheapest first, each faster than those before it: the stops of the dial. */
  choices: CodeEstimate[];
  queryCount: number;
  /** Different volunteers that the chosen code needs at once, and how many are ready. */
  volunteersNeeded: number;
  volunteersReady: number;
  basis: EstimateBasis;
}
