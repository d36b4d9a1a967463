/** What a model makes of rounding, in sentences for whoever submitted it. */
import {
  amplification,
  type Sensitivity,
  shareInWords,
  TOLERANCE_FLOAT32_MAX,
  TOLERANCE_MARGIN,
} from "../../../shared/verify/sensitivity.ts";

/** Why honest answers of it cannot be told from lies. */
export function unstableModel(sensitivity: Sensitivity): string {
  const { rows, rowsOnSecond, deviation } = sensitivity;
  const how =
    rowsOnSecond === 0
      ? "inputs one unit in the last place apart change"
      : "inputs one unit in the last place apart, or another implementation, change";
  return (
    `float32 does not determine its answers: on ${rows} of its queries ${how} a row by up to ${shareInWords(deviation)} of its size ` +
    `(${amplification(sensitivity).toPrecision(2)} times what a rounding error is), and honest answers can be told from lies up to ` +
    shareInWords(TOLERANCE_FLOAT32_MAX / TOLERANCE_MARGIN)
  );
}

/** [PC11] Why cards do not compute it. @param operators at least one @example jumping(["FloorDiv"]) // -> "its answers jump where cards round otherwise (FloorDiv)" */
export function jumping(operators: readonly string[]): string {
  return `its answers jump where cards round otherwise (${operators.join(", ")})`;
}
