/** The worker page as an app, and on a phone. */
import { chromium } from "@playwright/test";
import { chromiumOptions } from "../crowd/browser/browser.ts";
import { expect, test } from "./fixtures.ts";

test("the page can be installed as an app", async ({ page, coordinator }) => {
  await page.goto(coordinator.url);
  const session = await page.context().newCDPSession(page);
  const { errors } = (await session.send("Page.getAppManifest")) as { errors: unknown[] };
  expect(errors).toEqual([]);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // Playwright's contexts are private windows, in which nothing can be installed.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);
});

test("without a network an app that was opened before still opens, and says so", async ({
  page,
  coordinator,
  request,
}) => {
  await page.goto(coordinator.url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Not running" })).toBeVisible();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(
    page.getByRole("heading", { name: /Reconnecting|Stopped after errors|Cannot compute here/ }),
  ).toBeVisible();
  // Data never comes from the shell.
  expect(await page.evaluate(() => fetch("/api/status").then(String, () => "nothing"))).toBe("nothing");
  await page.context().setOffline(false);
  expect((await request.get(`${coordinator.url}/service-worker.js`)).headers()["cache-control"]).toBe("no-cache");
});

test("the shell never stands in for a page that the coordinator serves", async ({ page, coordinator }) => {
  await page.goto(coordinator.url);
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    // As if an update had been served since: what is kept says something else than what is served.
    for (const name of await caches.keys()) await (await caches.open(name)).put("/", new Response("kept"));
  });
  await page.reload();
  expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await expect(page.getByRole("heading", { name: "Not running" })).toBeVisible();
});

test("an address that only this computer knows says how to bring a phone", async ({ page, coordinator }) => {
  await page.goto(coordinator.url);
  await expect(page.locator(".phone")).toContainText("Only this computer can open this address.");
  await expect(page.locator(".qr")).toHaveCount(0);
});

/** Chromium takes this name for the coordinator's machine, and for secure where told so: an https:// address in effect. */
const NAME = "paritab.example.org";

test.describe("at a public address", () => {
  test.use({ environment: { PARITAB_PUBLIC_URL: `http://${NAME}` } });

  for (const isSecure of [true, false]) {
    test(
      isSecure ? "a QR code brings a phone" : "without https a plain sentence says what is missing",
      async ({ coordinator }) => {
        const { port } = new URL(coordinator.url);
        const address = `http://${NAME}:${port}`;
        const options = chromiumOptions(1);
        const args = [...options.args, `--host-resolver-rules=MAP ${NAME} 127.0.0.1`];
        if (isSecure) args.push(`--unsafely-treat-insecure-origin-as-secure=${address}`);
        const browser = await chromium.launch({ ...options, args });
        const page = await browser.newPage();
        await page.goto(address);
        if (isSecure) {
          await expect(page.getByRole("img", { name: `QR code of ${address}/` })).toBeVisible();
          await expect(page.getByRole("link", { name: `${address}/` })).toBeVisible();
        } else {
          await expect(page.locator(".phone")).toContainText("browsers compute only on https:// addresses");
          await page.getByRole("button", { name: "Start", exact: true }).click();
          await expect(page.getByRole("heading", { name: "This address is not secure" })).toBeVisible();
        }
        await browser.close();
      },
    );
  }
});
