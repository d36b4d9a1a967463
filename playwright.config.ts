import { defineConfig } from "@playwright/test";
import { chromiumOptions } from "./e2e/crowd/browser/browser.ts";

/** What a user sees, in real Chromium against the built pages. Unit tests are vitest's (*.test.ts). */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "build/playwright",
  // A file each: what waits for a deadline in one of them leaves the machine to the other. A test that needs a second try is a bug.
  workers: 2,
  retries: 0,
  // None of these is what a test asserts: they end a test that would never end, on a machine that does many other things too.
  timeout: 600_000,
  expect: { timeout: 120_000 },
  forbidOnly: true,
  reporter: "list",
  use: {
    launchOptions: chromiumOptions(Number.POSITIVE_INFINITY),
  },
});
