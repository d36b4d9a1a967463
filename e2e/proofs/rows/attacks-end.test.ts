/** Volunteers that hold back a job's end: by claims that they never answer, answer slowly, or answer but for a row or two. */
import { expect, test } from "vitest";
import { RowsStory, type RowsStoryOptions } from "../../../server/kinds/inference/rows/testing/rows-story.ts";

const LARGE = { macsPerQuery: 1e9 };
const ROWS = 600;
/** Time of a row at an honest tab. */
const ROW_MS = 50;
const LIMIT_MS = 3_600_000;
const HONEST = 6;

type Out = ReturnType<RowsStory["out"]>[number];
type As = "answer" | "word" | "known";
/** Rows of a claim that a tab answers, and how long it takes for each, ms; null: it never says anything, fails: it says that it cannot, after as long. */
type Plan = (
  story: RowsStory,
  sent: Out,
) => { readonly rows: readonly number[]; readonly rowMs: number } | "fails" | null;

const allBut =
  (left: readonly As[], rowMs = ROW_MS): Plan =>
  (story, sent) => ({
    rows: story.rowsOf(sent).flatMap(({ as }, row) => (left.includes(as) ? [] : [row])),
    rowMs,
  });
const all = (rowMs: number): Plan => allBut([], rowMs);
const honest = all(ROW_MS);
const attacks: Readonly<Record<string, Plan>> = {
  "never says anything": () => null,
  "is silent once it is known": (story, sent) => (story.nowMs > 2_500 ? null : honest(story, sent)),
  "answers no known row": allBut(["known"]),
  "answers no second word": allBut(["word"]),
  "answers nothing but known rows": allBut(["answer", "word"]),
  "leaves the last row of each claim": (story, sent) => ({
    rows: [...story.rowsOf(sent).keys()].slice(0, -1),
    rowMs: ROW_MS,
  }),
  "says of each claim that it failed": () => "fails",
  "fails once it is known": (story, sent) => (story.nowMs > 2_500 ? "fails" : honest(story, sent)),
  "takes a second a row": all(1_000),
  "takes ten minutes a row": all(600_000),
  "takes a minute a row, and answers no known one": allBut(["known"], 60_000),
};

/** The tabs s1, s2, ... are the attackers', one each. @returns when the job ended, ms after it was submitted */
function ended(story: RowsStory, jobId: string, attack: Plan, attackers: number): number {
  const sinceMs = story.nowMs;
  const said = new Set<number>();
  const isAttacker = ({ sessionId }: Out) => Number(sessionId.slice(1)) <= attackers;
  while (story.stateOf(jobId) !== "done" && story.nowMs < sinceMs + LIMIT_MS) {
    let next: { readonly sent: Out; readonly dueMs: number; readonly rows: readonly number[] | null } | null = null;
    for (const sent of story.out()) {
      const startedMs = story.state.assignments.get(sent.assignmentId)?.startedMs ?? null;
      const plan = (isAttacker(sent) ? attack : honest)(story, sent);
      if (startedMs === null || plan === null || said.has(sent.assignmentId)) continue;
      const dueMs = startedMs + (plan === "fails" ? ROW_MS : plan.rows.length * plan.rowMs);
      if (next === null || dueMs < next.dueMs) next = { sent, dueMs, rows: plan === "fails" ? null : plan.rows };
    }
    const stepMs = Math.min(1_000, next === null ? 1_000 : Math.max(0, next.dueMs - story.nowMs));
    if (stepMs > 0) story.pass(stepMs);
    if (next === null || next.dueMs > story.nowMs) continue;
    const { sent, rows } = next;
    if (!story.out().includes(sent)) continue;
    const { assignmentId, sessionId } = sent;
    if (rows === null) story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" });
    else if (rows.length === story.rowsOf(sent).length) story.answer(sent, 0);
    else {
      said.add(sent.assignmentId);
      if (rows.length > 0) story.part(sent, rows);
    }
  }
  return story.nowMs - sinceMs;
}

function storyOf(tabs: number, options: RowsStoryOptions = {}): RowsStory {
  const story = new RowsStory(options);
  story.crowd(tabs);
  return story;
}

/** A block of so few rows that is charged is not asked again: its rows stay without a certificate. */
const lies: RowsStoryOptions = { lies: (volunteerId, place) => volunteerId === "v7" && place % 4 === 0 };

test.each(Object.keys(attacks))(
  "[RW1] [RW7] a job of five seconds ends within ten more, though one of seven tabs, or three of nine, %s",
  (name) => {
    const attack = attacks[name]!;
    const times: number[] = [];
    for (const { attackers, options } of [
      { attackers: 1 },
      { attackers: 3 },
      { attackers: 1, options: lies },
    ] as const) {
      const story = storyOf(HONEST + attackers, options);
      story.submit("first", ROWS, LARGE);
      times.push(ended(story, "first", attack, attackers));
      story.submit("second", ROWS, LARGE);
      times.push(ended(story, "second", attack, attackers));
    }
    // First and second job: with one attacker, with three, and with a liar beside the one.
    expect(Math.max(...times)).toBeLessThan(15_000);
  },
);
