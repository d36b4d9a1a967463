/** Shards and products in real tabs, asked for by a coordinator that is scripted here. */

import type { ShardAssignment } from "../../shared/coded/assignments.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import { randomResidues } from "../../shared/field/random-residues.ts";
import { decodeFrame, encodeFrame } from "../../shared/protocol/frame.ts";
import type { Payload, Result } from "../../shared/protocol/messages.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { type ScriptedCoordinator, startScriptedCoordinator } from "../coordinators/scripted-coordinator.ts";
import { parseFaultProfile } from "../crowd/browser/fault-profile.ts";
import { type Crowd, openCrowd } from "../crowd/browser/open-crowd.ts";
import { expect, test } from "./fixtures.ts";

const CONNECT_MS_MAX = 120_000;

let coordinator: ScriptedCoordinator;
let crowd: Crowd | null;
test.beforeEach(async () => {
  crowd = null;
  coordinator = await startScriptedCoordinator();
});
test.afterEach(async () => {
  await crowd?.close();
  await coordinator.close();
});

async function openTabs(tabs: number, profile: string): Promise<string[]> {
  const options = { seed: 1, crowd: "products", backends: ["wasm" as const] };
  crowd = await openCrowd({ ...options, url: coordinator.url, tabs, profile: parseFaultProfile(profile) });
  await crowd.connected(CONNECT_MS_MAX);
  const names = crowd.tabs.map(({ name }) => name);
  await expect.poll(() => [...coordinator.port.ready.keys()].sort()).toEqual(names.toSorted());
  return names;
}

const random = simulationRandom(30_420);
const common = {
  kind: "regression" as const,
  jobId: "j",
  jobName: "spam",
  submitter: "Ada",
  workerIndex: 0,
  assignmentId: "A".repeat(22),
  deadlineMs: 60_000,
};

interface Shape {
  readonly rows: number;
  readonly columns: number;
}

function makeShard(forward: Shape, backward: Shape) {
  const draw = ({ rows, columns }: Shape) => ({
    dtype: "U32" as const,
    shape: [rows, columns],
    data: randomResidues(rows * columns, MODULUS, random),
  });
  const matrices = { forward: draw(forward), backward: draw(backward) };
  const frame = encodeFrame(matrices);
  const message: ShardAssignment["shard"] = {
    sha256: coordinator.port.serve(frame),
    bytes: frame.length,
    forward,
    backward,
  };
  return { matrices, message };
}

function makeVector(length: number, width: number, where: Payload["kind"]) {
  const data = randomResidues(length * width, MODULUS, random);
  const frame = encodeFrame({ vector: { dtype: "U32", shape: [length, width], data } });
  const payload: Payload =
    where === "inline"
      ? { kind: "inline", frame }
      : { kind: "blob", sha256: coordinator.port.serve(frame), bytes: frame.length };
  return { data, payload };
}

function productsOf({ output }: Result): Uint32Array {
  if (output.kind !== "inline") throw new Error(`expected an inline result, got ${output.kind}`);
  return decodeFrame(Uint8Array.from(output.frame)).products!.data as Uint32Array;
}

test("a tab fetches a share of the data once and multiplies it exactly, forward and backward, thin and wide", async () => {
  const [name] = await openTabs(1, "honest");
  const { port } = coordinator;
  // A ninth of the GISETTE-like set, as the AVCC setting gives each tab.
  const { matrices, message } = makeShard({ rows: 667, columns: 5_000 }, { rows: 556, columns: 6_000 });
  const held = await port.ask(name!, { ...common, work: "shard", roundIndex: 0, shard: message });
  expect(held.output).toEqual({ kind: "held" });

  const kernels = await createWasmKernels();
  let roundIndex = 0;
  for (const product of ["forward", "backward"] as const) {
    const { rows, columns } = message[product]!;
    const matrix = kernels.loadMatrix(matrices[product].data, rows, columns);
    for (const [width, where] of [
      [1, "inline"],
      [10, "blob"],
    ] as const) {
      const { data, payload } = makeVector(columns, width, where);
      const result = await port.ask(name!, {
        ...common,
        work: "product",
        roundIndex: roundIndex++,
        shard: message,
        product,
        vector: payload,
        width,
      });
      const [sent, expected] = [productsOf(result), await matrix.matThin(data, width)];
      expect(sent).toHaveLength(expected.length);
      expect(sent.findIndex((residue, at) => residue !== expected[at])).toBe(-1);
    }
  }
  kernels.dispose();
  expect(port.fetched.filter((sha256) => sha256 === message.sha256)).toHaveLength(1);
  // The page is told a little after the coordinator.
  await expect
    .poll(async () => (await crowd!.status())[0])
    .toMatchObject({ counts: { answered: 5, failed: 0 }, lastError: null });
});

test("two colluding tabs send each other's products of the round", async () => {
  const names = await openTabs(2, "liar:2(swap)");
  const shape = { rows: 3, columns: 5 };
  const kernels = await createWasmKernels();
  const shards = names.map(() => makeShard(shape, shape));
  async function swapped(roundIndex: number) {
    const asked = names.map((name, tab) => {
      const { matrices, message } = shards[tab]!;
      const { data, payload } = makeVector(5, 1, "inline");
      const honest = kernels.loadMatrix(matrices.forward.data, 3, 5).matVec(data);
      const product = { work: "product", product: "forward", shard: message, vector: payload, width: 1 } as const;
      return { honest, sent: coordinator.port.ask(name, { ...common, ...product, roundIndex }) };
    });
    const sent = (await Promise.all(asked.map(({ sent }) => sent))).map(productsOf);
    const honest = await Promise.all(asked.map(({ honest }) => honest));
    return { sent, expected: [honest[1], honest[0]] };
  }
  // A colluder waits a little for the other, and not for good: in the first round tabs still fetch their shares.
  let roundIndex = 0;
  await expect(async () => {
    const { sent, expected } = await swapped(roundIndex++);
    expect(sent).toEqual(expected);
  }).toPass();
  kernels.dispose();
});

test("the worker page brings its invitation along, also from a link within the site, and names the share that it fetched", async ({
  page,
}) => {
  const { port, url } = coordinator;
  const invitation = "an-invitation-of-22-and-more";
  await page.goto(`${url}/#invite=${invitation}`);
  await expect(page.getByText("an invitation to a private job")).toBeVisible();
  await page.goto(`${url}/dashboard`);
  await page.goto(url);
  await expect(page.getByText("an invitation to a private job")).toBeVisible();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByText("Waiting for work")).toBeVisible();
  expect(port.calls).toContainEqual(["sessionOpened", expect.objectContaining({ invitation })]);

  const shape = { rows: 3, columns: 5 };
  const { message } = makeShard(shape, shape);
  const [nickname] = port.ready.keys();
  await port.ask(nickname!, { ...common, work: "shard", roundIndex: 0, shard: message });
  await expect(page.getByRole("row", { name: /spam .*share of the data/ })).toBeVisible();
});
