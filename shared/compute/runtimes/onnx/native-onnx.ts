/** The native build of the library, of the same version as its WebAssembly: an operator may install it, and nothing needs it. */
import * as ort from "onnxruntime-web/wasm";
import type { OnnxLibrary } from "./onnx-runtime.ts";

/** A name that no bundler follows. */
const PACKAGE: string = "onnxruntime-node";

export interface NativeOnnx {
  /** null: it is not used. */
  readonly library: OnnxLibrary | null;
  /** The package as it is to be installed: `onnxruntime-node@1.30.0` */
  readonly wanted: string;
  /** Why one that is there is not used; null: it is used, or there is none. */
  readonly problem: string | null;
}

/** @param load imports the package */
export async function nativeOnnx(
  load = (): Promise<typeof ort> => import(/* @vite-ignore */ PACKAGE),
): Promise<NativeOnnx> {
  const version = ort.env.versions.web;
  const wanted = `${PACKAGE}@${version}`;
  try {
    const library = await load();
    // Of another version it might take other models.
    if (library.env.versions.node === version) return { library, wanted, problem: null };
    return { library: null, wanted, problem: `${PACKAGE} is of version ${library.env.versions.node}` };
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: string };
    return { library: null, wanted, problem: code === "ERR_MODULE_NOT_FOUND" ? null : `${PACKAGE}: ${message}` };
  }
}
