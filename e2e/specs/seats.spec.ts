/** A class: codes on a sheet, seats that are taken once, and the page that a teacher projects. */
import type { BrowserContext, Page } from "@playwright/test";
import { ignorePressure } from "./device.ts";
import { digits, ended, expect, startOn, test } from "./fixtures.ts";
import { expectSoundPage, seriousProblems, sidewaysPx } from "./page-manners.ts";

const SEATS = 12;
const ROWS = 10_000;
const CLASS = "7b, physics";
const PHONE_PX = 390;

/** Another browser: its key is its own. */
async function pupil(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await ignorePressure(page);
  return page;
}

test("twelve take their seats, a code that was handed on lets nobody else in, and the class is thanked at the end", async ({
  page: operator,
  coordinator: { client, url },
  browser,
  openTabs,
}) => {
  await operator.goto(`${url}/operator`);
  const panel = operator.getByRole("region", { name: "Seats" });
  await panel.getByLabel("Whose seats").fill(CLASS);
  await panel.getByLabel("How many seats").fill(String(SEATS));
  await panel.getByRole("button", { name: "Make seats" }).click();
  const sheet = panel.getByRole("article", { name: CLASS });
  const came = sheet.getByTestId("came");
  await expect(came).toHaveText(`0 of ${SEATS} came`);
  const [made] = await client.seatSheets();
  const codes = made!.seats.map(({ code }) => code);

  // One scans, one types.
  const contexts = [await browser.newContext(), await browser.newContext(), await browser.newContext()];
  const [scanned, typed, late] = await Promise.all(contexts.map(pupil));
  const seatOf = (page: Page) => page.getByTestId("seat");
  await scanned!.goto(`${url}/#seat=${codes[0]}`);
  await expect(seatOf(scanned!)).toHaveText("This page has a code for a seat. It is used when you press Start.");
  await startOn(scanned!, `${url}/#seat=${codes[0]}`);
  await expect(seatOf(scanned!)).toHaveText(`You sit at seat 1 of ${CLASS}.`);

  await startOn(typed!, url);
  await expect(seatOf(typed!)).toBeHidden();
  await typed!.getByText("I have a code from a sheet").click();
  const code = typed!.getByLabel("Code", { exact: true });
  await code.fill("ABC");
  await typed!.getByRole("button", { name: "Use the code" }).click();
  await expect(typed!.getByText(/^A code has eight letters and digits/)).toBeVisible();
  await code.fill(codes[1]!.toLowerCase().replace("-", " "));
  await typed!.getByRole("button", { name: "Use the code" }).click();
  await expect(seatOf(typed!)).toHaveText(`You sit at seat 2 of ${CLASS}.`);
  await expect(typed!.getByRole("heading", { name: "Waiting for work" })).toBeVisible();

  await openTabs({ tabs: SEATS - 2, seats: codes.slice(2) });
  await expect(came).toHaveText(`${SEATS} of ${SEATS} came`);

  await startOn(late!, `${url}/#seat=${codes[0]}`);
  await expect(seatOf(late!)).toHaveText(
    "Somebody else has this seat: ask your teacher for another code. This tab works without a seat.",
  );
  await expect(came).toContainText(`${SEATS + 1} of ${SEATS} came`);
  await expect(came).toContainText("somebody handed a code on");
  await expect(came).toHaveClass(/too-many/);

  const classroom = await contexts[2]!.newPage();
  await classroom.addInitScript(() => {
    const request = WakeLock.prototype.request;
    WakeLock.prototype.request = function (type) {
      Object.assign(window, { keptOn: type });
      return request.call(this, type);
    };
  });
  await classroom.goto(`${url}/class#watch=${made!.watchKey}`);
  await expect(classroom.getByRole("heading", { name: CLASS })).toBeVisible();
  const desk = (number: number) => classroom.getByRole("listitem").filter({ hasText: new RegExp(`^${number}\\D`) });
  await expect(desk(1)).toHaveText(/here/);
  await expect(classroom.getByText("No job yet.")).toBeVisible();
  expect(await classroom.evaluate(() => (window as { keptOn?: string }).keptOn)).toBe("screen");

  await sheet.getByText("Seats and their codes").click();
  await sheet.getByRole("button", { name: `Revoke seat 12 of ${CLASS}` }).click();
  const asked = sheet.getByRole("group", { name: /^Revoke seat 12\? / });
  await asked.getByRole("button", { name: "Revoke" }).click();
  expect(await seriousProblems(operator)).toEqual([]);
  await operator.setViewportSize({ width: 320, height: 800 });
  await expect.poll(() => sidewaysPx(operator)).toBe(0);
  await expect(desk(12)).toHaveText(/closed/);

  const { jobId } = await client.submit(digits(ROWS, { name: "Handwritten digits", purpose: "Reading digits" }));
  await expect(classroom.getByText("working").first()).toBeVisible();
  await expect(classroom.getByTestId("answers")).toContainText("of 10,000");
  await expect(classroom.getByTestId("answers").locator("strong")).not.toHaveText("0");
  await seenAt(classroom);

  await ended(client, jobId);
  await expect(classroom.getByRole("heading", { name: "Thank you!" })).toBeVisible();
  await expect(classroom.getByText("Together you answered 10,000 questions.")).toBeVisible();
  await expect(classroom.getByRole("listitem").first()).toHaveText(/%$/);
  await expect(classroom.getByText(/swarm/)).toHaveCount(0);
  await seenAt(classroom);

  const slips = await contexts[2]!.newPage();
  await slips.goto(`${url}/operator#seats=${made!.sheetId}`);
  const slip = slips.getByRole("listitem");
  await expect(slip).toHaveCount(SEATS);
  for (const [i, code] of codes.entries()) await expect(slip.nth(i)).toContainText(code);
  await expect(slip.filter({ hasText: "swarm" })).toHaveCount(0);
  await slips.emulateMedia({ media: "print" });
  await expect(slips.getByRole("button", { name: "Print" })).toBeHidden();
  await expect(slips.getByRole("navigation")).toBeHidden();
  await slips.emulateMedia({ media: "screen" });
  await expectSoundPage(slips, PHONE_PX);
  // The thirteenth computed as well: without a seat.
  await expect(late!.getByTestId("credit")).not.toHaveText("0");
  for (const context of contexts) await context.close();
});

/** Readable in both lights on a phone and on a projector. */
async function seenAt(page: Page): Promise<void> {
  await expectSoundPage(page, PHONE_PX);
  await page.setViewportSize({ width: 1920, height: 1080 });
  expect(await seriousProblems(page)).toEqual([]);
  await expect.poll(() => sidewaysPx(page)).toBe(0);
}
