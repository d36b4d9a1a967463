/** What a simulated tab makes of shards and products, before a coordinator that only sends and listens. */
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { OpenedSession, TabLink, TabsPort } from "../../server/web/coordinator-port.ts";
import type { ProductAssignment, ShardAssignment } from "../../shared/coded/assignments.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import { matrixProduct } from "../../shared/field/products.ts";
import { randomResidues } from "../../shared/field/random-residues.ts";
import { decodeFrame, encodeFrame } from "../../shared/protocol/frame.ts";
import type { Result } from "../../shared/protocol/messages.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { Collusion } from "./forged-products.ts";
import { ATTACKS } from "./product-lies.ts";
import { SimulatedTab } from "./simulated-tab.ts";
import { HONEST, type TabFaults } from "./tab-faults.ts";
import { VirtualClock } from "./virtual-clock.ts";

const ROWS = 4;
const COLUMNS = 6;

const random = simulationRandom(30_410);

/** Serves blobs to every token but void ones, and keeps what it hears. */
function coordinator() {
  const blobs = new Map<string, Uint8Array>();
  const heard = {
    opened: [] as OpenedSession[],
    results: [] as Result[],
    returned: [] as string[],
    failed: [] as string[],
    fetched: [] as string[],
  };
  const links: TabLink[] = [];
  const voided = new Set<string>();
  const port = {
    sessionOpened(session: OpenedSession, link: TabLink) {
      heard.opened.push(session);
      links.push(link);
    },
    sessionClosed() {},
    blobForToken(token: string, sha256: string) {
      heard.fetched.push(`${token} ${sha256}`);
      const bytes = voided.has(token) ? undefined : blobs.get(sha256);
      return bytes === undefined ? null : { kind: "shard", bytes };
    },
    result(_sessionId: string, result: Result) {
      heard.results.push(result);
      return { verdict: "received" };
    },
    returned: (_sessionId: string, { token }: { token: string }) => heard.returned.push(token),
    failed: (_sessionId: string, { token }: { token: string }) => heard.failed.push(token),
  } as unknown as TabsPort;
  const serve = (bytes: Uint8Array) => {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    blobs.set(sha256, bytes);
    return sha256;
  };
  return { port, heard, links, serve, voided };
}

function scene(faults: readonly Partial<TabFaults>[] = [{}]) {
  const clock = new VirtualClock();
  const { port, heard, links, serve, voided } = coordinator();
  const collusion = new Collusion(faults.map((_, tab) => tab));
  const world = { clock, seed: 1, coordinatorTabs: () => port, collusion };
  const tabs = faults.map((own, tab) => new SimulatedTab(world, tab, { ...HONEST, ...own }));
  const forward = randomResidues(ROWS * COLUMNS, MODULUS, random);
  const backward = randomResidues(ROWS * COLUMNS, MODULUS, random);
  const frame = encodeFrame({
    forward: { dtype: "U32", shape: [ROWS, COLUMNS], data: forward },
    backward: { dtype: "U32", shape: [COLUMNS, ROWS], data: backward },
  });
  const shard: ShardAssignment["shard"] = {
    sha256: serve(frame),
    bytes: frame.length,
    forward: { rows: ROWS, columns: COLUMNS },
    backward: { rows: COLUMNS, columns: ROWS },
  };
  let tokens = 0;
  const common = (roundIndex: number) => ({
    token: `token-${String(tokens++).padStart(20, "0")}`,
    assignmentId: "A".repeat(22),
    kind: "regression" as const,
    jobId: "j",
    jobName: "spam",
    submitter: "Ada",
    roundIndex,
    workerIndex: 0,
    deadlineMs: 1_000,
  });
  const fetching = (): ShardAssignment<"regression"> => ({ ...common(0), work: "shard", shard });
  const vectorOf = (roundIndex: number) => randomResidues(COLUMNS, MODULUS, simulationRandom(roundIndex));
  const multiplying = (roundIndex: number): ProductAssignment<"regression"> => {
    const vector = encodeFrame({ vector: { dtype: "U32", shape: [COLUMNS, 1], data: vectorOf(roundIndex) } });
    return {
      ...common(roundIndex),
      work: "product",
      shard,
      product: "forward",
      vector: { kind: "blob", sha256: serve(vector), bytes: vector.length },
      width: 1,
    };
  };
  const right = (roundIndex: number) => matrixProduct(forward, ROWS, COLUMNS, vectorOf(roundIndex), 1, MODULUS);
  return { clock, tabs, heard, links, voided, fetching, multiplying, right };
}

/** Everything that is due is done, with what follows from it. */
async function passTime(clock: VirtualClock): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (clock.next());
}

function productsOf(result: Result | undefined): Uint32Array {
  if (result?.output.kind !== "inline") throw new Error("expected an inline result");
  return decodeFrame(result.output.frame).products!.data as Uint32Array;
}

test("a shard is fetched and held, and its products are those of the field", async () => {
  const { clock, tabs, heard, links, fetching, multiplying, right } = scene();
  tabs[0]!.connect();
  const shard = fetching();
  links[0]!.assignment(shard);
  await passTime(clock);
  expect(heard.results).toEqual([{ token: shard.token, computeMs: 0, output: { kind: "held" } }]);
  const products = [multiplying(0), multiplying(0)];
  for (const product of products) links[0]!.assignment(product);
  await passTime(clock);
  expect(heard.results.slice(1).map(productsOf)).toEqual([right(0), right(0)]);
  expect(heard.fetched.filter((line) => line.endsWith(shard.shard.sha256))).toEqual([
    `${shard.token} ${shard.shard.sha256}`,
  ]);
  expect(tabs[0]!.honestAssignments).toBe(3);
});

test("a product of a shard that is not held fetches it with its own token, and says nothing where that is void", async () => {
  const { clock, tabs, heard, links, voided, multiplying, right } = scene();
  tabs[0]!.connect();
  const [lost, product] = [multiplying(0), multiplying(0)];
  voided.add(lost.token);
  links[0]!.assignment(lost);
  links[0]!.assignment(product);
  await passTime(clock);
  expect(heard.results.map(({ token }) => token)).toEqual([product.token]);
  expect(productsOf(heard.results[0])).toEqual(right(0));
});

test("attacks are counted as lies where the coordinator took them in, and honest rounds are not", async () => {
  const { clock, tabs, heard, links, multiplying, right } = scene([{ attack: ATTACKS.replay }]);
  tabs[0]!.connect();
  for (const round of [0, 2, 4]) {
    links[0]!.assignment(multiplying(round));
    await passTime(clock);
  }
  expect(heard.results.map(productsOf)).toEqual([right(0), right(0), right(2)]);
  expect(tabs[0]!.lies.get("volunteer-0")).toBe(2);
  expect(tabs[0]!.honestAssignments).toBe(1);
});

test("a sleeper counts iterations, which are two rounds", async () => {
  const { clock, tabs, heard, links, multiplying, right } = scene([{ attack: ATTACKS.sleeper }]);
  tabs[0]!.connect();
  for (const round of [38, 40]) {
    links[0]!.assignment(multiplying(round));
    await passTime(clock);
  }
  expect(productsOf(heard.results[0])).toEqual(right(38));
  expect(productsOf(heard.results[1])).not.toEqual(right(40));
});

test("two colluders send each other's products of the round", async () => {
  const { clock, tabs, heard, links, multiplying, right } = scene([{ attack: ATTACKS.swap }, { attack: ATTACKS.swap }]);
  for (const tab of tabs) tab.connect();
  // The second one's vector is another, so that its product is; the round is called the same.
  const [first, second] = [multiplying(0), { ...multiplying(1), roundIndex: 0 }];
  links[0]!.assignment(first);
  links[1]!.assignment(second);
  await passTime(clock);
  const sentBy = ({ token }: ProductAssignment) => productsOf(heard.results.find((result) => result.token === token));
  expect(sentBy(first)).toEqual(right(1));
  expect(sentBy(second)).toEqual(right(0));
  expect(tabs.map(({ lies }) => lies.size)).toEqual([1, 1]);
  // Who computes when nobody else has is honest.
  links[0]!.assignment(multiplying(2));
  await passTime(clock);
  expect(productsOf(heard.results.at(-1))).toEqual(right(2));
});

test("a cancelled product is given back: one that waits at once, one under way when it is done", async () => {
  const { clock, tabs, heard, links, fetching, multiplying } = scene();
  tabs[0]!.connect();
  links[0]!.assignment(fetching());
  await passTime(clock);
  const products = [multiplying(0), multiplying(0), multiplying(0)];
  for (const product of products) links[0]!.assignment(product);
  // Both cancellations arrive while the first product is under way or before.
  links[0]!.cancel({ token: products[0]!.token });
  links[0]!.cancel({ token: products[1]!.token });
  await passTime(clock);
  expect(heard.returned.sort()).toEqual([products[0]!.token, products[1]!.token].sort());
  expect(heard.results.slice(1).map(({ token }) => token)).toEqual([products[2]!.token]);
});

test("a mute tab neither holds nor multiplies, a garbling one sends what is no residue", async () => {
  const { clock, tabs, heard, links, fetching, multiplying } = scene([{ isMute: true }, { garbageProbability: 1 }]);
  for (const tab of tabs) tab.connect();
  for (const link of links) {
    link.assignment(fetching());
    link.assignment(multiplying(0));
  }
  await passTime(clock);
  const products = heard.results.filter(({ output }) => output.kind === "inline").map(productsOf);
  expect(heard.results).toHaveLength(2);
  expect(products).toHaveLength(1);
  expect(products[0]!.some((residue) => residue >= MODULUS)).toBe(true);
});

test("an invited tab says so when its session opens", () => {
  const { tabs, heard } = scene();
  tabs[0]!.invitation = "x".repeat(22);
  tabs[0]!.connect();
  expect(heard.opened[0]).toMatchObject({ volunteerId: "volunteer-0", invitation: "x".repeat(22) });
});

test("work whose token is void before its data is fetched failed, or is given back where the word to drop it came first", async () => {
  const { clock, tabs, heard, links, voided, multiplying } = scene();
  tabs[0]!.connect();
  const [first, second] = [multiplying(0), multiplying(1)];
  for (const { token } of [first, second]) voided.add(token);
  links[0]!.assignment(first);
  await passTime(clock);
  expect(heard).toMatchObject({ failed: [first.token], returned: [], results: [] });
  links[0]!.cancel({ token: second.token });
  await passTime(clock);
  links[0]!.assignment(second);
  await passTime(clock);
  expect(heard).toMatchObject({ failed: [first.token], returned: [second.token], results: [] });
});
