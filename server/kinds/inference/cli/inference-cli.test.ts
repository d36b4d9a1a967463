import { expect, test } from "vitest";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import { type Call, FlagValues } from "../../../cli/command.ts";
import { inferenceCli } from "./inference-cli.ts";

const job = { kind: "inference", jobId: "j", finalCount: 0, queryCount: 2 } as InferenceJobView;

function callFor(csv: string) {
  const asked: string[] = [];
  const client = {
    redoneFile: async (_jobId: string, format: string) => {
      asked.push(format);
      return new TextEncoder().encode(csv);
    },
  };
  const terminal = { signal: new AbortController().signal };
  const call = { client, terminal, flags: new FlagValues({ redone: true }) } as unknown as Call;
  return { call, asked };
}

test("redone answers that must be final are fetched once: what is written is what was looked at", async () => {
  const { notFinal, file } = inferenceCli.results;
  const { call, asked } = callFor("index,label,mark,final,bound\n0,7,exact,true,0\n1,2,exact,true,0\n");
  expect(await notFinal!(call, job)).toBeNull();
  expect(new TextDecoder().decode(await file(call, "j", "csv"))).toMatch(/^1,2,exact,true,0$/m);
  expect(asked).toEqual(["csv"]);
  const other = callFor("index,label,mark,final,bound\n0,7,exact,true,0\n1,2,audited,false,0.1\n");
  expect(await notFinal!(other.call, job)).toBe("expected 2 final answers, got 1");
});
