// The coordinator starts as plain JavaScript: from its compiled code, or with the TypeScript loader where that cannot be made.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compiledServer } from "./compiled.mjs";

const folder = await compiledServer().catch((error) => {
  // It works all the same, and a folder that cannot be written to may be meant so.
  const advice = "whoever may write to build/ runs `node server/compiled.mjs` once";
  console.error(
    `The coordinator starts with the TypeScript loader, slower: no compiled code (${error.message}); ${advice}.`,
  );
  return null;
});
if (folder === null) {
  const { register } = await import("tsx/esm/api");
  register();
  await import("./main.ts");
} else {
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(join(folder, "server/main.js")).href);
}
