/** What the class page says. Words that a twelve-year-old reads, from the back of a room. */
import type { SeatState } from "../../shared/protocol/seats-api.ts";
import { plural } from "../ui/plural.ts";
import { count } from "../ui/units.ts";

export const classTexts = {
  title: "Our class",
  looking: "One moment",
  noKey:
    "This address opens no class. Ask whoever made the seats for the address of the class page: it ends with #watch= and a key.",
  unknown: "There is no such class any more. Its seats have ended, or the address is not whole.",
  outOfDate: "The coordinator does not answer. What you see is from a moment ago.",
  unreachable: "The coordinator does not answer. This page tries again and again.",
  desks: "Our desks",
  desk: (number: number, state: string, rows: number) =>
    `Desk ${count(number)}: ${state}${rows === 0 ? "" : `, ${plural(rows, "answer", "answers")}`}`,
  states: {
    free: "free",
    away: "away",
    here: "here",
    working: "working",
    late: "late",
    named: "wrong",
    revoked: "closed",
  } satisfies Record<SeatState, string>,
  /** @param parts each "8 working" */
  here: (came: number, desks: number, parts: readonly string[]) =>
    `${count(came)} of ${plural(desks, "desk is", "desks are")} taken${parts.length === 0 ? "" : `: ${parts.join(", ")}`}.`,
  stateCount: (seats: number, state: string) => `${count(seats)} ${state}`,
  job: "What we work on",
  noJob: "No job yet. The desks wait for their first question.",
  purpose: (purpose: string) => `“${purpose}”`,
  answers: "Answers",
  answersText: (answers: number, of: number) => [count(answers), `of ${count(of)}`] as const,
  checked: "Checked",
  checkedNote: "The main computer did these too, and we compared.",
  caught: "Caught",
  caughtNote: (caught: number) =>
    caught === 0
      ? "No wrong answer was found."
      : caught === 1
        ? "One helper gave a wrong answer. Its work was done again."
        : `${count(caught)} helpers gave wrong answers. Their work was done again.`,
  stopped: { cancelled: "This job was stopped.", failed: "This job did not work out." },
  join: "Come in",
  joinText: "Scan this or open the address. Then type the code on your slip.",
  picture: (address: string) => `QR code of ${address}`,
  local: "Only this computer can open its own address. Ask whoever runs it for the address of the class.",
  insecure: "This address does not start with https, so browsers will not compute here.",
  thanks: "Thank you!",
  together: (answers: number) => `Together you answered ${plural(answers, "question", "questions")}.`,
  checkedSum: (checked: number) => (checked === 0 ? "" : `The main computer checked ${count(checked)} of them.`),
  shares: "Who did how much",
  shareOf: (number: number, share: string) => `Desk ${count(number)} did ${share}`,
};
