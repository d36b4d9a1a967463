import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { MNIST_MODEL_FILES } from "../samples/mnist.ts";
import { modelIntake } from "./model-intake.ts";
import { prepareModel } from "./prepare-model.ts";

const intake = modelIntake();
afterAll(() => intake.close());

async function upload() {
  const { modelJson, weights } = MNIST_MODEL_FILES;
  const paths = [{ name: "model.json", path: modelJson }, ...weights];
  return Promise.all(paths.map(async ({ name, path }) => ({ name, bytes: await readFile(path) })));
}

describe("model intake", () => {
  it("[PR26] what the thread finds is what is found in line, several uploads at once included", async () => {
    const expected = await prepareModel(await upload());
    const verdicts = await Promise.all([0, 1, 2].map(async () => intake.prepare(await upload())));
    for (const verdict of verdicts) expect(verdict).toEqual(expected);
    expect(expected).toHaveProperty("bundle");
  });

  it("[PR26] a bad model is a sentence, not an exception", async () => {
    const [, ...weightFiles] = await upload();
    const modelJson = { name: "model.json", bytes: Buffer.from("{ not json") };
    expect(await intake.prepare([modelJson, ...weightFiles])).toEqual({
      problem: expect.stringMatching(/^model\.json: expected JSON/),
    });
  });

  it("[PR26] small Buffers, which share one pool in Node, do not take their neighbours with them", async () => {
    const neighbour = Buffer.from("neighbour");
    const modelJson = { name: "model.json", bytes: Buffer.from("{}") };
    await intake.prepare([modelJson, { name: "w", bytes: Buffer.from("x") }]);
    expect(neighbour.toString()).toBe("neighbour");
  });
});
