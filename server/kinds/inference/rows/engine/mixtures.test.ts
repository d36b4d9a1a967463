/** Groups are decoded as rounds are: whichever members have come, the numbers are the same. */
import { expect, test } from "vitest";
import { makeScheme } from "../../../../../shared/coding/make-scheme.ts";
import { DECODED_HOW } from "../../../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../../../shared/coding/schemes/schemes.ts";
import { subsetsOf } from "../../../../../shared/coding/testing/codes.ts";
import { decodeFrame } from "../../../../../shared/protocol/frame.ts";
import { simulationRandom } from "../../../../../shared/random/simulation-random.ts";
import { emptyTally } from "../../../../../shared/verify/estimate-confidence.ts";
import { mixtureItem } from "../../../../rows/words.ts";
import { answerRuleOf } from "../../engine/answer-rule.ts";
import { MARK } from "../../engine/job-answers.ts";
import { groupRuleOf, mixtureWorker, wayOut } from "../core/group-rules.ts";
import { first, inLine, rowJob, rowJobData, runs, WIDTH } from "../testing/row-job.ts";
import type { ClaimRow } from "../work.ts";
import { RowWorkspace } from "./row-workspace.ts";

const GROUP = [7, 3, 40, 12];
const K = GROUP.length;

function workspaceOf(scheme: SchemeName, stragglers: number, liars: number): RowWorkspace {
  const { submission } = rowJob("j1");
  const settings = { scheme, queriesPerGroup: K, stragglers, liars, spares: "parities", confidenceFloor: 0 } as const;
  const job = rowJob("j1", { submission: { ...submission, ...settings } });
  return new RowWorkspace(rowJobData(job), inLine(), simulationRandom(7));
}

/** The members go to a tab, which computes what it is sent, and come back. @returns |members| x WIDTH */
async function compute(workspace: RowWorkspace, rows: readonly ClaimRow[]): Promise<Float32Array> {
  const { frame, rowCount } = await workspace.wireRowsFor(1, rows);
  const { data } = decodeFrame(frame as Uint8Array).rows!;
  const outputs = await runs(data as Float32Array, rowCount);
  workspace.holdPart(1, 0, outputs, null);
  const of = { assignmentId: 1, volunteerId: "v1", precision: "float32" } as const;
  const plain = rows.filter((row) => row.of === undefined);
  const mixtures = rows.flatMap((row) => (row.of === undefined ? [] : [{ ...row, ...row.of }]));
  workspace.takeMixtures({ type: "takeMixtures", ...of, mixtures });
  workspace.takeRows({ type: "takeRows", ...of, answers: plain, words: [] });
  return outputs;
}

const member = (worker: number, way: string): ClaimRow => {
  if (way === "beside" && worker < K) return { ...first(GROUP[worker]!), as: "answer" };
  const index = way === "beside" ? worker - K : worker;
  return { place: mixtureItem(5, index), attempt: 0, as: "answer", of: { group: 5, index, places: GROUP } };
};

test.each([
  ["systematic", 2, 0],
  ["systematic", 1, 1],
  ["berrut-systematic", 2, 0],
  ["approxifer", 2, 0],
] as const)(
  "%s, S = %i, E = %i: every set of members that decodes gives the numbers of a round",
  async (name, s, e) => {
    const scheme = makeScheme(name, { queryCount: K, stragglerCount: s, liarCount: e });
    const probe = workspaceOf(name, s, e);
    const { plan, job } = probe.data;
    const [way, rule] = [wayOut(plan), groupRuleOf(plan)];
    const inRows = (arrived: readonly number[]) =>
      way === "beside" ? arrived.filter((worker) => worker < K).length : 0;
    const sets = subsetsOf(scheme.workerCount).filter((arrived) =>
      rule.isDecodable(inRows(arrived), arrived.length - inRows(arrived)),
    );
    expect(sets.length).toBeGreaterThan(5);
    for (const arrived of sets) {
      const workspace = workspaceOf(name, s, e);
      const came = await compute(
        workspace,
        arrived.map((worker) => member(worker, way)),
      );
      const batches = arrived.map((_, row) => came.slice(row * WIDTH, (row + 1) * WIDTH));
      const round = await inLine().run("decode", {
        scheme: { name, parameters: scheme.parameters },
        ...{ arrived: [...arrived], batches, placements: null, groupCount: 1, outputSize: WIDTH },
        ...{ rule: answerRuleOf(job), suspects: null, spotChecks: null },
        estimates: name === "systematic" ? { ownRows: K, neighbourhood: null, earlier: emptyTally() } : null,
      });
      const [decoded] = await workspace.decodeGroups({ type: "decodeGroups", groups: [{ group: 5, places: GROUP }] });
      workspace.takeDecoded({ type: "takeDecoded", rows: decoded!.answered.map(({ place }) => first(place)) });
      const { answers } = workspace;
      for (const [row, place] of GROUP.entries()) {
        const [how, mark] = [round.how[row]!, answers.marks[place]!];
        const [got, expected] = [answers.outputs, round.outputs].map((all, which) => {
          const at = which === 0 ? place : row;
          return [...all.subarray(at * WIDTH, (at + 1) * WIDTH)];
        });
        if (how === DECODED_HOW.missing) {
          expect(mark).toBe(MARK.missing);
          continue;
        }
        expect(got).toEqual(expected);
        const estimated = way === "mixtures" ? MARK.unchecked : MARK.estimated;
        expect(mark).toBe(how === DECODED_HOW.raw ? MARK.audited : estimated);
      }
    }
  },
);

test("a row's own answer takes the place of its estimate, and no estimate that of an answer", async () => {
  const workspace = workspaceOf("systematic", 1, 0);
  await compute(
    workspace,
    [0, 1, 2, 4].map((worker) => member(worker, "beside")),
  );
  const decode = () => workspace.decodeGroups({ type: "decodeGroups", groups: [{ group: 5, places: GROUP }] });
  expect((await decode())[0]!.answered.map(({ place }) => place)).toEqual([GROUP[3]]);
  await compute(workspace, [member(3, "beside")]);
  workspace.takeDecoded({ type: "takeDecoded", rows: [first(GROUP[3]!)] });
  expect(workspace.answers.marks[GROUP[3]!]).toBe(MARK.audited);
  expect((await decode())[0]!.answered).toEqual([]);
});

test("a mixture that was answered wrongly is found when it is computed again, a right one is not", async () => {
  const workspace = workspaceOf("systematic", 1, 0);
  const mixture = member(4, "beside");
  await compute(workspace, [mixture]);
  const asked = (volunteerId: string) => ({
    type: "recompute" as const,
    rows: [
      {
        ...{ place: mixture.place, attempt: 0, why: "mixture" as const, of: mixture.of! },
        words: [{ volunteerId, precision: "float32" as const, isFine: true }],
      },
    ],
  });
  expect((await workspace.recompute(asked("v1")))[0]!.words).toMatchObject([{ volunteerId: "v1", isRight: true }]);
  const wrong = { ...mixture, place: mixtureItem(6, 0), of: { ...mixture.of!, group: 6 } };
  await workspace.wireRowsFor(2, [wrong]);
  workspace.holdPart(2, 0, Float32Array.of(9, 9, 9), null);
  const taken = { ...first(wrong.place), group: 6, index: 0 };
  workspace.takeMixtures({
    ...{ type: "takeMixtures", assignmentId: 2, volunteerId: "v2", precision: "float32", mixtures: [taken] },
  });
  const rows = asked("v2").rows.map((row) => ({ ...row, place: wrong.place, of: wrong.of }));
  expect((await workspace.recompute({ type: "recompute", rows }))[0]!.words).toMatchObject([{ isRight: false }]);
});

test("the last group of a job is smaller: its code is smaller too", async () => {
  const workspace = workspaceOf("systematic", 1, 0);
  const places = GROUP.slice(0, 2);
  const mixture = { place: mixtureItem(9, 0), attempt: 0, as: "answer" as const, of: { group: 9, index: 0, places } };
  await compute(workspace, [{ ...first(places[0]!), as: "answer" }, mixture]);
  const [decoded] = await workspace.decodeGroups({ type: "decodeGroups", groups: [{ group: 9, places }] });
  expect(decoded!.answered.map(({ place }) => place)).toEqual([places[1]]);
  expect(mixtureWorker("beside", 2, 0)).toBe(2);
});

test("[ES1] the copy of a row that is alone in its group is an estimate: the row's own answer takes its place", async () => {
  const workspace = workspaceOf("systematic", 1, 0);
  const places = GROUP.slice(0, 1);
  const copy = { place: mixtureItem(9, 0), attempt: 0, as: "answer" as const, of: { group: 9, index: 0, places } };
  await compute(workspace, [copy]);
  const decode = () => workspace.decodeGroups({ type: "decodeGroups", groups: [{ group: 9, places }] });
  expect((await decode())[0]!.answered).toEqual([{ place: places[0], mark: "estimated", by: null }]);
  workspace.takeDecoded({ type: "takeDecoded", rows: [first(places[0]!)] });
  expect(workspace.answers.marks[places[0]!]).toBe(MARK.estimated);
  await compute(workspace, [{ ...first(places[0]!), as: "answer" }]);
  expect((await decode())[0]!.answered).toEqual([]);
  expect(workspace.answers.marks[places[0]!]).toBe(MARK.audited);
});
