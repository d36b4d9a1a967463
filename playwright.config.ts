import { defineConfig } from "@playwright/test";
import { chromiumOptions } from "./e2e/crowd/browser/browser.ts";

/** What a user sees, in real Chromium against the built pages. Unit tests are vitest's (*.test.ts). */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "build/playwright",
  // One browser at a time: the tabs of one test keep a small machine busy. A test that needs a second try is a bug.
  workers: 1,
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
