/** What a kind of job brings to the coordinator's process: one definition a kind. Its core, which is pure, stands in core-kinds.ts. */
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { DeskHost, KindDesk } from "../shell/kind-desk.ts";
import type { KindTeller } from "../shell/kind-teller.ts";
import type { WebKind } from "../web/web-kind.ts";

export interface ServerKind<
  View extends JobView = JobView,
  Options = never,
  Desk extends KindDesk = KindDesk,
  Port = unknown,
> {
  /** All of the kind that is no decision: submissions, assignments, views, records. */
  openDesk(options: Options, host: DeskHost): Desk;
  /** What logs, metrics and the job's picture say. One for whoever tells. */
  openTeller(): KindTeller;
  /** Routes of its own; its desk is their port. */
  readonly web: WebKind<View, Port>;
}
