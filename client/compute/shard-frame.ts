/** A shard as it travels: one frame of one or two matrices of residues. Parsed here once, strictly. */
import { areResidues, MODULUS, requireResidues } from "../../shared/field/modulus.ts";
import { decodeFrame, FrameError, type Tensor } from "../../shared/protocol/frame.ts";

export interface ShardMatrix {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns in [0, 2^31-1), a view of the frame */
  readonly residues: Uint32Array;
}

export interface Shard {
  readonly forward: ShardMatrix;
  /** Of regressions alone. */
  readonly backward: ShardMatrix | null;
}

/**
 * @param frame U32 tensors "forward" and, of regressions, "backward", each rows x columns, and nothing else
 * @throws FrameError where it is another frame, or none; FieldError where an entry is no residue
 */
export function parseShard(frame: Uint8Array): Shard {
  const tensors = decodeFrame(frame, { tensorCountMax: 2 });
  const { forward, backward, ...others } = tensors;
  const further = Object.keys(others);
  if (further.length > 0) throw new FrameError(`shard: expected "forward" and "backward" alone, got "${further[0]}"`);
  return {
    forward: matrixOf("forward", forward),
    backward: backward === undefined ? null : matrixOf("backward", backward),
  };
}

function matrixOf(name: string, tensor: Tensor | undefined): ShardMatrix {
  if (tensor?.dtype !== "U32" || tensor.shape.length !== 2 || tensor.data.length === 0) {
    const got = tensor === undefined ? "none" : `${tensor.dtype} [${tensor.shape}]`;
    throw new FrameError(`shard: expected a tensor "${name}" U32 [rows,columns], got ${got}`);
  }
  if (!areResidues(tensor.data, MODULUS)) requireResidues(`shard, "${name}"`, tensor.data, MODULUS);
  const [rows, columns] = tensor.shape as [number, number];
  return { rows, columns, residues: tensor.data };
}
