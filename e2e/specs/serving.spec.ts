/** What a coordinator serves, and what it must not. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "./fixtures.ts";

/** Words of the swarm that a minifier keeps. */
const SWARM_WORDS = ["other-query", "sign-flip", "afterRounds", "paritab-leaves", "swarm"];

async function wordsIn(directory: string): Promise<string[]> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const contents = await Promise.all(
    files.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")),
  );
  const names = files.map(({ name }) => name).join("\n");
  return SWARM_WORDS.filter((word) => [names, ...contents].some((text) => text.includes(word)));
}

test("the production build contains nothing of the swarm", async () => {
  expect(await wordsIn(join(import.meta.dirname, "../../build/client"))).toEqual([]);
  expect(await wordsIn(join(import.meta.dirname, "../../build/swarm"))).toEqual(SWARM_WORDS);
});

test.describe("without --allow-faults", () => {
  test.use({ allowFaults: false });

  test("the swarm's page is not served", async ({ coordinator, request }) => {
    for (const path of ["/swarm/", "/swarm/swarm.html", "/swarm.html", "/swarm/build.json"]) {
      expect((await request.get(`${coordinator.url}${path}`)).status(), path).toBe(404);
    }
    expect((await request.get(coordinator.url)).status()).toBe(200);
    expect((await coordinator.client.status()).faultsAllowed).toBe(false);
  });
});

test("with --allow-faults it is, and the dashboard says so", async ({ page, coordinator, request }) => {
  expect((await request.get(`${coordinator.url}/swarm/swarm.html`)).status()).toBe(200);
  await page.goto(`${coordinator.url}/dashboard`);
  await expect(page.getByText("Fault injection is allowed on this coordinator")).toBeVisible();
});

test("no page breaks the rules of its own security headers", async ({ page, coordinator }) => {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  for (const path of ["/", "/dashboard"]) {
    await page.goto(`${coordinator.url}${path}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  expect(complaints).toEqual([]);
});

test("a page's own rules come after those that all pages share, as built", async ({ page, coordinator }) => {
  const firstRuleOf = { "/": ".now", "/dashboard": ".column[hidden]", "/operator": ".replay" };
  for (const [path, own] of Object.entries(firstRuleOf)) {
    await page.goto(`${coordinator.url}${path}`);
    // As text: this file's compiler knows no page.
    const selectors = (await page.evaluate(
      "[...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].map((rule) => rule.selectorText ?? ''))",
    )) as string[];
    const shared = selectors.indexOf("dt");
    expect(shared, path).toBeGreaterThan(-1);
    const place = selectors.findLastIndex((selector) => selector.split(", ").includes(own));
    expect(place, `${path}: ${own}`).toBeGreaterThan(shared);
  }
});
