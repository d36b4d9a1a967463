import { expect, test } from "vitest";
import type { CodedVolunteerView } from "../../../shared/coded/run-view.ts";
import type { RegressionPoint } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../../shared/kinds/regression/receipt.ts";
import { trainingConditions } from "./training-check.ts";
import { type TrainingFigures, type TrainingRecord, trainingFigures } from "./training-figures.ts";
import { trainingTable } from "./training-table.ts";

const point = (iteration: number, atMs: number): RegressionPoint => ({
  iteration,
  atMs,
  loss: 1,
  accuracy: 1,
  validationLoss: null,
  validationAccuracy: null,
});
const volunteer = (nickname: string, acceptedResults: number): CodedVolunteerView => ({
  volunteerId: nickname,
  nickname,
  isPresent: true,
  isSlow: false,
  isLiar: false,
  shards: 1,
  pointsIssued: 1,
  acceptedResults,
});
const record = (changes: Partial<RegressionReceipt>): TrainingRecord => ({
  scheme: "avcc",
  tabs: 12,
  history: { points: [point(1, 500), point(41, 4_500)], codeChanges: [], liars: [], volunteers: [] },
  receipt: {
    iterations: 41,
    endKind: "done",
    submission: { iterations: 50 },
    volunteers: [volunteer("honest", 80), volunteer("liar a", 3), volunteer("liar b", 4)],
    liars: [
      { volunteerId: "x", nickname: "liar a", iteration: 1 },
      { volunteerId: "y", nickname: "honest", iteration: 2 },
    ],
    codeChanges: [{ iteration: 3, generation: 2, blockCount: 8, reason: "1 shards short" }],
    correctedResults: 0,
    ...changes,
  } as RegressionReceipt,
  lyingTabs: ["liar a", "liar b"],
  predictions: [1, -1, 1, 1],
  truth: [1, -1, -1, 1],
  isExact: true,
});

test("figures: the pace between the first and the last iteration, what liars got in, whom one named", () => {
  expect(trainingFigures(record({}))).toEqual({
    scheme: "avcc",
    tabs: 12,
    iterations: 41,
    end: "done",
    seconds: 5,
    accuracy: 0.75,
    isExact: true,
    wrongAccepted: 7,
    wrongCorrected: 0,
    liarsNamed: ["liar a"],
    honestNamed: ["honest"],
    liars: 2,
    codeChanges: 1,
  });
});

test("what the code corrected was not accepted; a single iteration has no pace", () => {
  expect(trainingFigures(record({ correctedResults: 5 }))).toMatchObject({ wrongAccepted: 2, wrongCorrected: 5 });
  const short = { ...record({}), history: { ...record({}).history, points: [point(1, 5)] } };
  expect(trainingFigures(short).seconds).toBeNull();
});

const good: TrainingFigures = {
  scheme: "avcc",
  tabs: 12,
  iterations: 50,
  end: "done",
  seconds: 4,
  accuracy: 0.957,
  isExact: true,
  wrongAccepted: 0,
  wrongCorrected: 0,
  liarsNamed: ["a", "b"],
  honestNamed: [],
  liars: 2,
  codeChanges: 1,
};
const others: TrainingFigures[] = ["uncoded", "lcc"].map((scheme) => ({
  ...good,
  scheme,
  seconds: 20,
  end: "diverged",
}));
const failed = (changes: Partial<TrainingFigures>) =>
  trainingConditions([...others, { ...good, ...changes }]).flatMap(({ what, holds }) => (holds ? [] : [what]));

test("a good training demo meets every condition, and each fails by its own", () => {
  expect(failed({})).toEqual([]);
  expect(failed({ wrongAccepted: 1 })).toEqual(["avcc accepted no wrong result"]);
  expect(failed({ isExact: false })).toEqual(["avcc's weights are those of one machine, bit for bit"]);
  expect(failed({ accuracy: 0.94 })).toEqual(["avcc is right on 95 % of the test digits"]);
  expect(failed({ liarsNamed: ["a"] })).toEqual(["avcc named every liar and nobody else"]);
  expect(failed({ honestNamed: ["c"] })).toEqual(["avcc named every liar and nobody else"]);
  expect(failed({ codeChanges: 0 })).toEqual(["avcc's code followed the crowd"]);
  expect(failed({ seconds: 11 })).toHaveLength(2);
  expect(() => trainingConditions([good])).toThrow("figures of lcc");
});

test("the table has one row a scheme, with its time beside uncoded's", () => {
  const [header, , uncoded, , avcc] = trainingTable([...others, good]).split("\n");
  expect(header).toMatch(/^scheme +tabs +iterations +seconds +to uncoded +test acc\./);
  expect(uncoded).toMatch(/^uncoded +12 +50 \(diverged\) +20\.0 +1\.00/);
  expect(avcc).toMatch(/^avcc +12 +50 +4\.0 +0\.20 +0\.9570 +yes +0 +0 +2 of 2 +1$/);
});
