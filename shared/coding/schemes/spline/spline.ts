/**
 * Smoothing splines on both sides: LeTCC (arXiv 2406.00300) and NeRCC (arXiv 2402.04377). A smoothing spline through the
 * queries is sampled once for each worker, one through the results gives the answers; points are those of evenAnglePoints.
 */
import { linearDecoder } from "../../linear-decoder.ts";
import { estimateMissing, linearScheme } from "../../linear-scheme.ts";
import { evenAnglePoints } from "../../points.ts";
import type { CodingScheme, SchemeParameters } from "../../scheme.ts";
import { smoothingSplineMatrix } from "./smoothing-spline.ts";

/** As smoothingSplineMatrix has it: not divided by the number of knots. */
export interface SplineSmoothing {
  readonly encoder: number;
  readonly decoder: number;
}

/**
 * The best pair of a small sweep (0, 1e-6, 1e-5, ..., 1e-1 on each side) on 2,400 MNIST training images with the sample model,
 * K = 8, 12 and S = 1, 3: its table stands in docs/measured/asked-once.md of commit d6de1d62. All pairs up to 1e-5 lie within .3 points; more
 * smoothing only costs accuracy.
 */
const SPLINE_SMOOTHING: SplineSmoothing = { encoder: 1e-6, decoder: 1e-6 };

/** N = K+S+E. */
export function splineWorkerCount({ queryCount, stragglerCount, liarCount }: SchemeParameters): number {
  return queryCount + stragglerCount + liarCount;
}

/**
 * Called through makeScheme, which checks parameters and arguments. Any K results decode; every answer is `estimated`.
 *
 * Nothing in it finds liars. E adds workers, so that K+S results are left once audits have thrown E out, as in the
 * systematic code.
 *
 * Without smoothing in the encoder a worker whose point is a data point holds the query as it is (rawQueryOf), but what is
 * decoded for that query is the spline's value there, and it stays an estimate.
 *
 * estimate: the spline over the arrived workers without those that hold one of the queries raw; null where fewer than
 * max(2, K-1) are left.
 */
export function splineScheme(
  parameters: SchemeParameters,
  smoothing: SplineSmoothing = SPLINE_SMOOTHING,
): CodingScheme {
  const { queryCount, stragglerCount } = parameters;
  const workerCount = splineWorkerCount(parameters);
  const points = evenAnglePoints(queryCount, workerCount);
  const decoder = linearDecoder(points, (evaluateAt, nodes) =>
    smoothingSplineMatrix(evaluateAt, nodes, smoothing.decoder),
  );

  return linearScheme({
    name: "spline",
    parameters,
    points,
    encodeMatrix: smoothingSplineMatrix(points.evaluationPoints, points.dataPoints, smoothing.encoder),
    decoder,
    resultCountTarget: workerCount - stragglerCount,
    resultCountLeast: queryCount,
    decode(group) {
      if (group.arrived.length >= queryCount) estimateMissing(decoder, group);
      return [];
    },
  });
}
