import type { LabelNames } from "../../../shared/hub/label-names.ts";
import { percent } from "../../ui/units.ts";

/** How sure a model is of a label; of values the value. */
export const scoreText = (score: number, { holds }: Pick<LabelNames, "holds">): string =>
  holds === "values" ? String(Number(score.toPrecision(6))) : percent(score);
