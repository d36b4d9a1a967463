/** What a test says to the process in which its coordinators run, and hears from it. */

export interface CoordinatorSettings {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export type Asked =
  | {
      readonly kind: "start";
      readonly coordinator: number;
      readonly dataDirectory: string;
      readonly settings: CoordinatorSettings;
    }
  | { readonly kind: "end"; readonly coordinator: number };

export interface Reply {
  readonly coordinator: number;
  readonly url: string;
  readonly adminToken: string | null;
  /** null: done */
  readonly problem: string | null;
}
