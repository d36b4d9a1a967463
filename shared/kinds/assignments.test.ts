import { describe, expect, test } from "vitest";
import { SOCKET_MESSAGE_BYTES_MAX } from "../protocol/limits.ts";
import { assignmentSchema } from "./assignments.ts";

const token = "t".repeat(22);
const common = {
  token,
  jobId: "j",
  jobName: "digits",
  submitter: "Ada",
  assignmentId: "i".repeat(22),
  deadlineMs: 500,
};
const hash = "a".repeat(64);
const frame = new Uint8Array(8);
const inline = { kind: "inline", frame };
const blob = { kind: "blob", sha256: hash, bytes: 20 };
const shard = {
  sha256: hash,
  bytes: 100,
  forward: { rows: 3, columns: 5 },
  backward: { rows: 2, columns: 7 },
};
const batch = {
  ...common,
  kind: "inference",
  work: "batch",
  model: { sha256: hash, bytes: 9 },
  input: inline,
  rowCount: 1,
  inputSize: 2,
  outputSize: 3,
};
const place = { roundIndex: 4, workerIndex: 2 };
const fetching = { ...common, ...place, kind: "regression", work: "shard", shard };
const product = {
  ...{ ...common, ...place, kind: "regression", work: "product" },
  ...{ shard, product: "forward", vector: inline, width: 1 },
};

describe("assignments", () => {
  test.each<[string, object]>([
    ["a probe", { ...batch, kind: "probe" }],
    ["a batch in the message", batch],
    ["a batch as a blob", { ...batch, input: blob }],
    ["a shard", fetching],
    ["a shard of a matrix job", { ...fetching, kind: "matmul", shard: { ...shard, backward: null } }],
    ["a forward product", product],
    ["a backward product with the vector as a blob", { ...product, product: "backward", vector: blob, width: 10 }],
  ])("%s is read as it was written", (_what, assignment) => {
    expect(assignmentSchema.parse(assignment)).toEqual(assignment);
  });

  test("[PR83] where a batch belongs is dropped, should anybody say it", () => {
    expect(assignmentSchema.parse({ ...batch, ...place })).toEqual(batch);
  });

  test("[PR10] what belongs to other work is dropped", () => {
    expect(assignmentSchema.parse({ ...fetching, rowCount: 3, vector: inline, further: true })).toEqual(fetching);
  });

  test.each<[string, object]>([
    ["of an unknown kind", { ...fetching, kind: "mine-coins" }],
    ["of unknown work", { ...fetching, work: "mine-coins" }],
    ["of a batch without a model", { ...batch, model: undefined }],
    ["of a product without a vector", { ...product, vector: undefined }],
    ["of a product without a shard", { ...product, shard: undefined }],
    ["of a product of width 0", { ...product, width: 0 }],
    ["of a product sideways", { ...product, product: "sideways" }],
    ["of a shard of another hash", { ...fetching, shard: { ...shard, sha256: hash.toUpperCase() } }],
    ["of a shard without rows", { ...fetching, shard: { ...shard, forward: { rows: 0, columns: 5 } } }],
    ["of a shard that does not say of its second matrix", { ...fetching, shard: { ...shard, backward: undefined } }],
    [
      "with a vector too large for a message",
      {
        ...product,
        vector: { kind: "inline", frame: new Uint8Array(SOCKET_MESSAGE_BYTES_MAX + 1) },
      },
    ],
    ["with a token that can be guessed", { ...fetching, token: "short" }],
    ["with an id that can be guessed", { ...batch, assignmentId: "4" }],
  ])("one %s is refused", (_what, assignment) => {
    expect(assignmentSchema.safeParse(assignment).success).toBe(false);
  });
});
