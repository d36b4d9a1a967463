/** Limits of regressions. */

/** Full-batch gradient descent: thousands of iterations are many, and each is two rounds of the crowd. */
export const REGRESSION_ITERATIONS_MAX = 10_000;
/** Steps of a feature: fewer teach nothing, more are lost in Float64 sums. */
export const REGRESSION_FEATURE_BITS_MIN = 4;
export const REGRESSION_FEATURE_BITS_MAX = 30;
/** Softmax classes: products are shards times thin matrices of this width. */
export const REGRESSION_CLASSES_MAX = 256;
/** Whole numbers of up to so many different sizes are taken for classes where no model is named; ratings and counts have more. */
export const REGRESSION_CLASSES_GUESSED_MAX = 20;
/** Rows of one request for predictions: as JSON some 10 MB. */
export const REGRESSION_PREDICTIONS_MAX = 1_000_000;
/** Probabilities of one answer that is JSON or CSV: as text some 40 MB. */
export const REGRESSION_PROBABILITIES_MAX = 2_000_000;
/** Rows held out: the rest is to be trained on. */
export const REGRESSION_VALIDATION_SHARE_MAX = 0.5;
/** Points of a ROC curve that an evaluation keeps: the curve is drawn some hundred pixels wide. */
export const EVALUATION_ROC_POINTS_MAX = 200;
/** Residuals that are drawn: more would lie upon each other. */
export const EVALUATION_RESIDUALS_MAX = 2_000;
/** Pairs of classes that are listed with their rows, the most rows first: all of 30 classes. */
export const EVALUATION_PAIRS_MAX = 1_000;
/** An area for each class sorts all rows: with more classes there is none. */
export const EVALUATION_AREA_CLASSES_MAX = 30;
