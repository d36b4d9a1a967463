/** The library in a page: a stream out of Chromium, with a coordinator that is killed meanwhile. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { MNIST_MODEL_FILES } from "../../server/samples/mnist.ts";
import type { AnswerView } from "../../shared/kinds/inference/answers.ts";
import { bundleForPage } from "../bench/page-bundle.ts";
import { expect, test } from "./fixtures.ts";

const QUERIES = 30;

/** Runs in the page, where the library is `paritabPage`. */
const PROGRAM = (baseUrl: string, modelSha256: string) => `(async () => {
  const paritab = paritabPage.createParitabClient({ baseUrl: ${JSON.stringify(baseUrl)} });
  const code = { queriesPerGroup: 2, stragglers: 1, closeAfterMs: 10 };
  const stream = await paritab.stream({ model: { modelSha256: ${JSON.stringify(modelSha256)} }, ...code });
  const answers = [];
  const reading = (async () => {
    for await (const answer of stream) answers.push(answer);
  })();
  const indices = [];
  for (let n = 0; n < ${QUERIES}; n++) {
    indices.push(await stream.push(new Float32Array(784).fill(n / ${QUERIES})));
    window.pushed = n + 1;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  await stream.close();
  await reading;
  return { indices, answers };
})()`;

// The page's policy lets no script in but its own; the library is brought along for the test.
test.use({ bypassCSP: true });

test("a page pushes queries and reads their answers, each once, though the coordinator is killed in between", async ({
  page,
  coordinator,
  openTabs,
}) => {
  await openTabs({ tabs: 4 });
  const files = [MNIST_MODEL_FILES.modelJson, ...MNIST_MODEL_FILES.weights.map(({ path }) => path)];
  const { modelSha256 } = await coordinator.client.uploadModel(
    await Promise.all(
      files.map(async (path) => ({ name: basename(path), data: new Uint8Array(await readFile(path)) })),
    ),
  );
  await page.goto(`${coordinator.url}/dashboard`);
  await page.addScriptTag({ content: await bundleForPage("../../shared/sdk/paritab-client.ts") });
  const running = page.evaluate(PROGRAM(coordinator.url, modelSha256)) as Promise<{
    indices: number[];
    answers: AnswerView[];
  }>;
  await page.waitForFunction("window.pushed >= 10");
  await coordinator.restart();
  const { indices, answers } = await running;
  const inOrder = Array.from({ length: QUERIES }, (_, n) => n);
  expect([indices, answers.map(({ index }) => index)]).toEqual([inOrder, inOrder]);
  for (const { mark, outputs } of answers)
    expect([mark, outputs.length]).toEqual([expect.stringMatching(/audited|exact/), 10]);
});
