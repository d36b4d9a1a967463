/**
 * The classifier of hand-drawn symbols of detypify-service (MIT, github.com/QuarticCat/detypify): 1 x 224 x 224 pixels, 411
 * symbols, 4.94 MB of ONNX. It is fetched from the npm registry into build/models once and checked against its SHA-256; nothing
 * of the package is installed or run.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bypassNodes } from "./bypass-nodes.ts";

const PACKAGE = "detypify-service@0.3.0";
const FOLDER = fileURLToPath(new URL("../../build/models/detypify", import.meta.url));
const FILES = {
  "train/model.onnx": "ce4c35a43cf18fa1ca4bf530699393005152bc50e3911a5b6e8e55d8f1599149",
  "train/infer.json": "e376dbe4b66078863e8170b6defe40a23b72ac54af98663ea172fc29b012e7cd",
} as const;

export const SYMBOL_SIDE = 224;

export interface SymbolModel {
  /** The file as it was published. Its exporter wrote a copy of 336 numbers as a loop. */
  readonly published: Uint8Array;
  /** The same without that loop, which Paritab does not accept: control flow has no fixed cost. */
  readonly served: Uint8Array<ArrayBuffer>;
  /** The character of each class. */
  readonly symbols: readonly string[];
}

/** @throws Error where it is not there and cannot be fetched, or is not the file that is meant */
export async function symbolModel(progress: (line: string) => void): Promise<SymbolModel> {
  const published = await checked("train/model.onnx").catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    progress(`Fetching ${PACKAGE} from the npm registry`);
    await fetchPackage();
    return checked("train/model.onnx");
  });
  const classes = JSON.parse((await checked("train/infer.json")).toString()) as { char: string }[];
  return {
    published,
    served: bypassNodes(published, "mean", "as_strided"),
    symbols: classes.map(({ char }) => char),
  };
}

async function checked(name: keyof typeof FILES): Promise<Buffer> {
  const bytes = await readFile(join(FOLDER, name));
  const got = createHash("sha256").update(bytes).digest("hex");
  if (got !== FILES[name]) throw new Error(`${PACKAGE}: expected ${name} with SHA-256 ${FILES[name]}, got ${got}`);
  return bytes;
}

async function fetchPackage(): Promise<void> {
  const run = promisify(execFile);
  const unpacked = `${FOLDER}.unpacked`;
  await rm(unpacked, { recursive: true, force: true });
  await mkdir(unpacked, { recursive: true });
  const { stdout } = await run("npm", ["pack", PACKAGE, "--silent", "--pack-destination", unpacked]);
  const paths = Object.keys(FILES).map((name) => `package/${name}`);
  await run("tar", ["-xzf", join(unpacked, stdout.trim()), "-C", unpacked, "--strip-components=1", ...paths]);
  await rm(FOLDER, { recursive: true, force: true });
  await rename(unpacked, FOLDER);
}
