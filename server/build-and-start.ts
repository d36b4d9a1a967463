/** What `npm start` runs: pages that are older than their sources are built first, unless a setting is wrong. */
import { buildPages } from "./built-pages.mjs";
import { runCoordinator } from "./run-coordinator.ts";

runCoordinator(buildPages);
