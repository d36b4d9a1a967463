#!/usr/bin/env node
// The `paritab` command, in plain JavaScript.
import { runByName } from "../program.mjs";

await runByName("paritab", process.argv.slice(2));
