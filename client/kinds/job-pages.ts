/** What the dashboard asks of a kind of job: its form, and the parts of a job's page. */
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChild, ComponentChildren } from "preact";
import type { Receipt as AnyReceipt, JobView } from "../../shared/kinds/kinds.ts";
import type { StatusView } from "../../shared/protocol/crowd-api.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import type { AskedWith } from "./asked-with.ts";

/** What the dashboard lends to its parts. */
export interface Dashboard {
  readonly client: ParitabClient;
  /** null until the first answer came. */
  readonly status: ReadonlySignal<StatusView | null>;
  /** false: whoever looks came by a link, and may read alone. */
  readonly mayChange: boolean;
  /** Asks for everything anew. */
  refresh(): void;
  /** It is on its way: its page opens, and says so. */
  submitted(job: SubmittedJob): void;
}

/** A job that was just submitted. */
export interface SubmittedJob {
  readonly jobId: string;
  readonly name: string;
  /** Links for its volunteers, told this once. */
  readonly invitations?: readonly string[];
}

export interface FormProps {
  readonly dashboard: Dashboard;
  /** Is it the form that people see? Others ask for no estimates. */
  readonly isShown: boolean;
}

/** Of the job whose details are open. */
export interface OpenDetail<Detail> {
  readonly jobId: string;
  /** null: it is not kept any more */
  readonly timeline: JobTimeline | null;
  readonly ofKind: Detail;
}

/** What stands above the parts of a job's page, whichever of them is open. */
export interface HeadProps<View extends JobView> {
  readonly dashboard: Dashboard;
  readonly job: View;
  readonly nowMs: number;
  /** The job's name, as the page's title. */
  readonly heading: ComponentChildren;
  /** Buttons that every job has, after those of its kind. */
  readonly children?: ComponentChildren;
}

export interface PartProps<View extends JobView, Detail> {
  readonly dashboard: Dashboard;
  readonly job: View;
  readonly detail: OpenDetail<Detail>;
}

// biome-ignore lint/suspicious/noExplicitAny: each kind has details and receipts of its own, which nobody else looks into
export interface JobPages<View extends JobView, Detail = any, Receipt extends AnyReceipt = any> {
  Form(props: FormProps): ComponentChild;
  /** A first job in one click, for whoever has none yet. */
  FirstStep?(props: { readonly dashboard: Dashboard }): ComponentChild;
  Head(props: HeadProps<View>): ComponentChild;
  /** What came of it, and what can be done with that. */
  Answers(props: PartProps<View, Detail>): ComponentChild;
  /** What happens, and who does it. */
  Progress(props: PartProps<View, Detail>): ComponentChild;
  /**
   * Called when the page of a job is opened.
   * @param askAgain for parts that let people choose what they see
   * @returns asks for the details, again and again while they are open; what does not change any more is asked for once
   */
  openDetail(client: ParitabClient, askAgain: () => void): (job: View) => Promise<Detail>;
  /** What a receipt says beside the job's name and times. */
  Receipt(props: { readonly receipt: Receipt }): ComponentChild;
  /** How the job ended, in a word. */
  endOf(receipt: Receipt): string;
  /** Absent: there is no command and no Python for it. */
  readonly asked?: AskedWith;
}
