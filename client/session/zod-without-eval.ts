/**
 * Import this before any schema: zod else compiles its schemas with `new Function`, which the pages' Content-Security-
 * Policy refuses and the console reports.
 */
import { config } from "zod";

config({ jitless: true });
