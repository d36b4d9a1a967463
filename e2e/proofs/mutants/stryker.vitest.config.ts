/** What StrykerJS runs against each mutant: the tests of STRYKER_ROOM, beside the code that it changes. stryker.ts sets it. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const PROJECT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const ROOM = process.env.STRYKER_ROOM ?? "";
/** The core and the kinds of job are tested with each other, and so are the ledger of rows, its checks and the jobs on it. */
const CORE = ["server/coordinator", "server/kinds/inference/core", "server/coded/core"];
const LEDGER = ["server/rows", "server/checks", "server/kinds/inference/rows/core"];
const ROOMS = [CORE, LEDGER].find((rooms) => rooms.includes(ROOM)) ?? [ROOM];

export default defineConfig({
  root: PROJECT,
  test: {
    include: ROOMS.map((room) => `${room}/**/*.test.ts`),
    // They are pure: they need no process of their own each, and a mutant costs a second less.
    isolate: false,
    testTimeout: 60_000,
  },
});
