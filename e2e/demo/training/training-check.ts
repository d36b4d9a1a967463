/** What must hold of a training demo (--check). */
import type { Condition } from "../demo-check.ts";
import type { TrainingFigures } from "./training-figures.ts";

const SECONDS_RATIO_MAX = 0.5;
const ACCURACY_MIN = 0.95;

export function trainingConditions(all: readonly TrainingFigures[]): Condition[] {
  const [avcc, lcc, uncoded] = ["avcc", "lcc", "uncoded"].map((name) => figuresOf(all, name));
  const named = [...avcc!.liarsNamed, ...avcc!.honestNamed.map((name) => `${name}, who is honest`)];
  return [
    { what: "avcc accepted no wrong result", holds: avcc!.wrongAccepted === 0, got: `${avcc!.wrongAccepted}` },
    {
      what: "avcc's weights are those of one machine, bit for bit",
      holds: avcc!.isExact,
      got: avcc!.isExact ? "they are" : "others",
    },
    {
      what: `avcc is right on ${ACCURACY_MIN * 100} % of the test digits`,
      holds: avcc!.accuracy >= ACCURACY_MIN,
      got: `${(100 * avcc!.accuracy).toFixed(2)} %`,
    },
    {
      what: "avcc named every liar and nobody else",
      holds: avcc!.liarsNamed.length === avcc!.liars && avcc!.honestNamed.length === 0,
      got: named.join(", ") || "nobody",
    },
    {
      what: "avcc's code followed the crowd",
      holds: avcc!.codeChanges > 0,
      got: avcc!.codeChanges === 1 ? "1 change" : `${avcc!.codeChanges} changes`,
    },
    fasterThan(avcc!, lcc!),
    fasterThan(avcc!, uncoded!),
  ];
}

function fasterThan(avcc: TrainingFigures, other: TrainingFigures): Condition {
  const ratio = avcc.seconds === null || other.seconds === null ? null : avcc.seconds / other.seconds;
  return {
    what: `avcc takes less than ${SECONDS_RATIO_MAX} of ${other.scheme}'s seconds`,
    holds: ratio !== null && ratio < SECONDS_RATIO_MAX,
    got: ratio === null ? "no times" : ratio.toFixed(3),
  };
}

function figuresOf(all: readonly TrainingFigures[], name: string): TrainingFigures {
  const found = all.find(({ scheme }) => scheme === name);
  if (found === undefined) throw new Error(`demo check: expected figures of ${name}, got none`);
  return found;
}
