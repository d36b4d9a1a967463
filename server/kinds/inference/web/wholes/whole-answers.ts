/** [CE12] The answers of a whole, out of those of its parts: pages, files and queries, numbered as the whole's queries are. */
import { Readable } from "node:stream";
import type { AnswerFilter, AnswersPage } from "../../../../../shared/kinds/inference/answers.ts";
import { type PartRange, rangeWith } from "../../../../../shared/kinds/inference/parts.ts";
import { encodeNpy, type NpyArray, npyHead, parseNpy, readNpyHeader } from "../../../../../shared/protocol/npy.ts";
import { ApiFailure } from "../../../../web/api-failure.ts";

export interface PageAsked {
  readonly offset: number;
  readonly limit: number;
  readonly only: AnswerFilter;
}

/**
 * @param matching how many answers of each part the filter lets through, as far as is known
 * @param ask a page of a part, by its index: of those alone that the page reaches into
 */
export async function wholePage(
  ranges: readonly PartRange[],
  matching: readonly number[],
  { offset, limit, only }: PageAsked,
  ask: (index: number, page: PageAsked) => Promise<AnswersPage>,
): Promise<AnswersPage> {
  const queryCount = ranges.reduce((sum, range) => sum + range.queryCount, 0);
  const answers: AnswersPage["answers"] = [];
  let before = 0;
  // A page of a part that is shorter than it was asked to be ends the page: what comes behind it would leave a gap.
  let isCut = false;
  for (const [index, { firstQuery }] of ranges.entries()) {
    const own = matching[index]!;
    const first = Math.max(0, offset - before);
    const wanted: number = isCut ? 0 : limit - answers.length;
    if (wanted === 0 || first >= own) {
      before += own;
      continue;
    }
    const page = await ask(index, { offset: first, limit: wanted, only });
    const shown = page.answers.slice(0, wanted);
    for (const answer of shown) answers.push({ ...answer, index: firstQuery + answer.index });
    isCut ||= shown.length < Math.min(wanted, Math.max(0, page.matching - first));
    before += page.matching;
  }
  return { queryCount, matching: before, offset, answers };
}

/** The rows of all parts as one array. @param open the file of a part, by its index */
export function wholeNpy(ranges: readonly PartRange[], open: (index: number) => Promise<Readable>): Readable {
  return Readable.from(rowsOfAll(ranges, open));
}

async function* rowsOfAll(ranges: readonly PartRange[], open: (index: number) => Promise<Readable>) {
  const queryCount = ranges.reduce((sum, range) => sum + range.queryCount, 0);
  for (const index of ranges.keys()) {
    let head: Buffer | null = Buffer.alloc(0);
    for await (const chunk of await open(index)) {
      if (head === null) {
        yield chunk as Buffer;
        continue;
      }
      head = Buffer.concat([head, chunk as Buffer]);
      const header = readNpyHeader(head);
      if (header === null) continue;
      const { dtype, shape, dataStart } = header;
      if (index === 0) yield Buffer.from(npyHead({ dtype, shape: [queryCount, ...shape.slice(1)] } as never));
      yield head.subarray(dataStart);
      head = null;
    }
    if (head !== null) throw new Error(`wholeNpy: part ${index} sent no array`);
  }
}

/** The lines of all parts, with one head, and numbered on. */
export function wholeCsv(ranges: readonly PartRange[], open: (index: number) => Promise<Readable>): Readable {
  return Readable.from(linesOfAll(ranges, open));
}

async function* linesOfAll(ranges: readonly PartRange[], open: (index: number) => Promise<Readable>) {
  for (const [index, { firstQuery }] of ranges.entries()) {
    let line = 0;
    let number: string | null = "";
    for await (const chunk of (await open(index)).setEncoding("utf8")) {
      const text = chunk as string;
      let said = "";
      // A line may be longer than any piece of it that comes.
      for (let at = 0; at < text.length; ) {
        if (number !== null) {
          const comma = text.indexOf(",", at);
          number += text.slice(at, comma < 0 ? undefined : comma);
          if (comma < 0) break;
          if (line > 0) said += String(firstQuery + Number(number));
          else if (index === 0) said += number;
          number = null;
          at = comma;
          continue;
        }
        const end = text.indexOf("\n", at);
        const rest = text.slice(at, end < 0 ? undefined : end + 1);
        if (line > 0 || index === 0) said += rest;
        if (end < 0) break;
        [line, number, at] = [line + 1, "", end + 1];
      }
      if (said !== "") yield said;
    }
  }
}

/**
 * @param indices of the whole
 * @param ask those queries of a part, by its index, as a `.npy` file
 * @throws ApiFailure 404 where the whole has not so many
 */
export async function wholeQueries(
  ranges: readonly PartRange[],
  indices: readonly number[],
  ask: (index: number, indices: readonly number[]) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const places = indices.map((query) => rangeWith(ranges, query));
  if (places.includes(-1)) throw new ApiFailure(404, "no-queries", "expected queries that the job has, got others");
  const rowsOf = new Map<number, { readonly array: NpyArray; next: number }>();
  for (const index of new Set(places)) {
    const own = indices.filter((_, i) => places[i] === index).map((query) => query - ranges[index]!.firstQuery);
    rowsOf.set(index, { array: parseNpy(await ask(index, own)), next: 0 });
  }
  const { array: first } = rowsOf.get(places[0]!)!;
  const shape = first.shape.slice(1);
  const width = shape.reduce((product, n) => product * n, 1);
  const data = first.dtype === "U8" ? new Uint8Array(indices.length * width) : new Float32Array(indices.length * width);
  places.forEach((index, i) => {
    const rows = rowsOf.get(index)!;
    data.set((rows.array.data as Float32Array).subarray(rows.next * width, (rows.next + 1) * width), i * width);
    rows.next++;
  });
  const array = { dtype: first.dtype, shape: [indices.length, ...shape], data };
  return encodeNpy(array as NpyArray);
}
