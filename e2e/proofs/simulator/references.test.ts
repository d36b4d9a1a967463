import { expect, test } from "vitest";
import { noReference } from "./references.ts";

test("[EV2] a tensor or a token is found wherever it hides, and names and numbers are none", () => {
  const token = `token-${"7".padStart(20, "0")}`;
  expect(noReference({ type: "audited", jobId: "job", rows: [1, 2], at: { token: "session-1" } })).toBeNull();
  expect(noReference({ records: [{ round: { outputs: new Float32Array(2) } }] })).toBe(
    "records: 0: round: outputs: bytes",
  );
  expect(noReference({ input: new ArrayBuffer(8) })).toBe("input: bytes");
  expect(noReference({ sends: [{ token }] })).toBe("sends: 0: token: a token");
});
