/** A script for a page, bundled from one of our files. */
import { join } from "node:path";
import { build } from "vite";

/** @param fileName of a file beside this one; what it declares on globalThis is what the page calls */
export async function bundleForPage(fileName: string): Promise<string> {
  const outputs = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2023",
      lib: { entry: join(import.meta.dirname, fileName), formats: ["iife"], name: "paritabPage" },
    },
  });
  const [first] = Array.isArray(outputs) ? outputs : [outputs];
  if (first === undefined || !("output" in first)) throw new Error("vite: expected a bundle, got a watcher");
  return first.output[0].code;
}
