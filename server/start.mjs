// The coordinator starts as plain JavaScript.
import { runByName } from "./program.mjs";

await runByName("start", process.argv.slice(2));
