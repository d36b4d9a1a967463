import { expect, test } from "vitest";
import { withoutOwnNames } from "../../../shared/kinds/own-names.ts";
import { blobReferences } from "../../store/blob-references.ts";
import { inferenceCodec } from "./records.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";

const hash = (letter: string) => letter.repeat(64);
const [NAMES, QUERIES, MODEL] = [hash("a"), hash("b"), hash("c")] as const;
const SOURCE = {
  kind: "uploads",
  modelSha256: MODEL,
  queriesSha256: QUERIES,
  namesSha256: NAMES,
  inputScale: 1,
} as const;

test("names stay as long as the answers of their job, its queries and model do not", () => {
  const { submission, ...job } = someInferenceJob("job-1");
  const stored = {
    ...{ ...job, modelSha256: MODEL, queriesSha256: QUERIES, namesSha256: NAMES, finishedMs: 1_000 },
    submission: { ...submission, source: SOURCE },
  };
  const kept = (endedBeforeMs: number) =>
    blobReferences({ kind: "job", job: inferenceCodec.toRecord(stored) }, endedBeforeMs);
  for (const sha256 of [NAMES, QUERIES, MODEL]) expect(kept(0)).toContain(sha256);
  expect(kept(2_000)).toContain(NAMES);
  for (const sha256 of [QUERIES, MODEL]) expect(kept(2_000)).not.toContain(sha256);
});

test("what receipts say of a submission has neither names nor the command line, and all else", () => {
  const { submission } = someInferenceJob("job-1");
  const asked = { ...submission, source: SOURCE, asked: ["paritab", "submit", "--images", "my-diary"] };
  const { namesSha256: _names, ...source } = SOURCE;
  expect(withoutOwnNames(asked)).toEqual({ ...submission, source });
  expect(withoutOwnNames(submission)).toEqual(submission);
});
