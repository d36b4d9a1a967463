import { expect, test } from "vitest";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { hostileFrames, hostileRequest } from "./hostile-frames.ts";
import { liveFuzz } from "./live-fuzz.ts";

test("[G12] hostile HTTP and hostile frames neither end the live coordinator, nor grow it, nor reach its prototypes", {
  timeout: 180_000,
}, async () => {
  const rows = await liveFuzz({ seed: 3, msMax: 0, roundsMin: 4 });
  expect(rows.map(({ target, crashes }) => [target, crashes])).toEqual([
    ["live: HTTP", []],
    ["live: sockets", []],
  ]);
  for (const { inputs } of rows) expect(inputs).toBeGreaterThanOrEqual(90);
});

test("the same seed gives the same hostile bytes", () => {
  const make = (seed: number) => {
    const random = simulationRandom(seed);
    return Buffer.concat(
      Array.from({ length: 20 }, () => [hostileRequest(random, "localhost"), hostileFrames(random)]).flat(),
    );
  };
  expect(make(1).equals(make(1))).toBe(true);
  expect(make(1).equals(make(2))).toBe(false);
});
