/** What the dashboard asks of a kind of job: its form, its card in the list, its details, its receipt. */
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentChild } from "preact";
import type { Receipt as AnyReceipt, JobView } from "../../shared/kinds/kinds.ts";
import type { StatusView } from "../../shared/protocol/crowd-api.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";

/** What the dashboard lends to its parts. */
export interface Dashboard {
  readonly client: ParitabClient;
  /** null until the first answer came. */
  readonly status: ReadonlySignal<StatusView | null>;
  /** Asks for everything anew. */
  refresh(): void;
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

export interface CardProps<View extends JobView, Detail> {
  readonly dashboard: Dashboard;
  readonly job: View;
  readonly isOpen: boolean;
  readonly nowMs: number;
  /** null: not open, or not fetched yet */
  readonly detail: OpenDetail<Detail> | null;
}

// biome-ignore lint/suspicious/noExplicitAny: each kind has details and receipts of its own, which nobody else looks into
export interface JobPages<View extends JobView, Detail = any, Receipt extends AnyReceipt = any> {
  Form(props: FormProps): ComponentChild;
  Card(props: CardProps<View, Detail>): ComponentChild;
  /**
   * Called when the details of a job are opened.
   * @param askAgain for parts that let people choose what they see
   * @returns asks for the details, again and again while they are open; what does not change any more is asked for once
   */
  openDetail(client: ParitabClient, askAgain: () => void): (job: View) => Promise<Detail>;
  /** What a receipt says beside the job's name and times. */
  Receipt(props: { readonly receipt: Receipt }): ComponentChild;
  /** How the job ended, in a word. */
  endOf(receipt: Receipt): string;
}
