/** The volunteer's page in the languages that it speaks: which one, what is fetched, what stands beside Start, and a change while it computes. */
import type { Page } from "@playwright/test";
import { LANGUAGES, type Language } from "../../client/volunteer/texts/language.ts";
import { TEXTS } from "../../client/volunteer/texts/testing/all-texts.ts";
import { digits, expect, forOneTab, test } from "./fixtures.ts";
import { axeViolations, sidewaysPx } from "./page-manners.ts";

const LOCALES: Readonly<Record<Language, string>> = { en: "en-US", de: "de-AT", fr: "fr-FR", es: "es-MX" };
/** A phone of today, below the bars of its browser. */
const PHONE = { width: 390, height: 760 };
const DESKTOP = { width: 1280, height: 900 };

/** Whole sentences of English that are on the page. */
async function englishOn(page: Page): Promise<string[]> {
  const { kinds, ...rest } = TEXTS.en;
  const sentences: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === "string" && value.length > 15) sentences.push(value);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
  };
  walk([rest, kinds]);
  const shown = (await page.locator("body").allInnerTexts()).join();
  return sentences.filter((sentence) => shown.includes(sentence));
}

for (const language of LANGUAGES) {
  const texts = TEXTS[language];
  test.describe(language, () => {
    test.use({ locale: LOCALES[language], viewport: PHONE });

    test("is spoken to whom the browser says so, and no other language is fetched", async ({ page, coordinator }) => {
      const files: string[] = [];
      page.on("request", (request) => {
        const file = /\/assets\/(\w\w)-[\w-]{8}\.js$/.exec(request.url())?.[1];
        if (file !== undefined && request.serviceWorker() === null) files.push(file);
      });
      await page.goto(coordinator.url);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(texts.title);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      await expect(page.getByRole("combobox", { name: texts.language.label })).toHaveValue(language);
      await expect(page.getByRole("heading", { name: texts.rules.title })).toBeVisible();
      await expect(page.getByRole("heading", { name: texts.leaderboard.title })).toBeVisible();
      expect(files).toEqual([language]);
      if (language !== "en") expect(await englishOn(page)).toEqual([]);
    });

    test("beside Start stand what it costs, who gains and how it stops, in the first fold of a phone; the rest is a link away", async ({
      page,
      coordinator,
    }) => {
      const { client, url } = coordinator;
      await client.submit(digits(10_000, { ...forOneTab, name: "Letters", submitter: "City archive" }));
      await page.goto(url);
      const start = page.getByRole("button", { name: texts.buttons.start, exact: true });
      const lines = page.locator(".start-lines");
      await expect(lines).toContainText("City archive");
      for (const part of [start, lines]) {
        const { y, height } = (await part.boundingBox())!;
        expect(y).toBeGreaterThan(0);
        expect(y + height).toBeLessThanOrEqual(PHONE.height);
      }
      await expect(start).toHaveAccessibleDescription(/City archive/);

      // From the button on by keyboard alone.
      await start.focus();
      await page.keyboard.press("Tab");
      const link = page.getByRole("link", { name: texts.startNote.link });
      await expect(link).toBeFocused();
      const term = page.getByText(texts.consent.items("", null)[1]!.text);
      await expect(term).toBeHidden();
      await page.keyboard.press("Enter");
      await expect(term).toBeVisible();
      await expect(page.locator("#consent summary")).toBeFocused();
    });

    test("axe finds nothing, no page scrolls sideways, and what is computed is told in that language", async ({
      page,
      coordinator,
    }) => {
      const { client, url } = coordinator;
      const looksRight = async (where: string) => {
        for (const viewport of [{ width: 320, height: 740 }, PHONE, DESKTOP]) {
          await page.setViewportSize(viewport);
          await expect.poll(() => sidewaysPx(page), where).toBe(0);
        }
        const found = (await axeViolations(page)).map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
        expect(found, where).toEqual([]);
      };
      await page.goto(url);
      await expect(page.getByRole("heading", { name: texts.rules.title })).toBeVisible();
      await looksRight("before Start");
      await page.getByRole("button", { name: texts.buttons.start, exact: true }).click();
      await client.submit(digits(10_000, { ...forOneTab, name: "Letters", submitter: "City archive" }));
      const { title, what } = texts.kinds.inference.assignments.batch!;
      await expect(page.getByRole("heading", { name: title, exact: true })).toBeVisible();
      await expect(page.locator(".now")).toContainText(what);
      if (language !== "en") expect(await englishOn(page)).toEqual([]);
      await page.getByRole("button", { name: texts.buttons.pause, exact: true }).click();
      await expect(page.getByRole("heading", { name: texts.holds.title, exact: true })).toBeVisible();
      await looksRight("paused");
    });
  });
}

test("another language is chosen while the tab works on, and stays chosen, without a network too", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  const { de, en } = TEXTS;
  await page.goto(url);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByRole("heading", { name: en.activity.waiting.title })).toBeVisible();
  const [session] = await client.sessions();

  await page.getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
  await expect(page.getByRole("heading", { name: de.activity.waiting.title })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page).toHaveTitle(de.tabTitle(de.activity.waiting.title, false));
  // What is read out follows a moment later.
  await expect.poll(() => englishOn(page)).toEqual([]);
  expect(await client.sessions()).toMatchObject([{ sessionId: session!.sessionId }]);

  await page.getByRole("button", { name: de.buttons.stop }).click();
  await expect(page.getByRole("heading", { name: de.activity.stopped.title })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: de.activity.notStarted.title })).toBeVisible();
  const isKept = () =>
    page.evaluate(async () => {
      const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
      return kept.flat().some(({ url }) => /\/assets\/de-/.test(url));
    });
  await expect.poll(isKept).toBe(true);
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: de.activity.notStarted.title })).toBeVisible();
  await page.context().setOffline(false);
});

test("where a language cannot be fetched the page says so and keeps its own", async ({ page, coordinator }) => {
  await page.goto(coordinator.url);
  await page.context().route(/\/assets\/fr-/, (route) => route.abort());
  await page.getByRole("combobox", { name: "Language" }).selectOption("Français");
  await expect(page.getByRole("alert")).toHaveText(TEXTS.en.language.failed);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.getByRole("combobox", { name: "Language" })).toHaveValue("en");
});
