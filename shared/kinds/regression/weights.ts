/** The weights that a regression learns, and what they predict. */

/** GET /api/jobs/:jobId/weights.json; weights.npy holds the weights alone, float64, columns x classes. */
export interface RegressionWeightsFile {
  /** Updates that they have had. */
  weightsOf: number;
  columns: number;
  classes: number;
  /** What a prediction of class c is called; empty for linear. */
  labelOfClass: number[];
  /** columns rows of classes numbers, for x as it was uploaded times its input scale */
  weights: number[][];
}

/** POST /api/jobs/:jobId/predictions: `.npy` of n x columns in; predictions as `.npy` out, or as this with Accept: application/json. */
export interface RegressionPredictions {
  weightsOf: number;
  /** logistic and softmax: the label; linear: the number. */
  predictions: number[];
}
