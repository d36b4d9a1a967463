/**
 * Errors of compiled code name lines of its sources. Node's own way reads and parses the source map of each file as it loads the file, hundreds at a
 * start; this reads one when an error in its file is put into words.
 */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";

/** By address of a compiled file; null: it has none. */
const maps = new Map();

/** From here on, in this thread. */
export function nameSourceLines() {
  Error.prepareStackTrace = (error, sites) =>
    [headOf(error), ...sites.map((site) => `    at ${placeOf(site)}`)].join("\n");
}

function headOf(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "<error>";
  }
}

function placeOf(site) {
  const words = String(site);
  const [address, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()];
  const source = sourceOf(address, line, column);
  return source === null ? words : words.replace(`${address}:${line}:${column}`, () => source);
}

/** @returns file, line and column; null: it stands as it was loaded */
function sourceOf(address, line, column) {
  if (typeof address !== "string" || !address.startsWith("file:") || line === null || column === null) return null;
  const { originalSource, originalLine, originalColumn } = mapOf(address)?.findEntry(line - 1, column - 1) ?? {};
  if (originalSource === undefined) return null;
  return `${new URL(originalSource, address)}:${originalLine + 1}:${originalColumn + 1}`;
}

function mapOf(address) {
  let map = maps.get(address);
  if (map === undefined) {
    map = readMap(address);
    maps.set(address, map);
  }
  return map;
}

function readMap(address) {
  try {
    return new SourceMap(JSON.parse(readFileSync(new URL(`${address}.map`), "utf8")));
  } catch {
    return null;
  }
}
