/** Messages of the socket, as Socket.IO hands them over: any structure, with bytes in it. */
import type { z } from "zod";
import { assignmentSchema } from "../../../shared/kinds/assignments.ts";
import {
  availabilitySchema,
  failedSchema,
  identifySchema,
  resultSchema,
  returnedSchema,
} from "../../../shared/protocol/messages.ts";
import { Crash, type FuzzTarget } from "./fuzz-target.ts";

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  identify: identifySchema,
  result: resultSchema,
  failed: failedSchema,
  returned: returnedSchema,
  availability: availabilitySchema,
  assignment: assignmentSchema,
};
const TOKEN = "t".repeat(22);
const seeds = [
  {
    name: "identify",
    message: { protocolVersion: 2, buildHash: "ab", publicKey: "<65>", signature: "<64>", backend: "cpu" },
  },
  { name: "result", message: { token: TOKEN, computeMs: 1, output: { kind: "inline", frame: "<64>" } } },
  { name: "failed", message: { token: TOKEN, message: "no memory" } },
  { name: "returned", message: { token: TOKEN } },
  { name: "availability", message: { available: true } },
];

export const messageTarget: FuzzTarget = {
  name: "messages",
  seeds: seeds.map((seed) => Buffer.from(JSON.stringify(seed))),
  errors: [],
  run(input) {
    let said: unknown;
    try {
      said = JSON.parse(Buffer.from(input).toString("utf8"), withBytes);
    } catch {
      return; // Socket.IO's own parser refuses it before we see it.
    }
    const { name, message } = (said ?? {}) as { name?: unknown; message?: unknown };
    const named = typeof name === "string" && Object.hasOwn(SCHEMAS, name) ? [SCHEMAS[name]!] : Object.values(SCHEMAS);
    for (const schema of named) {
      const parsed = schema.safeParse(message);
      if (!parsed.success) continue;
      const keys = Object.keys(parsed.data as object);
      if (keys.some((key) => ["__proto__", "constructor", "prototype"].includes(key))) {
        throw new Crash(`messages: expected the schema's fields alone, got ${keys.join(", ")}`);
      }
    }
  },
};

/** "<65>" stands for 65 bytes: JSON has none. */
function withBytes(_key: string, value: unknown): unknown {
  const length = typeof value === "string" ? /^<(\d{1,6})>$/.exec(value)?.[1] : undefined;
  return length === undefined ? value : new Uint8Array(Number(length));
}
