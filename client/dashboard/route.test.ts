import { expect, test } from "vitest";
import { jobHash, newJobHash, sharedHash, sharedIn } from "../ui/jobs/job-address.ts";
import { jobsHash, routeOf } from "./route.ts";

test("an address names a page, and what is made of it is the same address", () => {
  expect(routeOf("")).toEqual({ page: "jobs", show: "all", search: "", offset: 0 });
  expect(routeOf("#jobs")).toEqual(routeOf(""));
  expect(routeOf("#new")).toEqual({ page: "new", kind: null });
  expect(routeOf(newJobHash("matmul"))).toEqual({ page: "new", kind: "matmul" });
  expect(routeOf("#new/cooking")).toEqual({ page: "new", kind: null });
  expect(routeOf("#crowd")).toEqual({ page: "crowd" });
  expect(routeOf("#models")).toEqual({ page: "models" });
  expect(routeOf(jobHash("a/b?c"))).toEqual({ page: "job", jobId: "a/b?c", tab: "answers" });
  expect(routeOf(jobHash("j1", "receipt"))).toEqual({ page: "job", jobId: "j1", tab: "receipt" });
  expect(routeOf("#jobs/j1/weather")).toEqual({ page: "job", jobId: "j1", tab: "answers" });
  const shown = { show: "ended", search: "old letters & more?", offset: 50 } as const;
  expect(routeOf(jobsHash(shown))).toEqual({ page: "jobs", ...shown });
  expect(jobsHash({ show: "all", search: "", offset: 0 })).toBe("#jobs");
});

test("nonsense shows the first page of all jobs, and what is no page changes nothing", () => {
  expect(routeOf("#jobs?show=most&from=-5")).toEqual(routeOf("#jobs"));
  expect(routeOf("#jobs?from=1e99")).toEqual(routeOf("#jobs"));
  expect(routeOf("#content")).toBeNull();
  expect(routeOf("#%E0%A4%A")).toBeNull();
});

test("addresses of the pages before still open", () => {
  expect(routeOf("#job=j1")).toEqual(routeOf("#jobs/j1"));
  expect(routeOf("#receipt=j1")).toEqual(routeOf("#jobs/j1/receipt"));
});

test("a link holds the job and what opens it, and is no page itself", () => {
  expect(sharedIn(sharedHash("j/1", "ptb_x"))).toEqual({ jobId: "j/1", token: "ptb_x" });
  expect([sharedIn("#jobs/j1"), sharedIn("#shared/j1")]).toEqual([null, null]);
  expect(routeOf(sharedHash("j1", "ptb_x"))).toBeNull();
});
