/** The library that computes ONNX rows on this machine, as auditors and coordinator tell each other. */
import { nativeOnnx } from "../../shared/compute/runtimes/onnx/native-onnx.ts";

export interface Arithmetic {
  /** `onnxruntime-web@1.30.0` */
  readonly library: string;
  /** A standard fixes its arithmetic: two machines give the same bits. Native kernels go by the processor. */
  readonly isFixed: boolean;
}

export async function trustedArithmetic(found = nativeOnnx()): Promise<Arithmetic> {
  const { library, wanted } = await found;
  const isFixed = library === null;
  return { library: isFixed ? wanted.replace("onnxruntime-node", "onnxruntime-web") : wanted, isFixed };
}
