/** A process of `npm run simulate`: seeds come in, what they came to goes out. */
import { runHere, type Seeds } from "./many-seeds.ts";

process.on("message", async (part: Seeds) => {
  process.send?.(await runHere(part));
});
