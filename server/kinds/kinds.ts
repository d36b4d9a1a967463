/** The kinds of job, as the coordinator's process knows them: a new kind is a folder beside this file and a line here. */
import type { JobKind, JobView } from "../../shared/kinds/kinds.ts";
import type { DeskHost, KindDesk } from "../shell/kind-desk.ts";
import type { KindTeller } from "../shell/kind-teller.ts";
import { inferenceJobs } from "./inference/inference-kind.ts";
import { matmulJobs } from "./matmul/matmul-kind.ts";
import type { KindsExecutor } from "./numerics-tasks.ts";
import { regressionJobs } from "./regression/regression-kind.ts";
import type { ServerKind } from "./server-kind.ts";

export const SERVER_KINDS = { inference: inferenceJobs, regression: regressionJobs, matmul: matmulJobs } satisfies {
  readonly [Kind in JobKind]: ServerKind<Extract<JobView, { kind: Kind }>>;
};

type Kinds = typeof SERVER_KINDS;
/** What desks of all kinds are opened with. */
type Together<Options> = (Options extends unknown ? (all: Options) => void : never) extends (all: infer All) => void
  ? All
  : never;
export type DeskOptions = Omit<Together<Parameters<Kinds[JobKind]["openDesk"]>[0]>, "executor"> & {
  readonly executor: KindsExecutor;
};
export type Desks = { readonly [Kind in JobKind]: ReturnType<Kinds[Kind]["openDesk"]> };

type PortOf<Kind extends JobKind> = Parameters<Kinds[Kind]["web"]["addRoutes"]>[1];
/** Kinds whose jobs are asked something that others are not. */
type KindWithPort = { [Kind in JobKind]: PortOf<Kind> extends null ? never : Kind }[JobKind];
/** What jobs of one kind alone are asked, by kind. */
export type KindPorts = { readonly [Kind in KindWithPort]: PortOf<Kind> };

const ALL = Object.entries(SERVER_KINDS);

export function openDesks(options: DeskOptions, host: DeskHost): Desks {
  const open = ([kind, { openDesk }]: (typeof ALL)[number]): [string, KindDesk] => [kind, openDesk(options, host)];
  return Object.fromEntries(ALL.map(open)) as unknown as Desks;
}

export function openTellers(): ReadonlyMap<string, KindTeller> {
  return new Map(ALL.map(([kind, { openTeller }]) => [kind, openTeller()]));
}
