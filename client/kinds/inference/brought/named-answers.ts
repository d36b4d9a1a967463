/** Answers with the names that their submitter brought along, as files. */
import { type AskedText, labelLines, type WrittenAnswer } from "../../../../shared/hub/label-lines.ts";
import {
  PICTURE_FORMATS,
  type PictureAnswers,
  type PictureFormat,
  pictureEntries,
  pictureLines,
} from "../../../../shared/hub/picture-answers.ts";
import { type LabelledToken, labelledTokens, tokenLines } from "../../../../shared/hub/token-lines.ts";
import { vectorLine, vectorOf, vectorsNpy } from "../../../../shared/hub/vector-lines.ts";
import { npzEntries, type OutputShape, shapedNpy, writeZip } from "../../../../shared/inputs/zip-writer.ts";
import { ANSWERS_PER_PAGE_MAX } from "../../../../shared/protocol/limits.ts";
import type { ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import { type Brought, type BroughtTexts, picturesAsked } from "./brought.ts";
import { shownNames } from "./shown-names.ts";

export type NamedFormat = PictureFormat;

/** What can be made of them: labels as tables, vectors as arrays, masks as pictures; lines of JSON of all. */
export function formatsOf(brought: Brought): readonly NamedFormat[] {
  if (brought.kind === "pictures" && picturesAsked(brought) !== null) return PICTURE_FORMATS[brought.task!.gives];
  const givesVectors = brought.kind === "texts" && brought.task.gives === "vectors";
  return givesVectors ? ["npy", "jsonl"] : ["csv", "jsonl"];
}

/** As the command line writes them. */
const TOP = 5;

/** What is not there yet. */
const MISSING: Omit<WrittenAnswer, "index"> = {
  mark: "missing",
  final: false,
  bound: null,
  confidence: null,
  labelAmbiguous: false,
  outputs: [],
};

/** @param onProgress told how many answers are here, of all */
export async function namedAnswers(
  client: Pick<ParitabClient, "answers" | "answersFile">,
  jobId: string,
  brought: Brought,
  format: NamedFormat,
  onProgress: (done: number, all: number) => void,
): Promise<Blob> {
  const asked = brought.kind === "pictures" ? picturesAsked(brought) : null;
  if (asked !== null) return pictureFile(client, jobId, asked, format, onProgress);
  const named = brought.kind === "pictures" ? brought.names : brought.texts;
  const jobs = brought.kind === "pictures" ? [{ jobId, places: named.map((_, place) => place) }] : brought.jobs;
  const answers: WrittenAnswer[] = named.map((_, index) => ({ ...MISSING, index }));
  let done = 0;
  for (const { jobId: id, places } of jobs) {
    for (let offset = 0; offset < places.length; ) {
      const page = await client.answers(id, { offset, limit: ANSWERS_PER_PAGE_MAX });
      if (page.answers.length === 0) break;
      for (const answer of page.answers) answers[places[answer.index]!] = answer;
      offset += page.answers.length;
      done += page.answers.length;
      onProgress(done, named.length);
    }
  }
  if (brought.kind === "texts" && brought.task.gives === "vectors") return vectorsBlob(answers, brought, format);
  if (brought.kind === "texts" && brought.task.gives === "tokens") {
    const line = tokenLines(format === "csv" ? "csv" : "json", (outputs, index) => tokensOf(brought, outputs, index));
    return new Blob(answers.map((answer, index) => line({ ...answer, index }, named[index]!)));
  }
  const line = labelLines(
    format === "csv" ? "csv" : "json",
    shownNames(brought.labels, answers.find(({ outputs }) => outputs.length > 0)?.outputs.length ?? 0),
    TOP,
    brought.kind === "pictures" ? "file" : brought.pairs ? "pair" : "text",
  );
  return new Blob(answers.map((answer, index) => line({ ...answer, index }, askedAt(brought, index))));
}

/** Answers are written one page after the other, and not held: a mask has millions of numbers. */
async function pictureFile(
  client: Pick<ParitabClient, "answers" | "answersFile">,
  jobId: string,
  asked: PictureAnswers,
  format: NamedFormat,
  onProgress: (done: number, all: number) => void,
): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const keep = (bytes: Uint8Array) => void parts.push(bytes as Uint8Array<ArrayBuffer>);
  if (format === "npy" || format === "npz") {
    const npy = await client.answersFile(jobId, "npy");
    if (format === "npy") return new Blob([shapedNpy(npy, asked.outputs) as Uint8Array<ArrayBuffer>]);
    await writeZip(npzEntries(npy, asked.outputs), keep);
    return new Blob(parts);
  }
  const answers = answersInTurn(client, jobId, asked, onProgress);
  if (format === "zip") {
    const entriesOf = pictureEntries(asked);
    async function* entries() {
      for await (const answer of answers) yield* entriesOf(answer);
    }
    await writeZip(entries(), keep);
    return new Blob(parts);
  }
  const size = asked.outputs.reduce((sum, one) => sum + sizeOf(one), 0);
  const line = pictureLines(format === "csv" ? "csv" : "json", asked, {
    names: shownNames(asked.labels, size),
    top: TOP,
  });
  const lines: string[] = [];
  for await (const answer of answers) lines.push(line(answer));
  return new Blob(lines);
}

const sizeOf = ({ shape }: OutputShape) => shape.reduce((product, length) => product * length, 1);

/** Numbers of one page of answers. */
const NUMBERS_AT_ONCE = 2_000_000;

async function* answersInTurn(
  client: Pick<ParitabClient, "answers">,
  jobId: string,
  { names, outputs }: PictureAnswers,
  onProgress: (done: number, all: number) => void,
): AsyncGenerator<WrittenAnswer> {
  const size = outputs.reduce((sum, one) => sum + sizeOf(one), 0);
  const limit = Math.min(ANSWERS_PER_PAGE_MAX, Math.max(1, Math.floor(NUMBERS_AT_ONCE / size)));
  for (let offset = 0; offset < names.length; ) {
    const { answers } = await client.answers(jobId, { offset, limit });
    if (answers.length === 0) return;
    yield* answers;
    offset += answers.length;
    onProgress(offset, names.length);
  }
}

function askedAt(brought: Brought, place: number): AskedText {
  if (brought.kind === "pictures") return brought.names[place]!;
  return brought.pairs ? [brought.texts[place]!, brought.pairs[place]!] : brought.texts[place]!;
}

/** @param place of the text. @throws InputError as labelledTokens does */
export function tokensOf({ tokens, labels }: BroughtTexts, outputs: readonly number[], place: number): LabelledToken[] {
  const own = tokens?.[place];
  return own === undefined || labels === null ? [] : labelledTokens(outputs, own, labels);
}

function vectorsBlob(answers: readonly WrittenAnswer[], brought: BroughtTexts, format: NamedFormat): Blob {
  const { task } = brought;
  if (format === "npy") {
    const vectors = answers.map((answer) => vectorOf(answer, task.normalizes));
    return new Blob([vectorsNpy(vectors) as Uint8Array<ArrayBuffer>]);
  }
  return new Blob(answers.map((answer, index) => vectorLine(answer, index, askedAt(brought, index), task.normalizes)));
}
