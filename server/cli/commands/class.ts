import { NAME_LENGTH_MAX, SEAT_DAYS_MAX, SEATS_PER_SHEET_MAX } from "../../../shared/protocol/limits.ts";
import { CLASS_NAME, CLASS_SAMPLE, classWords } from "../../class-words.ts";
import type { ClientCommand } from "../command.ts";
import { EXIT, UsageError } from "../exit-codes.ts";

export const beginClass: ClientCommand = {
  name: "class",
  summary: "seats for a class: a sheet of codes to print, a job, and a page to project",
  usage: "SEATS [--name NAME] [--days DAYS] [--network PREFIX] [--believed] [--no-job]",
  about:
    "Makes a sheet of one-time codes, one for each pupil, submits the sample as a job, and prints where the sheet is printed, what the pupils " +
    "open, and what the teacher projects. Needs an administrator's token. docs/class.md.",
  flags: {
    name: { value: "NAME", help: `what the class is called (${CLASS_NAME})` },
    days: { value: "DAYS", help: "so many days the seats hold (7)" },
    network: {
      value: "PREFIX",
      help: "codes are taken from this network alone, such as 203.0.113.0/24 (from anywhere)",
    },
    believed: { help: "at most a third of the seats are one person: seats count as addresses do" },
    "no-job": { help: "submit no job: one is there, or comes later" },
  },
  words: [1, 1],
  examples: [["paritab class 30 --name 7b", "on the coordinator's machine, before the lesson"]],
  async run({ terminal, client, flags, words, json, url }) {
    const seats = Number(words[0]);
    if (!Number.isInteger(seats) || seats < 1 || seats > SEATS_PER_SHEET_MAX)
      throw new UsageError(`class: expected a number of seats from 1 to ${SEATS_PER_SHEET_MAX}, got "${words[0]}"`);
    const name = (flags.text("name") ?? CLASS_NAME).slice(0, NAME_LENGTH_MAX);
    const asked = {
      ...{ name, seats, days: flags.whole("days", 1, SEAT_DAYS_MAX) ?? 7 },
      ...{ prefix: flags.text("network") ?? null, believed: flags.has("believed") },
    };
    const sheet = await client.makeSeats(asked, terminal.signal);
    const jobId = flags.has("no-job") ? null : (await client.submit(CLASS_SAMPLE, terminal.signal)).jobId;
    await terminal.out(json ? `${JSON.stringify({ ...sheet, jobId })}\n` : `${classWords(url, sheet)}\n`);
    return EXIT.ok;
  },
};
