/**
 * What stays with a job of what its submitter brought along: names of its rows or its texts, names of its labels, and how its answers are
 * read. It is an upload of the submitter's; whoever may read the job's answers may read it, and nobody else: no volunteer, no receipt.
 */
import { z } from "zod";
import { InputError } from "../inputs/input-error.ts";
import { describeIssues } from "../protocol/describe-issues.ts";
import { jsonOrNull } from "../protocol/json-or-null.ts";
import { KEPT_NAMES_BYTES_MAX, PHOTO_PIXELS_MAX, QUERIES_PER_JOB_MAX } from "../protocol/limits.ts";
import type { PictureTask } from "./picture-task.ts";

const TOP_MAX = 100;

const place = z.number().int().min(0);
const rowsOf = <Row extends z.ZodType>(row: Row) => z.array(row).max(QUERIES_PER_JOB_MAX);

const labelsSchema = z
  .object({
    holds: z.enum(["one", "several", "values"]).describe("one: labels exclude each other; values: numbers are scores."),
    names: z.array(z.string()).describe("By the place of the model's number."),
  })
  .nullable()
  .describe("null: nobody named them, and they are numbered.");

const skippedSchema = z
  .array(z.object({ file: z.string(), reason: z.string() }))
  .describe("Files that could not be read, and are no rows of the job; absent: there were none.")
  .exactOptional();

const top = z.number().int().min(1).max(TOP_MAX).describe("So many labels of an answer are written.");
/** Whoever knows the names of somebody's files is not to find them by their hash. */
const seal = z.string().max(64).describe("At random.");

const rowsSchema = z
  .object({ kind: z.literal("rows"), seal, names: rowsOf(z.string()).describe("By row."), skipped: skippedSchema })
  .describe("Names, and answers as the model gives them.");

const sizeSchema = z.object({
  width: z.number().int().min(1).max(PHOTO_PIXELS_MAX),
  height: z.number().int().min(1).max(PHOTO_PIXELS_MAX),
});
const outputsOf = (count: number) => z.array(z.string()).length(count);
const one = outputsOf(1);
const taskSchema = z.discriminatedUnion("gives", [
  z.object({ gives: z.literal("labels"), outputs: one }),
  z.object({
    ...{ gives: z.literal("boxes"), outputs: outputsOf(2) },
    scores: z.enum(["softmax", "sigmoid"]),
  }),
  z.object({ gives: z.literal("masks"), outputs: one }),
  z.object({ gives: z.literal("depth"), outputs: one }),
  z.object({ gives: z.literal("numbers"), outputs: z.array(z.string()) }),
]);
/** A list of known length: the maker of the OpenAPI document takes no tuples. */
const pictureTaskSchema = taskSchema as unknown as z.ZodType<PictureTask>;

const decodingSchema = z
  .object({
    task: pictureTaskSchema.describe("What the model gives of a picture, and by which outputs."),
    outputs: z
      .array(z.object({ name: z.string(), shape: z.array(place).readonly() }))
      .min(1)
      .readonly()
      .describe("As a row of answers has them, in order."),
    shapes: rowsOf(z.object({ own: sizeSchema, seen: sizeSchema }))
      .readonly()
      .describe("Pixels of each file, and of its picture in the row, by row."),
    isCropped: z.boolean().describe("The model sees the middle of each."),
    threshold: z.number().min(0).max(1).describe("Of boxes: less sure ones are left out."),
  })
  .describe("How answers become boxes, masks, depths or arrays. Absent: they are labels.");

const picturesSchema = z
  .object({
    ...{ kind: z.literal("pictures"), seal, names: rowsOf(z.string()).describe("Of the pictures' files, by row.") },
    ...{ labels: labelsSchema, top, skipped: skippedSchema },
    decoding: decodingSchema.exactOptional(),
  })
  .describe("Names of files and of labels.");

const textsSchema = z
  .object({
    ...{ kind: z.literal("texts"), seal, labels: labelsSchema, top },
    texts: rowsOf(z.string()).describe("Of this job, by row."),
    pairs: rowsOf(z.string()).nullable().describe("The second text of each; null: they are single."),
    gives: z.enum(["vectors", "labels", "tokens", "spans"]).describe("What the model gives for a text."),
    normalizes: z.boolean().describe("Vectors get the length 1."),
    output: z.string().describe("Of the model's outputs."),
    tokens: rowsOf(
      z
        .object({ words: z.array(z.string()), start: place, count: place })
        .describe("Its tokens, and where they stand."),
    )
      .nullable()
      .describe("By row, where each token has a label; else null."),
    spans: rowsOf(
      z.object({ start: place, pieces: z.array(z.string()) }).describe("Where the context begins, and its tokens."),
    )
      .nullable()
      .describe("By row, where an answer is a part of a context; else null."),
    candidates: z
      .object({ names: z.array(z.string()).min(2), entailment: place })
      .nullable()
      .describe("Labels that each text was paired with: a row for each. null: none."),
    jobs: z.array(z.string()).min(1).describe("The jobs that all texts became, one a length; this one is among them."),
    places: rowsOf(place).describe("Of this job's rows among those of all jobs."),
    total: z.number().int().min(1).max(QUERIES_PER_JOB_MAX).describe("Rows of all jobs."),
  })
  .describe("Texts, which may be several jobs.");

export const keptNamesSchema = z
  .discriminatedUnion("kind", [rowsSchema, picturesSchema, textsSchema])
  .meta({ id: "KeptNames", description: "What POST /api/names takes, and GET /api/jobs/:jobId/names.json gives." });
export type KeptNames = z.infer<typeof keptNamesSchema>;
export type KeptRows = z.infer<typeof rowsSchema>;
export type KeptPictures = z.infer<typeof picturesSchema>;
export type PictureDecoding = z.infer<typeof decodingSchema>;
export type KeptTexts = z.infer<typeof textsSchema>;
export type SkippedFile = NonNullable<KeptRows["skipped"]>[number];

/** @returns null: they are too many to stay with a job */
export function keptBytes(kept: KeptNames): Uint8Array<ArrayBuffer> | null {
  const bytes = new TextEncoder().encode(JSON.stringify(kept));
  return bytes.length <= KEPT_NAMES_BYTES_MAX ? bytes : null;
}

/**
 * @param job whose they are
 * @returns null: they are not those of this job's rows, whatever they are
 * @throws InputError where they are no such names
 */
export function keptNamesIn(
  bytes: Uint8Array,
  job: { readonly jobId: string; readonly queryCount: number },
): KeptNames | null {
  const given = jsonOrNull(new TextDecoder().decode(bytes));
  const read = keptNamesSchema.safeParse(given);
  if (!read.success) {
    throw new InputError(`names of job ${job.jobId}: ${describeIssues(read.error, given as object).slice(0, 400)}`);
  }
  const kept = read.data;
  const rows = kept.kind === "texts" ? kept.texts.length : kept.names.length;
  return rows === job.queryCount && isWhole(kept, job.jobId) ? kept : null;
}

/** Lists that have to be as long as each other are, and what an answer is read by is there. */
function isWhole(kept: KeptNames, jobId: string): boolean {
  if (kept.kind === "pictures" && kept.decoding !== undefined) return isDecodable(kept, kept.decoding);
  if (kept.kind !== "texts") return true;
  const { texts, pairs, tokens, spans, gives, labels, candidates, jobs, places, total } = kept;
  const lists = [pairs, tokens, spans, places].filter((list) => list !== null);
  const has = {
    vectors: true,
    labels: labels !== null,
    tokens: tokens !== null && labels !== null,
    spans: spans !== null && pairs !== null,
  };
  return (
    lists.every((list) => list.length === texts.length) &&
    (has[gives] || candidates !== null) &&
    (candidates === null || total % candidates.names.length === 0) &&
    places.every((one) => one < total) &&
    jobs.includes(jobId)
  );
}

/** Each row has its sizes, and the outputs are those that the task reads, in shapes that it can. */
function isDecodable({ names }: KeptPictures, { task, outputs, shapes }: PictureDecoding): boolean {
  const lengths = { labels: null, boxes: [2, 2], masks: [3], depth: null, numbers: null }[task.gives];
  return (
    shapes.length === names.length &&
    shapes.every(({ own, seen }) => isPhoto(own) && isPhoto(seen)) &&
    (task.gives === "numbers" || outputs.length === task.outputs.length) &&
    (lengths === null || lengths.every((length, i) => outputs[i]?.shape.length === length))
  );
}

const isPhoto = ({ width, height }: { width: number; height: number }) => width * height <= PHOTO_PIXELS_MAX;

/** Rows of all jobs together. */
export function rowCountOf(kept: KeptNames): number {
  return kept.kind === "texts" ? kept.total : kept.names.length;
}

/** @param whole of all rows, in order @param places of one job's rows @param jobs all of them @returns what stays with that job: nothing of the others' rows */
export function keptOfJob(whole: KeptTexts, places: readonly number[], jobs: readonly string[]): KeptTexts {
  const own = <Row>(rows: readonly Row[] | null) => rows && places.map((at) => rows[at]!);
  const { texts, pairs, tokens, spans } = whole;
  return {
    ...whole,
    ...{ texts: own(texts)!, pairs: own(pairs), tokens: own(tokens), spans: own(spans) },
    ...{ jobs: [...jobs], places: [...places] },
  };
}

/** @param parts what stays with each of the jobs, one at least; of a job that is gone there is none @returns the same of all rows, in order */
export function keptTogether(parts: readonly KeptTexts[]): KeptTexts {
  const [first] = parts as [KeptTexts];
  const { total } = first;
  const all = <Row>(rowsOfPart: (part: KeptTexts) => readonly Row[] | null, none: Row): Row[] | null => {
    if (rowsOfPart(first) === null) return null;
    const rows = new Array<Row>(total).fill(none);
    for (const part of parts) {
      const own = rowsOfPart(part) ?? [];
      for (const [row, at] of part.places.entries()) if (at < total) rows[at] = own[row] ?? none;
    }
    return rows;
  };
  return {
    ...first,
    texts: all(({ texts }) => texts, "")!,
    pairs: all(({ pairs }) => pairs, ""),
    tokens: all(({ tokens }) => tokens, { words: [], start: 0, count: 0 }),
    spans: all(({ spans }) => spans, { start: 0, pieces: [] }),
    places: Array.from({ length: total }, (_, at) => at),
  };
}
