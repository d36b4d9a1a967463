import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { assetsInNode } from "../../../server/numerics/runtime-assets.ts";
import { rowDeviation } from "../../verify/compare-rows.ts";
import { inspectModel } from "../inspect-model.ts";
import { unpackFormat } from "../model-bundle.ts";
import type { ModelRuntime } from "../model-runtime.ts";
import { PROBE_INPUT_SIZE, probeBundle } from "../probe.ts";
import { outputNames, selectOutput } from "../select-output.ts";
import { type RuntimeContractOptions, runtimeContractCases } from "./runtime.contract.ts";
import { RUNTIMES, runtimeOfFormat } from "./runtimes.ts";
import { startRuntime } from "./start-runtimes.ts";
import { startTrusted } from "./start-trusted.ts";
import type { ContractModule } from "./testing/contract-networks.ts";
import { createPlainRuntime } from "./tfjs/plain-runtime.ts";
import * as tfjsContract from "./tfjs/testing/contract-models.ts";
import { createTfjsRuntime } from "./tfjs/tfjs-runtime.ts";

// Caught from before the first back-end starts, for that is when tfjs would greet us.
const warnings: unknown[] = [];
const warn = console.warn;
console.warn = (...args: unknown[]) => warnings.push(args);
afterAll(() => {
  console.warn = warn;
});

function keepsTheContract(create: () => Promise<ModelRuntime>, options: RuntimeContractOptions): void {
  let runtime: ModelRuntime;
  beforeAll(async () => {
    runtime = await create();
  });
  for (const { name: fact, check } of runtimeContractCases(options)) it(fact, () => check(runtime));
}

describe("plain runtime", () => {
  const { CONTRACT_MODELS } = tfjsContract;
  keepsTheContract(async () => createPlainRuntime(), { models: CONTRACT_MODELS["layers-model"]!, convolutions: false });
});

test.each(RUNTIMES.map(({ name, library }) => [name, library] as const))(
  "[PC10] %s says which version of its library computes here and in tabs",
  async (_, library) => {
    const [, packageName, version] = /^(\S+) (\S+), one thread$/.exec(library)!;
    const path = new URL(`../../../node_modules/${packageName}/package.json`, import.meta.url);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ version });
  },
);

/** Each runtime's models are in its own folder. */
for (const { name, formats, backends, loadFormat } of RUNTIMES) {
  const { CONTRACT_MODELS, tensorCount }: ContractModule = await import(`./${name}/testing/contract-models.ts`);
  for (const [format, models] of Object.entries(CONTRACT_MODELS)) {
    describe(`${name}: ${format}`, () => {
      it("is a format that no other runtime claims", () => {
        expect(unpackFormat(models.dense())).toBe(format);
        expect(RUNTIMES.filter((runtime) => runtime.formats.includes(format))).toHaveLength(1);
        expect(runtimeOfFormat(format).name).toBe(name);
      });

      it("is inspected without being run: shapes, multiply-adds, bytes, outputs", async () => {
        const bundle = models.dense();
        const facts = await inspectModel(bundle);
        const macs = 19 * 33 + 33 * 12 + 12 * 5;
        // Biases and activations may count as well.
        expect(facts.macsPerQuery).toBeGreaterThanOrEqual(macs);
        expect(facts.macsPerQuery).toBeLessThanOrEqual(macs + 2 * (33 + 12 + 5));
        expect(facts).toMatchObject({
          inputShape: [19],
          inputs: [expect.objectContaining({ shape: [19], dtype: "float32" })],
          outputSize: 5,
          weightBytes: 4 * (macs + 33 + 12 + 5),
        });
        expect(await outputNames(bundle)).toHaveLength(1);
        expect(await selectOutput(bundle, 0)).toBe(bundle);
      });

      describe("on its second implementation", () => {
        const create = async () => startTrusted(name, "second", await assetsInNode(name));
        keepsTheContract(create, { models, convolutions: true, ...(tensorCount && { tensorCount }) });

        it("differs by rounding alone", async () => {
          const [one, other] = [await startRuntime(name, "wasm", await assetsInNode(name)), await create()];
          const rows = Float32Array.from({ length: 64 * 19 }, (_, i) => Math.sin(i));
          const [first, second] = await Promise.all(
            [one, other].map(async (runtime) => (await runtime.load(models.dense())).run(rows, 64)),
          );
          const deviations = Array.from({ length: 64 }, (_, r) =>
            rowDeviation(first!.subarray(r * 5, r * 5 + 5), second!.subarray(r * 5, r * 5 + 5)),
          );
          expect(Math.max(...deviations)).toBeLessThan(1e-5);
        });
      });

      // A browser alone has webgl.
      for (const backend of backends.filter((one) => one !== "webgl")) {
        describe(`on ${backend}`, () => {
          const create = async () => startRuntime(name, backend, await assetsInNode(name));
          keepsTheContract(create, { models, convolutions: true, ...(tensorCount && { tensorCount }) });
        });
      }
    });
  }

  it(`${name} brings models for all its formats`, async () => {
    expect(Object.keys(CONTRACT_MODELS)).toEqual(formats);
    expect(await loadFormat()).toBe(await loadFormat());
  });
}

describe("tfjs runtimes side by side", () => {
  it("each runs on its own back-end even when calls overlap, as the profile says", async () => {
    const [cpu, wasm] = [await createTfjsRuntime("cpu"), await createTfjsRuntime("wasm")];
    const models = await Promise.all([cpu.load(probeBundle()), wasm.load(probeBundle())]);
    const rows = new Float32Array(2 * PROBE_INPUT_SIZE).fill(0.5);
    const runs = await Promise.all(models.map((model) => model.runProfiled(rows, 2)));
    for (const [i, backend] of ["cpu", "wasm"].entries()) {
      expect(runs[i]!.kernels).toContain(`${backend}:_FusedMatMul`);
      expect(runs[i]!.kernels.every((kernel) => kernel.startsWith(`${backend}:`))).toBe(true);
    }
    for (const model of models) model.dispose();
  });

  it("nothing is written to the console in Node", () => {
    expect(warnings).toEqual([]);
  });

  it("webgl says that it cannot start where there is none", async () => {
    await expect(createTfjsRuntime("webgl")).rejects.toThrow(/webgl/);
  });
});
