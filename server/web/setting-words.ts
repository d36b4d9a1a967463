/** What each setting of a submission means, in a sentence; by kind of job and name. The help and the API's page show it. */
import { DEFAULT_SCHEME, SCHEMES, schemesThat } from "../../shared/coding/schemes/schemes.ts";

type Words = Readonly<Record<string, string>>;

const COMMON: Words = {
  name: "shown to volunteers",
  submitter: "who asks; shown to volunteers",
  purpose: "what it is good for; shown to volunteers",
  stragglers: "S: so many late tabs a round are not waited for",
  inputScale: "numbers are multiplied by this: 1/255 for 8-bit images",
};

const INFERENCE: Words = {
  scheme: `${DEFAULT_SCHEME}: ${SCHEMES[DEFAULT_SCHEME].words.inShort}; the others are the papers' baselines; none hides the queries`,
  queriesPerGroup: "K: queries that are encoded together",
  liars: "E: so many lying tabs a round are reckoned with",
  groupsPerRound:
    "groups that go out together; a tab gets one row of each; 0: as many as suit the job and the speed of the crowd, 10 to 40",
  roundsInFlight: "rounds that may be out at the same time",
  completion: "exact: estimates are replaced by the model's own answers; fast: estimates stay",
  answerBound: "an answer is final once the chance that it is wrong is below this",
  spares: `${schemesThat(({ hasSpares }) => hasSpares)}: whether the tabs beyond K hold mixtures (parities) or compute lost batches again (backups)`,
  confidenceFloor:
    "an estimate that is less sure than this stays missing until its query is redone; 0 tells all of them",
  aim: "a time (finishWithinMs) or a budget (budgetMacs, budgetBytes) in place of scheme, K, S, E and the sizes of rounds: the coordinator picks them",
  "aim.finishWithinMs": "the job is to end so many milliseconds after it was submitted, at the least cost",
  "aim.budgetMacs": "multiply-adds that tabs may be asked for in all; the fastest code within it",
  "aim.budgetBytes": "bytes to and from tabs in all; the fastest code within it",
  "aim.confidence": "how sure the aim is to be met: .9 means nine jobs of ten",
  locator: `${schemesThat(({ takes }) => takes.locator)} with E > 0: how wrong results are found`,
  output: "of a model with several outputs: which, by name or place; all: a row of all, with task regression",
  task: "classification: the answer is the largest output's place; regression: the numbers",
  "tolerance.relative": "regression: how far an estimate may be off, relative to the output's size",
  "tolerance.absolute": "regression: how far an estimate may be off in any case",
};

const GRADIENT: Words = {
  model: "what is trained",
  scheme: "avcc checks every result before it may touch the weights; the others are its baselines",
  dataVolunteers: "K: volunteers that would do if all were quick and honest",
  liars: "M: so many lying volunteers are reckoned with",
  colluders: "T: so many volunteers may pool what they hold and learn nothing of the data",
  volunteers: "N, where there are to be more than the code needs",
  shardsPerVolunteer: "small shards a volunteer, so that a slow one's finished part counts",
  spareShards: "encoded ahead for whoever joins",
  iterations: "updates of the weights",
  learningRate: "the step of an update",
  momentum: "share of the last step that is added to the next",
  l2: "how large weights are held down",
  validationShare: "share of the rows that is not trained on and measures the weights",
  patience: "stop after so many iterations without a better loss",
};

const MATMUL: Words = {
  leftFractionBits: "entries of A are rounded to multiples of 2^-bits; 0: whole numbers, and nothing else",
  rightFractionBits: "the same of B",
  scheme: "avcc checks every result; the others are its baselines",
  dataVolunteers: "K: volunteers that would do if all were quick and honest",
  liars: "M: so many lying volunteers are reckoned with",
  colluders: "T: so many volunteers may pool what they hold and learn nothing of A; B is seen by all",
  volunteers: "N, where there are to be more than the code needs",
  shardsPerVolunteer: "small shards a volunteer, so that a slow one's finished part counts",
  spareShards: "encoded ahead for whoever joins",
  sliceColumns: "columns of B in one round",
};

const BY_KIND = { inference: INFERENCE, regression: GRADIENT, matmul: MATMUL } as const;
export type SubmissionKind = keyof typeof BY_KIND;

/** @param path of the field, dots between; undefined where there are no words for it */
export function settingWords(kind: SubmissionKind, path: string): string | undefined {
  return (BY_KIND[kind] as Words)[path] ?? COMMON[path];
}
