// The coordinator starts as plain JavaScript: from its compiled code, or with the TypeScript loader where that cannot be made.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compiledServer } from "./compiled.mjs";

const folder = await compiledServer().catch((error) => {
  // It works all the same, and a folder that cannot be written to may be meant so.
  console.error(
    `The coordinator starts with the TypeScript loader, slower: its code could not be compiled (${error.message})`,
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
