/** Counts of primes on the command line. */
import type { PrimesView } from "../../../shared/kinds/primes/kind.ts";
import type { CliKind } from "../../cli/cli-kind.ts";
import { EXIT } from "../../cli/exit-codes.ts";
import type { JobWords } from "../../cli/job-words.ts";

const asked = { usage: "END", flags: {}, examples: [], words: [1, 1] } as const;

export const primesCli: CliKind = {
  estimate: {
    ...asked,
    ...{ name: "estimate primes", summary: "what a count of primes takes", about: "Primes below END." },
    async run({ client, terminal, words: [end] }) {
      await terminal.out(`${JSON.stringify(await client.estimate({ kind: "primes", end: Number(end) }))}\n`);
      return EXIT.ok;
    },
  },
  submit: {
    ...asked,
    ...{ name: "submit primes", summary: "count primes", about: "Those below END. Prints the job's id." },
    async run({ client, terminal, words: [end] }) {
      await terminal.out(`${(await client.submit({ kind: "primes", end: Number(end) })).jobId}\n`);
      return EXIT.ok;
    },
  },
  results: {
    ...{ about: "A count of primes as json.", formats: ["json"], what: "a count of primes", fallback: () => "json" },
    file: async ({ client }, jobId) => new TextEncoder().encode(JSON.stringify(await client.job(jobId))),
  },
};

export const primesWords: JobWords<PrimesView> = {
  doneOf: ({ rangesDone, ranges }) => [rangesDone, ranges],
  qualityOf: () => "",
  outcomeOf: ({ primes }) => `${primes} primes`,
  leftOf: () => null,
  notFinal: ({ state }) => (state === "done" ? null : "a count that is not done"),
};
