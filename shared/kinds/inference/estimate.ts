/**
 * What an inference job would cost and when it would end, said before it starts: `POST /api/estimates`, the route that regressions and
 * matrix jobs have too, with a body of kind "inference" (sdk: `estimateInference`). The body is the submission itself, with a code
 * (scheme, K, S, E) or an `aim`; what is not uploaded yet may be given by its sizes.
 */
import { z } from "zod";
import { SCHEME_NAMES } from "../../coding/schemes/schemes.ts";
import { aloneSaidSchema, comparisonSchema, timeSpreadSchema } from "../../protocol/estimate-api.ts";
import {
  MODEL_ACTIVATION_SIZE_MAX,
  MODEL_BYTES_MAX,
  MODEL_MACS_PER_QUERY_MAX,
  MODEL_OUTPUT_SIZE_MAX,
  QUERIES_PER_JOB_MAX,
  STREAM_QUERIES_MAX,
} from "../../protocol/limits.ts";
import { rowsEstimateSchema } from "./rows-view.ts";
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

const [sampleSource, uploadsSource, streamSource] = inferenceSubmissionSchema.shape.source.options;

/** A stream has no size: of how many queries its cost is to be said. */
const aheadSource = streamSource.extend({
  queryCount: z
    .number()
    .int()
    .min(1)
    .max(STREAM_QUERIES_MAX)
    .optional()
    .describe("about so many queries will be posted; absent: 10,000"),
});

/** POST /api/estimates with kind "inference" */
export const inferenceEstimateRequestSchema = inferenceSubmissionSchema.extend({
  source: z.discriminatedUnion("kind", [sampleSource, uploadsSource, aheadSource, sizesSchema]),
  alone: aloneSaidSchema,
});
export type InferenceEstimateRequest = z.infer<typeof inferenceEstimateRequestSchema>;
/** What a program sends: whatever has a default may be left out, and with an aim has to be. */
export type InferenceEstimateInput = z.input<typeof inferenceEstimateRequestSchema>;

export const spreadSchema = z
  .object({
    p50: z.number(),
    p90: z.number(),
  })
  .meta({
    id: "Spread",
    description:
      "Of a figure that is not known but drawn: half of the draws are below the first, nine of ten below the second.",
  });
export type Spread = z.infer<typeof spreadSchema>;

export const codeSettingsSchema = z
  .object({
    scheme: z.enum(SCHEME_NAMES),
    queriesPerGroup: z.number().describe("K"),
    stragglers: z.number().describe("S"),
    liars: z.number().describe("E"),
    workers: z.number().describe("N: tabs of a group."),
    spares: z.enum(["auto", "parities", "backups"]),
  })
  .meta({ id: "CodeSettings", description: "The settings of a code, as in a submission." });
export type CodeSettings = z.infer<typeof codeSettingsSchema>;

export const codeEstimateSchema = z
  .object({
    code: codeSettingsSchema,
    inWords: z.string().describe('Such as "3 tabs: copies of two, no parities".'),
    firstAnswerMs: timeSpreadSchema
      .nullable()
      .describe(
        "Until the first queries have an answer, and until the job has ended, from submission on. null: no tab is there.",
      ),
    finishMs: timeSpreadSchema.nullable(),
    chanceOfAim: z
      .number()
      .nullable()
      .describe("Share of the draws that end within the aim's time, or its budget; null: there is no aim, or no tab."),
    meetsAim: z.boolean().nullable(),
    tabMacs: spreadSchema.describe("Multiply-adds of the tabs, spare and repeated work in it."),
    auditMacs: spreadSchema.nullable().describe("Multiply-adds of the coordinator, for coordinatorRows."),
    coordinatorRows: spreadSchema
      .nullable()
      .describe(
        "Rows that the coordinator computes to check the job, if nobody lies: on what its submitter's account has. null: no tab is there to predict with.",
      ),
    bytesDown: spreadSchema.describe("Of all tabs together: models and queries down, results up."),
    bytesUp: spreadSchema,
    wrongBound: z
      .number()
      .nullable()
      .describe(
        "Bound on the chance that an answer marked audited is wrong at the end; null: nothing is checked, every answer says so.",
      ),
  })
  .meta({ id: "CodeEstimate", description: "What one code would cost and bring with the present crowd." });
export type CodeEstimate = z.infer<typeof codeEstimateSchema>;

export const seenRateSchema = z
  .object({
    seen: z.number(),
    outOf: z.number(),
    rate: z.number().describe("Mean of the posterior."),
    low: z.number(),
    high: z.number(),
  })
  .meta({ id: "SeenRate", description: "A rate with what is known of it: Beta posterior, 5 % and 95 % points." });
export type SeenRate = z.infer<typeof seenRateSchema>;

/** What an estimate was made from. */
export const estimateBasisSchema = z
  .object({
    tabsReady: z.number().describe("Tabs that are ready for work, and whose they are."),
    volunteersReady: z.number(),
    choosers: z
      .number()
      .default(0)
      .describe("Of these volunteers, those that chose their jobs: they do not check the job."),
    elsewhere: z.number().default(0).describe("Volunteers that are ready and do not take the job."),
    tabsMeasured: z
      .number()
      .describe("Of them tabs whose speed has been measured; the others count as drawn from these."),
    macsPerSecond: z
      .object({
        median: z.number(),
        low: z.number(),
        high: z.number(),
      })
      .nullable()
      .describe("Multiply-adds a second of one tab: median, slowest and fastest; null: nothing is measured."),
    responses: z.number().describe("Answers whose times were measured, the latest of the crowd."),
    otherJobs: z.number().describe("Jobs at work that share the crowd."),
    slow: seenRateSchema.describe("Answers that took over twice their tab's own median."),
    gone: seenRateSchema.describe("Batches that were never answered: the tab left, or was silent."),
    lying: seenRateSchema.describe("Volunteers that were caught with a wrong answer."),
  })
  .meta({ id: "EstimateBasis" });
export type EstimateBasis = z.infer<typeof estimateBasisSchema>;

export const inferenceEstimateSchema = z
  .object({
    kind: z.literal("inference"),
    summary: z.string().describe("In a sentence or two, for people."),
    refusal: z
      .string()
      .nullable()
      .describe("Why the aim cannot be met, and what is possible; null: it can be met, or there is no aim."),
    chosen: codeEstimateSchema.describe(
      "The code as submitted; with an aim the chosen one, or the one that comes nearest.",
    ),
    choices: z
      .array(codeEstimateSchema)
      .describe(
        "Codes that are worth choosing among, the cheapest first, each faster than those before it: the stops of the dial.",
      ),
    queryCount: z.number(),
    volunteersNeeded: z
      .number()
      .describe("Different volunteers that the chosen code needs at once, and how many are ready."),
    volunteersReady: z.number(),
    rows: rowsEstimateSchema.describe("What its checks cost."),
    basis: estimateBasisSchema,
    comparison: comparisonSchema.nullable().default(null).describe("null: the request had no `alone`."),
  })
  .meta({ id: "InferenceEstimate", description: 'POST /api/estimates answers with this for kind "inference".' });
export type InferenceEstimate = z.infer<typeof inferenceEstimateSchema>;
