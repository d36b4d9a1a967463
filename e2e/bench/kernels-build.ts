/**
 * What kernels in AssemblyScript compile to. `npm run build:kernels` writes it into the tree; a test compares, so that
 * a binary that is committed is never another one than its source.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const ROOT = join(import.meta.dirname, "../..");
/** Folders whose assembly/kernels.ts becomes their wasm-binary.ts, and what that exports. */
export const KERNELS: Readonly<Record<string, string>> = {
  "shared/compute/field": "KERNELS_WASM_BASE64",
  "shared/compute/runtimes/tfjs": "CONVOLUTION_WASM_BASE64",
};

const OPTIONS = [
  ...["-O3", "--converge", "--noAssert"],
  ...["--enable", "simd"],
  // No collector and no allocator: the caller hands out memory.
  ...["--runtime", "stub", "--importMemory", "--initialMemory", "1"],
  // Functions on v128 are ours alone; none of them is exported.
  ...["--disableWarning", "112"],
];
const LINE_CHARACTERS = 100;

/** The module that carries the binary of that folder, as a path. */
export const kernelsPath = (folder: string): string => join(ROOT, folder, "wasm-binary.ts");

/** @throws Error with the compiler's messages */
export async function compileKernels(folder: string): Promise<Uint8Array> {
  let binary: Uint8Array | null = null;
  const source = `${folder}/assembly/kernels.ts`;
  const { error, stderr } = await asc.main([source, "--outFile", "kernels.wasm", ...OPTIONS], {
    readFile: (name, baseDir) => readFile(join(ROOT, baseDir, name), "utf8").catch(() => null),
    writeFile: (_, contents) => {
      binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error !== null || binary === null) throw new Error(`asc: ${error?.message ?? "no output"}\n${stderr.toString()}`);
  return binary;
}

/** The source text of the module that carries it. @param name that it is exported by */
export function kernelsModule(name: string, binary: Uint8Array): string {
  const base64 = Buffer.from(binary).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g")) ?? [];
  return [
    "/** Compiled from assembly/kernels.ts by `npm run build:kernels`: not to be edited. */",
    `export const ${name} = [`,
    ...lines.map((line) => `  "${line}",`),
    '].join("");',
    "",
  ].join("\n");
}
