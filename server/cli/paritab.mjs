#!/usr/bin/env node
// The `paritab` command. Plain JavaScript: it registers the TypeScript loader, then loads the real entry.
import { register } from "tsx/esm/api";

register();
await import("./main.ts");
