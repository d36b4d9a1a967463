/** A text model gets a name on the dashboard, is asked for through /v1, and loses the name again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "./fixtures.ts";
import { axeViolations, sidewaysPx } from "./page-manners.ts";

const ENCODER = join(import.meta.dirname, "../models/small-encoder");

test("a folder is dropped, named, asked for as the page says, and removed", async ({ page, coordinator, openTabs }) => {
  test.setTimeout(180_000);
  const { client, url } = coordinator;
  await openTabs({ tabs: 5 });
  await page.goto(`${url}/dashboard`);
  await page.getByRole("navigation", { name: "Dashboard" }).getByRole("link", { name: "Models" }).click();
  await expect(page.getByText("No model has a name yet.")).toBeVisible();
  await page.getByLabel("or a folder").setInputFiles(ENCODER);
  await expect(page.getByTestId("drop-box")).toContainText("tokenizer.json");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("small-encoder");
  await page.getByLabel("Name", { exact: true }).fill("tests/small");
  await page.getByRole("button", { name: "Add the model" }).click();
  await expect(page.getByText("tests/small is ready: vectors of 32 numbers.")).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "tests/small" })).toBeVisible();
  expect(await client.namedModels()).toMatchObject([{ id: "tests/small", paritab: { dimensions: 32 } }]);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      expect((await axeViolations(page)).map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)).toEqual([]);
      await expect.poll(() => sidewaysPx(page)).toBe(0);
    }
  }

  // What is to be copied works.
  const command = await page.getByRole("region", { name: "curl" }).locator("code").textContent();
  const [, body] = /-d '([^']+)'/.exec(command!)!;
  const [, address] = /^curl (\S+)/.exec(command!)!;
  const answer = await fetch(address!, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: body!,
  });
  expect(answer.status).toBe(200);
  const { data } = (await answer.json()) as { data: { embedding: number[] }[] };
  expect(data.map(({ embedding }) => embedding.length)).toEqual([32, 32]);

  await page.getByRole("button", { name: "Remove tests/small" }).click();
  await page.getByRole("button", { name: "Remove it" }).click();
  await expect(page.getByText("No model has a name yet.")).toBeVisible();
  expect(await client.namedModels()).toEqual([]);
});

test("what is wrong with a folder is said before anything is sent", async ({ page, coordinator }) => {
  await page.goto(`${coordinator.url}/dashboard#models`);
  const file = (name: string, buffer: Buffer) => ({ name, mimeType: "application/octet-stream", buffer });
  const model = readFileSync(join(ENCODER, "onnx/model.onnx"));
  const chosen = page.getByLabel("A text model’s folder");
  await chosen.setInputFiles([file("notes.txt", Buffer.from("no model"))]);
  await expect(page.getByRole("alert")).toContainText(
    "expected a folder with model.onnx or onnx/model.onnx and tokenizer.json",
  );
  await chosen.setInputFiles([file("model.onnx", model), file("config.json", Buffer.from("{}"))]);
  await expect(page.getByRole("alert")).toContainText("tokenizer.json: there is no such file");
  await expect(page.getByRole("button", { name: "Add the model" })).toBeDisabled();
  expect(await coordinator.client.namedModels()).toEqual([]);
});
