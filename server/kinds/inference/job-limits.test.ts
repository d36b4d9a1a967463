import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { ANSWER_BYTES_PER_JOB_MAX, BATCH_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { isProblem } from "../../web/coordinator-port.ts";

let world: ShellWithTabs | null = null;
afterEach(() => world?.close());

/** @returns the sentence of the refusal, or "accepted" */
async function submit(inputSize: number, outputSize: number, count: number, settings: Record<string, unknown>) {
  world = await ShellWithTabs.open([]);
  const layer = { kernel: new Float32Array(inputSize * outputSize).fill(1), bias: new Float32Array(outputSize) };
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(packDenseModel([{ ...layer, activation: "linear" }])),
    world.upload({ dtype: "U8", shape: [count, inputSize], data: new Uint8Array(count * inputSize) }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 };
  const reply = await world.submit({ scheme: "uncoded", queriesPerGroup: 1, ...settings, source });
  return isProblem(reply) ? reply.message : "accepted";
}

test("all that is too much is said at once, each with its limit, what came, and what would fit", async () => {
  const [outputs, count] = [65_536, 4_096];
  const said = await submit(1, outputs, count, { groupsPerRound: 1_024, queriesPerGroup: 2 });
  const reasons = said.split(". ");
  expect(reasons).toHaveLength(3);
  expect(reasons[0]).toBe(
    `expected answers of at most ${ANSWER_BYTES_PER_JOB_MAX} bytes, but ${count} queries with ${outputs} outputs make ${count * outputs * 4}; ` +
      `at ${ANSWER_BYTES_PER_JOB_MAX / outputs / 4} queries a job this fits: split the job`,
  );
  expect(reasons[1]).toBe(
    `expected a batch of at most ${BATCH_BYTES_MAX} bytes, but 1024 groups make ${1_024 * outputs * 4}; ` +
      `at ${BATCH_BYTES_MAX / outputs / 4} rows a batch this fits: lower groupsPerRound to ${BATCH_BYTES_MAX / outputs / 4}`,
  );
  expect(reasons[2]).toMatch(
    /^expected a round of at most \d+ bytes, but 2 workers with 1024 groups make \d+; at \d+ rows/,
  );
});

test("what the sentence says would fit fits, and one more does not", async () => {
  const settings = { groupsPerRound: 1_024 };
  const said = await submit(1, 65_536, 1_100, settings);
  const fits = Math.min(...[...said.matchAll(/lower groupsPerRound to (\d+)/g)].map(([, groups]) => Number(groups)));
  expect(await submit(1, 65_536, 1_100, { groupsPerRound: fits })).toBe("accepted");
  expect(await submit(1, 65_536, 1_100, { groupsPerRound: fits + 1 })).toContain(`lower groupsPerRound to ${fits}`);
});
