import { describe, expect, test } from "vitest";
import { PROTOCOL_VERSION, SOCKET_MESSAGE_BYTES_MAX } from "./limits.ts";
import { assignmentSchema, identifySchema, resultSchema } from "./messages.ts";

const token = "t".repeat(22);
const common = {
  token,
  jobId: "j",
  jobName: "digits",
  submitter: "Ada",
  roundIndex: 4,
  workerIndex: 2,
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
  model: { sha256: hash, bytes: 9 },
  input: inline,
  rowCount: 1,
  inputSize: 2,
  outputSize: 3,
};
const fetching = { ...common, kind: "shard", shard };
const product = { ...common, kind: "product", shard, product: "forward", vector: inline, width: 1 };

describe("assignments", () => {
  test.each<[string, object]>([
    ["a probe", { ...batch, kind: "probe" }],
    ["a batch in the message", batch],
    ["a batch as a blob", { ...batch, input: blob }],
    ["a shard", fetching],
    ["a shard of a matrix job", { ...fetching, shard: { ...shard, backward: null } }],
    ["a forward product", product],
    ["a backward product with the vector as a blob", { ...product, product: "backward", vector: blob, width: 10 }],
  ])("%s is read as it was written", (_what, assignment) => {
    expect(assignmentSchema.parse(assignment)).toEqual(assignment);
  });

  test("[PR10] what belongs to another kind is dropped", () => {
    expect(assignmentSchema.parse({ ...fetching, rowCount: 3, vector: inline, further: true })).toEqual(fetching);
  });

  test.each<[string, object]>([
    ["of an unknown kind", { ...fetching, kind: "mine-coins" }],
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
  ])("one %s is refused", (_what, assignment) => {
    expect(assignmentSchema.safeParse(assignment).success).toBe(false);
  });
});

test("a result is a frame, an upload that went before, or a shard that is held", () => {
  for (const output of [inline, { kind: "uploaded" }, { kind: "held" }]) {
    const result = { token, computeMs: 1.5, output };
    expect(resultSchema.parse(result)).toEqual(result);
  }
  expect(resultSchema.safeParse({ token, computeMs: 1, output: { kind: "lost" } }).success).toBe(false);
  expect(resultSchema.safeParse({ token, computeMs: -1, output: { kind: "held" } }).success).toBe(false);
});

test("[PR19] an invitation is a token, and may be absent", () => {
  const identify = {
    protocolVersion: PROTOCOL_VERSION,
    buildHash: "b",
    publicKey: new Uint8Array(65),
    signature: new Uint8Array(64),
    backend: "wasm",
  };
  expect(identifySchema.parse(identify)).toEqual(identify);
  expect(identifySchema.parse({ ...identify, invitation: token })).toEqual({ ...identify, invitation: token });
  for (const invitation of ["", "short", `${token} `, "x".repeat(65), `${token}/`]) {
    expect(identifySchema.safeParse({ ...identify, invitation }).success).toBe(false);
  }
});
