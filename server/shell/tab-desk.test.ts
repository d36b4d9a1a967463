/** What a token is good for: one answer, by the session that it was given to. Tabs are played by hand. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../e2e/crowd/shell-with-tabs.ts";
import { VolunteerKey } from "../../e2e/crowd/volunteer-key.ts";
import { packDenseModel } from "../../shared/compute/runtimes/tfjs/dense-model.ts";
import { createPlainRuntime } from "../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { BatchMessage } from "../../shared/kinds/inference/batch.ts";
import { rowsOfBatch } from "../../shared/kinds/inference/batch-rows.ts";
import { decodeFrame, encodeFrame } from "../../shared/protocol/frame.ts";
import type { Refused } from "../../shared/protocol/messages.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { initialState } from "../coordinator/state.ts";
import type { KindsExecutor } from "../kinds/numerics-tasks.ts";
import { isProblem, type OpenedSession, type TabLink } from "../web/coordinator-port.ts";
import type { SendEffect } from "./kind-desk.ts";
import { TabDesk, type TabDeskHost } from "./tab-desk.ts";

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

/** A tab that answers when, and what, the test says. */
class TabByHand {
  readonly #world: ShellWithTabs;
  readonly #sessionId: string;
  readonly #arrived: BatchMessage[] = [];
  readonly refusals: Refused[] = [];

  /** @param publicKey absent: it has none, and signs nothing */
  constructor(world: ShellWithTabs, name: string, publicKey?: Uint8Array, of: Partial<OpenedSession> = {}) {
    this.#world = world;
    this.#sessionId = `session of ${name}`;
    const volunteerId = `volunteer ${name}`;
    world.shell.tabs.sessionOpened(
      {
        sessionId: this.#sessionId,
        volunteerId,
        nickname: name,
        team: "",
        backend: "wasm",
        addressPrefix: null,
        invitation: null,
        ...(publicKey === undefined ? {} : { publicKey }),
        ...of,
      },
      {
        welcome: () => {},
        credit: () => {},
        unfit: () => {},
        cancel: () => {},
        refused: (reason) => this.refusals.push(reason),
        assignment: (assignment: AssignmentMessage) => {
          if (assignment.work !== "batch") return;
          this.#arrived.push(assignment);
        },
      },
    );
  }

  /** Times of its answers, as they are known here. */
  get responses() {
    return this.#world.shell.state.sessions.get(this.#sessionId)?.responses;
  }

  get state(): string | undefined {
    return this.#world.shell.sessions().find(({ sessionId }) => sessionId === this.#sessionId)?.state;
  }

  /** What it was sent, oldest first, each once. */
  async nextAssignment(): Promise<BatchMessage> {
    for (;;) {
      const next = this.#arrived.shift();
      if (next !== undefined) return next;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Of it the oldest; undefined: nothing that it has not seen. */
  arrived(): BatchMessage | undefined {
    return this.#arrived.shift();
  }

  /** @param waitedMs how long it was here before it was heard */
  says({ token, rowCount, outputSize }: BatchMessage, data: Float32Array, signature?: Uint8Array, waitedMs = 0) {
    const frame = encodeFrame({ outputs: { dtype: "F32", shape: [rowCount, outputSize], data } });
    const signed = signature === undefined ? {} : { signature };
    const output = { kind: "inline", frame } as const;
    return this.#world.shell.tabs.result(this.#sessionId, { token, computeMs: 1, ...signed, output }, waitedMs);
  }

  fails({ token }: BatchMessage): void {
    this.#world.shell.tabs.failed(this.#sessionId, { token, message: "out of memory" });
  }

  givesBack({ token }: BatchMessage): void {
    this.#world.shell.tabs.returned(this.#sessionId, { token });
  }

  /** Answers its probe. */
  async becomesReady(): Promise<void> {
    const probe = await this.nextAssignment();
    this.says(probe, await outputsOf(this.#world, probe));
  }
}

/** What the assignment's model says of its rows. */
async function outputsOf(world: ShellWithTabs, assignment: BatchMessage): Promise<Float32Array> {
  const { token, input, rowCount, model } = assignment;
  if (input.kind !== "inline") throw new Error("outputsOf: expected rows inline");
  const bundle = await world.shell.tabs.blobForToken(token, model.sha256);
  const loaded = await createPlainRuntime().load(bundle!.bytes);
  return loaded.run(rowsOfBatch(decodeFrame(input.frame), assignment), rowCount);
}

test("[PR89] a tab with a key signs its results; the answer to a probe is of no job, and is not signed", async () => {
  const world = await ShellWithTabs.open([]);
  opened = world;
  const key = await VolunteerKey.make();
  const tab = new TabByHand(world, "with a key", key.publicKey);
  await tab.becomesReady();
  expect(tab.state).toBe("idle");
  await submitQueries(world);
  const signed = await tab.nextAssignment();
  expect(tab.says(signed, await outputsOf(world, signed), new Uint8Array(64))).toEqual({ verdict: "received" });
  // The malformed one comes last: [AS4] who gives it loses its turns at the model, and nobody else is here.
  const next = await tab.nextAssignment();
  expect(tab.says(next, await outputsOf(world, next))).toEqual({
    verdict: "malformed",
    message: "expected a result that its volunteer's key has signed, got one without a signature",
  });
});

test("[VS2] [VS4] seats check each other; those that nobody believes count as one address, whatever theirs is, and others as one each", async () => {
  const world = await ShellWithTabs.open([]);
  opened = world;
  const open = (name: string, address: string, seat?: { place: string; believed: boolean }) =>
    new TabByHand(world, name, undefined, { addressPrefix: address, ...(seat && { seat }) });
  open("stranger", "203.0.113.0/24");
  open("ann", "203.0.113.0/24", { place: "s 1", believed: false });
  open("bob", "198.51.100.0/24", { place: "s 2", believed: false });
  open("eve", "203.0.113.0/24", { place: "t 1", believed: true });
  open("kim", "203.0.113.0/24", { place: "t 2", believed: true });
  const of = (name: string) => world.shell.state.sessions.get(`session of ${name}`)!;
  expect(of("stranger").checkGroup).toBe(of("stranger").addressGroup);
  expect(of("ann").addressGroup).toBe(of("bob").addressGroup);
  const groups = ["stranger", "ann", "eve", "kim"].map((name) => of(name).addressGroup);
  expect(new Set(groups).size).toBe(4);
  const checkGroups = ["stranger", "ann", "bob", "eve", "kim"].map((name) => of(name).checkGroup);
  expect(new Set(checkGroups).size).toBe(5);
  const admitted = ["stranger", "ann", "eve"].map(
    (name) => world.shell.state.volunteers.get(`volunteer ${name}`)!.isAdmitted,
  );
  expect(admitted).toEqual([false, true, true]);
});

test("[AS5] what an answer waited before it was heard is known beside its time, in whole milliseconds", async () => {
  const { world, tabs } = await openWithTabs("waited", "did not");
  const waits = [250.5, 0.9];
  for (const [n, tab] of tabs.entries()) {
    const next = await tab.nextAssignment();
    tab.says(next, await outputsOf(world, next), undefined, waits[n]);
  }
  expect(tabs.map(({ responses }) => responses?.map(({ waitedMs }) => waitedMs))).toEqual([[250], [undefined]]);
});

test("[CE8] a tab that is to go elsewhere is told where and why, and nothing else", async () => {
  const world = await ShellWithTabs.open([]);
  opened = world;
  const tab = new TabByHand(world, "to go");
  await tab.becomesReady();
  const [idle, busy] = [
    { name: "a", jobs: 0, tabs: 1, share: 0 },
    { name: "b", jobs: 1, tabs: 0, share: 1 },
  ];
  world.shell.hearOfCells({ own: "a", cells: [idle, busy] });
  const message = "Another coordinator of this service has work for this tab.";
  expect(tab.refusals).toStrictEqual([{ code: "elsewhere", message, cell: "b" }]);
});

test("[CE8] all keys of one address group have one home, whichever coordinator draws it; keys on this machine have one each", () => {
  const pointsOf = (
    placingKey: string | undefined,
    of: readonly { volunteerId: string; addressPrefix: string | null }[],
  ) => {
    const happened: unknown[] = [];
    const host = {
      state: initialState(),
      happen: (happening: unknown) => void happened.push(happening),
    } as unknown as TabDeskHost;
    const options = { makeToken: () => "salt", secretRandom: simulationRandom(1), onProblem: () => {} };
    const executor = { run: () => Promise.reject(new Error("not asked")) } as never;
    const desk = new TabDesk({ ...options, executor, ...(placingKey === undefined ? {} : { placingKey }) }, host);
    for (const [n, session] of of.entries()) {
      const about = { nickname: "n", team: "", backend: "wasm", invitation: null };
      desk.sessionOpened({ sessionId: `s${n}`, ...about, ...session }, { welcome: () => {} } as never);
    }
    return happened.map((one) => (one as { homePoint?: number }).homePoint);
  };
  const school = ["k1", "k2"].map((volunteerId) => ({ volunteerId, addressPrefix: "203.0.113.0/24" }));
  const here = ["k1", "k2"].map((volunteerId) => ({ volunteerId, addressPrefix: null }));
  const [first, second, third, fourth] = pointsOf("secret", [...school, ...here]);
  expect(first).toBe(second);
  expect(new Set([first, third, fourth]).size).toBe(3);
  expect(first).toBeLessThan(2 ** 48);
  expect(pointsOf("secret", school)).toEqual([first, first]);
  expect(pointsOf("another", school)).not.toEqual([first, first]);
  expect(pointsOf(undefined, school)).toEqual([undefined, undefined]);
});

/** Some queries, of a model that turns [x, y] into [y, x]. */
async function openWithTabs(...names: string[]) {
  const world = await ShellWithTabs.open([]);
  opened = world;
  const tabs = names.map((name) => new TabByHand(world, name));
  for (const tab of tabs) await tab.becomesReady();
  return { world, tabs, jobId: await submitQueries(world) };
}

const QUERIES = 24;
const VALUES = Float32Array.from({ length: 2 * QUERIES }, (_, i) => i);

/** The tabs answer what they are sent until the job is done, and it is right. */
async function endsRight(world: ShellWithTabs, jobId: string, tabs: readonly TabByHand[]): Promise<void> {
  let isOver = false;
  const works = async (tab: TabByHand) => {
    while (!isOver) {
      const next = tab.arrived();
      if (next === undefined) await new Promise((resolve) => setImmediate(resolve));
      else if ((await world.shell.tabs.blobForToken(next.token, next.model.sha256)) !== null)
        tab.says(next, await outputsOf(world, next));
    }
  };
  const working = Promise.all(tabs.map(works));
  await world.ended(jobId);
  isOver = true;
  await working;
  const { outputs } = (await world.shell.desks.inference.allAnswers(jobId))!;
  expect(outputs).toEqual(VALUES.map((_, i) => VALUES[i ^ 1]!));
}

/** So small a job the coordinator computes alone after some seconds, unless its bound lets a block open. */
async function submitQueries(world: ShellWithTabs): Promise<string> {
  const kernel = Float32Array.of(0, 1, 1, 0);
  const model = packDenseModel([{ kernel, bias: new Float32Array(2), activation: "linear" }]);
  const modelSha256 = await world.store.putBlob(model);
  const queriesSha256 = await world.upload({ dtype: "F32", shape: [QUERIES, 2], data: VALUES });
  const source = { kind: "uploads", modelSha256, queriesSha256 };
  const code = { scheme: "uncoded", queriesPerGroup: 2, answerBound: 0.3 };
  const reply = await world.submit({ source, ...code });
  if (isProblem(reply)) throw new Error(reply.message);
  return reply.jobId;
}

test("[AS1] a token answers its assignment once: what comes with it again is stale, and the first answer stands", async () => {
  const { world, tabs, jobId } = await openWithTabs("a", "b");
  const [a, b] = [tabs[0]!, tabs[1]!];
  const [first, second] = [await a.nextAssignment(), await b.nextAssignment()];
  expect(a.says(first, await outputsOf(world, first))).toEqual({ verdict: "received" });
  expect(a.says(first, new Float32Array(2 * first.rowCount))).toEqual({ verdict: "stale" });
  b.says(second, await outputsOf(world, second));
  await endsRight(world, jobId, tabs);
});

test("[AS1] [PR27] a token that has answered opens no blob any more, and takes no upload", async () => {
  const { world, tabs } = await openWithTabs("a", "b");
  const first = await tabs[0]!.nextAssignment();
  const { token, model } = first;
  const outputs = await outputsOf(world, first);
  expect(world.shell.tabs.resultBytesMax(token)).not.toBeNull();
  tabs[0]!.says(first, outputs);
  expect(await world.shell.tabs.blobForToken(token, model.sha256)).toBeNull();
  expect(world.shell.tabs.resultBytesMax(token)).toBeNull();
  const frame = encodeFrame({ outputs: { dtype: "F32", shape: [first.rowCount, 2], data: outputs } });
  expect(world.shell.tabs.resultUploaded(token, frame)).toBe("stale");
});

test("[AS2] a token of another session answers nothing, and is not used up by whoever tries it", async () => {
  const { world, tabs, jobId } = await openWithTabs("a", "b");
  const [a, b] = [tabs[0]!, tabs[1]!];
  const [first, second] = [await a.nextAssignment(), await b.nextAssignment()];
  expect(b.says(first, new Float32Array(2 * first.rowCount))).toEqual({ verdict: "stale" });
  b.fails(first);
  b.givesBack(first);
  expect(a.says(first, await outputsOf(world, first))).toEqual({ verdict: "received" });
  expect(b.says(second, await outputsOf(world, second))).toEqual({ verdict: "received" });
  await endsRight(world, jobId, tabs);
});

test("[AS2] [SE1] the right answer to another session's probe lets nobody in", async () => {
  const world = await ShellWithTabs.open([]);
  opened = world;
  const [owner, thief] = [new TabByHand(world, "owner"), new TabByHand(world, "thief")];
  const probe = await owner.nextAssignment();
  const outputs = await outputsOf(world, probe);
  expect(thief.says(probe, outputs)).toEqual({ verdict: "stale" });
  expect(thief.state).toBe("probing");
  expect(owner.says(probe, outputs)).toEqual({ verdict: "received" });
  expect(owner.state).toBe("idle");
});

test("[AS9] batches of one tab leave in the order in which they were sent, though the rows of a later one are made sooner", async () => {
  const readies = new Map<string, (outgoing: unknown) => void>();
  const outstanding = { state: "outstanding" };
  const host = {
    desk: () => ({ assignment: ({ jobId }: SendEffect) => new Promise((ready) => readies.set(jobId, ready)) }),
    state: { volunteers: new Map(), sessions: new Map(), assignments: new Map([1, 2].map((id) => [id, outstanding])) },
    happen: () => {},
  };
  let tokens = 0;
  const desk = new TabDesk(
    {
      executor: {} as KindsExecutor,
      secretRandom: simulationRandom(1),
      makeToken: () => `token ${tokens++}`,
      onProblem: (message, error) => {
        throw new Error(message, { cause: error });
      },
    },
    host as unknown as TabDeskHost,
  );
  const arrived: string[] = [];
  const link = { welcome: () => {}, assignment: ({ jobId }: AssignmentMessage) => arrived.push(jobId) };
  const session = { sessionId: "s", volunteerId: "v", addressPrefix: null, invitation: null };
  desk.sessionOpened(session as unknown as OpenedSession, link as unknown as TabLink);
  const send = (jobId: string, assignmentId: number) => {
    const of = { jobId, assignmentId, roundIndex: 0, workerIndex: 0, payload: { generation: 0 }, deadlineMs: 500 };
    return desk.sendAssignment({
      effectId: 1,
      type: "sendAssignment",
      sessionId: "s",
      volunteerId: "v",
      kind: "inference",
      isAhead: assignmentId > 1,
      ...of,
    });
  };
  const sent = [send("first", 1), send("ahead", 2)];
  const outgoing = (jobId: string) => ({ message: { jobId } });
  readies.get("ahead")!(outgoing("ahead"));
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(arrived).toEqual([]);
  readies.get("first")!(outgoing("first"));
  await Promise.all(sent);
  expect(arrived).toEqual(["first", "ahead"]);
});

test("[CC3] volunteers on this machine are of no address group, or each of its own where the operator says so", () => {
  const groupsOf = (trustLoopback: boolean) => {
    const groups: (string | null)[] = [];
    const happen = (happening: { readonly type: string; readonly addressGroup?: string | null }) => {
      if (happening.type === "sessionOpened") groups.push(happening.addressGroup ?? null);
    };
    const host = { happen, state: { volunteers: new Map(), sessions: new Map() } };
    const options = {
      executor: {} as KindsExecutor,
      secretRandom: simulationRandom(1),
      makeToken: () => "salt",
      onProblem: () => {},
    };
    const desk = new TabDesk({ ...options, trustLoopback }, host as unknown as TabDeskHost);
    for (const [sessionId, volunteerId, addressPrefix] of [
      ["s1", "v1", null],
      ["s2", "v1", null],
      ["s3", "v2", null],
      ["s4", "v3", "10.1.2.3/32"],
    ] as const) {
      const session = { sessionId, volunteerId, addressPrefix, invitation: null };
      desk.sessionOpened(session as unknown as OpenedSession, { welcome: () => {} } as unknown as TabLink);
    }
    return groups;
  };
  expect(groupsOf(false)).toEqual([null, null, null, expect.any(String)]);
  const [one, again, other, elsewhere] = groupsOf(true);
  expect(again).toBe(one);
  expect(new Set([one, other, elsewhere]).size).toBe(3);
});

test("[RS2] a token of an earlier run opens nothing: no answer, no blob, no upload, and the job is done without it", async () => {
  const { world, tabs, jobId } = await openWithTabs("a", "b");
  const first = await tabs[0]!.nextAssignment();
  const outputs = await outputsOf(world, first);
  await world.restart();
  const [a, b] = [new TabByHand(world, "a"), new TabByHand(world, "b")];
  await a.becomesReady();
  await b.becomesReady();
  expect(a.says(first, outputs)).toEqual({ verdict: "stale" });
  expect(await world.shell.tabs.blobForToken(first.token, first.model.sha256)).toBeNull();
  expect(world.shell.tabs.resultBytesMax(first.token)).toBeNull();
  for (const tab of [a, b]) {
    const assignment = await tab.nextAssignment();
    expect(tab.says(assignment, await outputsOf(world, assignment))).toEqual({ verdict: "received" });
  }
  await endsRight(world, jobId, [a, b]);
});
