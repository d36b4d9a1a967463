import { describe, expect, test } from "vitest";
import { inferenceEstimateRequestSchema } from "../../../../../shared/kinds/inference/estimate.ts";
import { inferenceSubmissionSchema } from "../../../../../shared/kinds/inference/submission.ts";
import { INFERENCE_AT_FIRST, type InferenceFields, type ReadyForm, readInferenceForm } from "../inference-fields.ts";
import { estimateRequest } from "./estimate-request.ts";

const readyOf = (changes: Partial<InferenceFields>) =>
  (readInferenceForm({ ...INFERENCE_AT_FIRST, ...changes }) as { submission: ReadyForm }).submission;
const file = (name: string) => new File(["x"], name);
const own: InferenceFields = {
  ...INFERENCE_AT_FIRST,
  source: "uploads",
  modelFiles: [file("m.onnx")],
  queriesFile: file("q.npy"),
};
const preview = {
  rows: { dtype: "U8", shape: [2, 3], data: new Uint8Array(6) },
  queryCount: 500,
  labels: null,
  labelCount: null,
  unusable: null,
} as const;
const sizes = { macsPerQuery: 100, modelBytes: 2_000, inputSize: 3, outputSize: 2 };

describe("what the coordinator is asked", () => {
  test("of the sample: the job itself, without names", () => {
    const request = estimateRequest({ ...INFERENCE_AT_FIRST, name: "mine", purpose: "science" }, null, null)!;
    expect(inferenceEstimateRequestSchema.parse(request)).toMatchObject({
      source: { kind: "sample", queryCount: 400 },
      liars: 0,
    });
    expect(JSON.stringify(request)).not.toMatch(/mine|science/);
  });

  test("of files on this computer: their sizes, and nothing of what is in them", () => {
    expect(inferenceEstimateRequestSchema.parse(estimateRequest(own, preview, sizes))).toMatchObject({
      source: { kind: "sizes", queryCount: 500, queryDtype: "U8", ...sizes },
    });
  });

  test("nothing, before the files are read or while a setting is none", () => {
    expect(estimateRequest(own, preview, null)).toBeNull();
    expect(estimateRequest(own, null, sizes)).toBeNull();
    expect(estimateRequest({ ...INFERENCE_AT_FIRST, liars: "x" }, null, null)).toBeNull();
  });
});

describe("finishing by a time", () => {
  test("minutes and percent become the job's aim, in place of a code", () => {
    const { rest, sample } = readyOf({ mode: "aim", finishMinutes: "2.5", confidence: "95" });
    expect(rest).toMatchObject({ aim: { finishWithinMs: 150_000, confidence: 0.95 } });
    expect(rest).not.toHaveProperty("scheme");
    const source = { kind: "sample", sample: "mnist", ...sample };
    expect(inferenceSubmissionSchema.parse({ ...rest, source }).aim).toEqual({
      finishWithinMs: 150_000,
      confidence: 0.95,
    });
  });

  test("what is no time and no confidence is said", () => {
    expect(readInferenceForm({ ...INFERENCE_AT_FIRST, mode: "aim", finishMinutes: "", confidence: "100" })).toEqual({
      problems: {
        finishMinutes: "Finish within must be a number of minutes above 0.",
        confidence: "Confidence must be from 50 to 99 %.",
      },
    });
  });
});

test("a purpose goes along where there is one", () => {
  expect(readyOf({ purpose: " for science " }).rest.purpose).toBe("for science");
  expect(readyOf({}).rest).not.toHaveProperty("purpose");
});
