import { CODE_PLACES, type Places } from "../../coded/problems-by-field.ts";
import type { RegressionField } from "./regression-form.ts";

/** Where the coordinator's sentences about a regression belong. */
export const REGRESSION_PLACES: Places<RegressionField> = {
  paths: {
    ...CODE_PLACES.paths,
    "source.rows": "rows",
    "source.inputScale": "inputScale",
    "source.featuresSha256": "features",
    "source.labelsSha256": "labels",
    iterations: "iterations",
    learningRate: "learningRate",
    momentum: "momentum",
    l2: "l2",
    validationShare: "validationShare",
    patience: "patience",
    model: "model",
    X: "features",
    y: "labels",
  },
  hints: [
    [/^(linear|logistic|softmax) regression:/, "model"],
    ...CODE_PLACES.hints,
    [/held out|validation/, "validationShare"],
  ],
};
