import { expect, test } from "vitest";
import { PROTOCOL_VERSION } from "./limits.ts";
import { identifySchema, resultSchema } from "./messages.ts";

const token = "t".repeat(22);
const inline = { kind: "inline", frame: new Uint8Array(8) };

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
