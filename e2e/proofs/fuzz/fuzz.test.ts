import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FuzzTarget, runTarget } from "./fuzz-target.ts";
import { httpTargets } from "./http-target.ts";
import { messageTarget } from "./message-target.ts";
import { parserTargets } from "./parser-targets.ts";
import { fuzz } from "./run-fuzz.ts";

const SEED = 5;
/** One batch each, however slow the machine. */
const SHORT = { seed: SEED, msMax: 0 };

test.each([...parserTargets(), messageTarget].map((target) => [target.name, target] as const))(
  "[G12] %s takes whatever comes",
  async (_, target) => {
    expect((await fuzz(target, SHORT)).crashes).toEqual([]);
  },
);

test.each([...parserTargets(), messageTarget].map((target) => [target.name, target] as const))(
  "%s takes its own seeds: what is spoilt was well-formed",
  async (_, target) => {
    for (const seed of target.seeds) await target.run(seed);
  },
);

describe("bodies of the API", () => {
  let http: Awaited<ReturnType<typeof httpTargets>>;
  beforeAll(async () => {
    http = await httpTargets();
  });
  afterAll(() => http.close());

  test("[AC11] whatever is posted, the answer is a refusal, never a mistake of the coordinator", async () => {
    for (const target of http.targets) expect((await fuzz(target, SHORT)).crashes).toEqual([]);
  });
});

describe("the fuzzer itself", () => {
  const target = (run: FuzzTarget["run"]): FuzzTarget => ({
    name: "planted",
    seeds: [Buffer.from('{"size":12}')],
    errors: ["SyntaxError"],
    run,
  });

  test("finds a parser that believes a length, and tells its seed and input", async () => {
    const row = await fuzz(
      target((input) => {
        const { size } = JSON.parse(Buffer.from(input).toString()) ?? {};
        if (typeof size === "number" && size !== 12) throw new RangeError("out of memory");
      }),
      SHORT,
    );
    expect(row.crashes[0]).toMatch(/^seed \d+: planted: expected SyntaxError, got RangeError[\s\S]*input [0-9a-f]+$/);
  });

  test("finds a merge that reaches the prototype of all objects, and cleans it up", async () => {
    const merge = target((input) => {
      const said = JSON.parse(Buffer.from(input).toString()) as Record<string, Record<string, unknown>>;
      if (Object.hasOwn(said, "__proto__")) Object.assign(Object.prototype, { polluted: true });
    });
    await expect(runTarget(merge, Buffer.from('{"__proto__":{"polluted":1}}'))).rejects.toThrow(/polluted in one/);
    expect("polluted" in {}).toBe(false);
  });

  test("finds a parser that computes for long, and none that only waits", async () => {
    const target = (run: () => Promise<void>): FuzzTarget => ({ name: "slow", seeds: [], errors: [], run });
    const waits = target(() => new Promise((resolve) => setTimeout(resolve, 400)));
    await expect(runTarget(waits, new Uint8Array(), 300)).resolves.toBeUndefined();
    const computes = target(async () => {
      const before = process.cpuUsage();
      while (process.cpuUsage(before).user < 400_000);
    });
    await expect(runTarget(computes, new Uint8Array(), 300)).rejects.toThrow(/within 300 ms of computing/);
  });
});
