import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { LAYER_RULES } from "../../shared/compute/runtimes/tfjs/layer-rules.ts";
import { MODELS_PAGE, withTables } from "./models-page.ts";

test("docs/models.md says of each refusal what the coordinator says (npm run models-page writes its tables)", async () => {
  const page = await readFile(MODELS_PAGE, "utf8");
  expect(page).toBe(withTables(page));
});

test("docs/models.md lists the layers of tfjs that are taken, as the refusal of another one says", async () => {
  const page = (await readFile(MODELS_PAGE, "utf8")).replaceAll(/\s+/g, " ");
  const listed = /Layers that are taken: ([\w, ]+); other models/.exec(page)?.[1]?.split(", ");
  expect(listed).toEqual(Object.keys(LAYER_RULES));
});
