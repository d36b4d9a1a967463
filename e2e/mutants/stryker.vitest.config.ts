/**
 * What StrykerJS runs against each mutant: the tests beside the rooms that it mutates, and nothing that opens a socket.
 * STRYKER_ROOMS=shared/verify,shared/field keeps to the tests of some rooms; name the same ones with --mutate.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const PROJECT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ROOMS = "shared/field,shared/coding,shared/verify,server/coordinator,server/jobs";

export default defineConfig({
  root: PROJECT,
  test: {
    include: (process.env.STRYKER_ROOMS ?? ROOMS).split(",").map((room) => `${room}/**/*.test.ts`),
    // They are pure: they need no process of their own each, and a mutant costs a second less.
    isolate: false,
    testTimeout: 60_000,
  },
});
