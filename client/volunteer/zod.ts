/** Zod for what this browser has kept. It else compiles its schemas with `new Function`, which the pages' policy refuses. */
import * as z from "zod/mini";

z.config({ jitless: true });

export { z };
