/** CSV on standard input as a row of jobs: a pipe may be endless, and answers are to come early and in order. */
import { InputError } from "../../../shared/inputs/input-error.ts";
import { TableBuilder } from "../../../shared/inputs/table.ts";
import type { InferenceInput } from "./inference-input.ts";
import { linesOf } from "./lines.ts";

/** Rows that make one job: some rounds of the default code, so that its last audits do not weigh. */
export const CHUNK_ROWS = 1_000;
export const CHUNK_ROWS_MAX = 1_000_000;
/** K of a submission that says nothing of it. */
const QUERIES_PER_GROUP = 4;

/** @throws InputError where a line is no row, or there are none at all */
export async function* chunksOf(input: InferenceInput, rows: number): AsyncGenerator<InferenceInput> {
  const name = "standard input";
  const builder = new TableBuilder(name, input.labelColumn ?? null);
  let firstIndex = 0;
  const chunk = (): InferenceInput => {
    const { features, labels } = builder.take();
    const count = features.shape[0]!;
    const asked = input.settings.queriesPerGroup ?? QUERIES_PER_GROUP;
    // The last rows may be fewer than are encoded together.
    const settings = { ...input.settings, queriesPerGroup: Math.min(asked, count) };
    const source = { ...input.source, queries: features, ...(labels === null ? {} : { labels }) };
    const made = { ...input, settings, source, firstIndex, textOnStdin: null };
    firstIndex += count;
    return made as InferenceInput;
  };
  for await (const line of linesOf(input.textOnStdin!, name)) {
    builder.addLine(line);
    if (builder.rows === rows) yield chunk();
  }
  if (builder.rows > 0) yield chunk();
  if (firstIndex === 0) throw new InputError(`${name}: expected rows of numbers, got none`);
}
