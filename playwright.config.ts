import { defineConfig } from "@playwright/test";

/** What a user sees, in real Chromium against the built pages. Unit tests are vitest's (*.test.ts). */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "build/playwright",
  // One browser at a time: the tabs of one test keep a small machine busy. A test that needs a second try is a bug.
  workers: 1,
  retries: 0,
  timeout: 120_000,
  forbidOnly: true,
  reporter: "list",
  use: {
    headless: true,
    launchOptions: {
      executablePath: process.env.PARITAB_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // WebGL without a graphics card.
        "--enable-unsafe-swiftshader",
      ],
    },
  },
});
