import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { MODELS_PAGE, withTables } from "./models-page.ts";

test("docs/models.md says of each refusal what the coordinator says (npm run models-page writes its tables)", async () => {
  const page = await readFile(MODELS_PAGE, "utf8");
  expect(page).toBe(withTables(page));
});
