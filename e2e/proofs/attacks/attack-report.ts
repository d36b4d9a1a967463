/** What an attack is told and what it tells. */
export interface AttackOptions {
  readonly seed: number;
  /** As it was carried out first; else the short form that the gate has. */
  readonly isLong: boolean;
  /** How often, where it is done more than once. */
  readonly times?: number;
  /** Is told now and then how far it is, where it takes long. */
  readonly progress?: (line: string) => void;
}

export interface AttackReport {
  /** What it did before it was answered. */
  readonly before: string;
  readonly after: string;
  readonly holds: boolean;
}

export type Attack = (options: AttackOptions) => Promise<AttackReport>;
