import { expect, test } from "vitest";
import { storedJob } from "../../coordinator/testing/story.ts";
import { withCoinKey, withoutCoinKey } from "./coin-keys.ts";
import type { StoredJob } from "./records.ts";

const jobSecret = () => Uint8Array.of(1, 2, 250);
const key = "0102fa";

function job(secretHex: string | null, isCommitted: boolean): StoredJob {
  const commitment = { commitment: "c", nonce: "n", queries: "q" };
  const crossChecks = { secretHex, terms: null, anchors: 0, certificate: null };
  return { ...storedJob("job", {}, 40, 1), crossChecks, ...(isCommitted ? { commitment } : {}) };
}

test("[RC7] [CC2] a key that derives from the job's secret is not stored, and is there again when the job goes on", () => {
  const stored = withoutCoinKey(job(key, true));
  expect(JSON.stringify(stored)).not.toContain(key);
  expect(withCoinKey(stored, jobSecret).crossChecks!.secretHex).toBe(key);
});

test("[CC2] a key that was drawn lies with the job's record, and stays what it was", () => {
  expect(withoutCoinKey(job("5e", false)).crossChecks!.secretHex).toBe("5e");
  expect(withCoinKey(job("5e", false), jobSecret).crossChecks!.secretHex).toBe("5e");
  // A record of before, with its key beside what it derives from.
  expect(withCoinKey(job("5e", true), jobSecret).crossChecks!.secretHex).toBe("5e");
});
