import { expect, test } from "vitest";
import { isTaken, projectsOf, refusalsAtWork } from "./choices.ts";

const job = (jobId: string, submitter: string) => ({ jobId, submitter }) as never;

test("projects are those of the jobs and those that were chosen, each once", () => {
  expect(projectsOf([job("1", "bob"), job("2", "ada"), job("3", "bob")], ["cleo"])).toEqual(["ada", "bob", "cleo"]);
});

test("a job is taken by its project, unless it was refused", () => {
  expect(isTaken(job("1", "ada"), null, [])).toBe(true);
  expect(isTaken(job("1", "ada"), ["bob"], [])).toBe(false);
  expect(isTaken(job("1", "ada"), ["ada"], [{ jobId: "1", name: "" }])).toBe(false);
  expect(isTaken(job("2", "ada"), ["ada"], [{ jobId: "1", name: "" }])).toBe(true);
});

test("a no ends with its job, as far as all jobs are known", () => {
  const refused = [
    { jobId: "1", name: "one" },
    { jobId: "2", name: "two" },
  ];
  expect(refusalsAtWork(refused, { jobs: [job("2", "ada")], more: 0 })).toEqual([refused[1]]);
  expect(refusalsAtWork(refused, { jobs: [job("2", "ada")], more: 3 })).toBe(refused);
  expect(refusalsAtWork(refused, { jobs: [job("1", "a"), job("2", "a")], more: 0 })).toBe(refused);
});
