/** Machines that compute pieces of checks for the broker of trusted runs, as the broker sees them. */
import type { SaidRows } from "../../shared/verify/said-rows.ts";
import type { InspectedModel } from "./model-cost.ts";

export interface ElsewherePiece {
  readonly model: InspectedModel;
  /** rowCount x D */
  readonly rows: Float32Array;
  readonly rowCount: number;
  /** What volunteers answered to these rows. */
  readonly said: SaidRows;
  readonly jobId: string;
  /** Longer than this nobody waits for it. */
  readonly limitMs: number;
}

export interface Elsewhere {
  /** Pieces that could be computed there at once; 0: nobody is there. */
  readonly seats: number;
  /** Does somebody wait for a piece now? */
  readonly isFree: boolean;
  /**
   * @param here computes the same piece on this machine: some are compared
   * @returns rowCount x C, and the processor time that they took there
   * @throws where nothing comes of it: the piece is to be computed here
   */
  compute(
    piece: ElsewherePiece,
    here: () => Promise<Float32Array>,
  ): Promise<{ readonly outputs: Float32Array; readonly cpuMs: number }>;
  /** @param found is called with a job of which a machine that was found wrong had confirmed wrong rows before */
  onWrong(found: (jobId: string) => void): void;
  /** @param changed is called whenever seats come or go, or somebody waits for a piece */
  onChange(changed: () => void): void;
}
