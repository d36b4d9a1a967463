/**
 * What a code of coded runs (rounds of products of coded shards) says of itself. Plans, rounds, receipts and forms ask these
 * fields and never a scheme's name; coded-schemes.ts lists all of them.
 *
 * K data blocks, S stragglers, M liars, T that collude, all counted in volunteers.
 */

/**
 * freivalds: each result is checked before it may enter a decode.
 * votes: M+1 equal results of a block decide it.
 * reed-solomon: the decoder corrects the results of up to M liars, and believes what is left where there are more.
 * none: results are believed.
 */
export type ResultVerification = "freivalds" | "votes" | "reed-solomon" | "none";

export interface VolunteersWanted {
  /** K */
  readonly dataVolunteers: number;
  /** S */
  readonly stragglers: number;
  /** M */
  readonly liars: number;
  /** Right results that decode a Lagrange code: (K+T-1) deg + 1. */
  readonly threshold: number;
}

export interface CodedSchemeWords {
  /** In the form's choice. */
  readonly title: string;
  /** One or two sentences below the choice. */
  readonly means: string;
  /** What has to be trusted although it is not checked; null: nothing. */
  readonly trust: string | null;
}

export interface CodedSchemeDefinition {
  /** As submissions and receipts name the scheme; the key of its line in coded-schemes.ts. */
  readonly name: string;
  /** copies: shard i is block i mod K as it is, and T has to be 0. lagrange: shards are points of a Lagrange code. */
  readonly shards: "copies" | "lagrange";
  readonly verification: ResultVerification;
  /** The least N. */
  volunteersNeeded(wanted: VolunteersWanted): number;
  /** May S and M be above 0, and more than the least N be used? */
  readonly hasSlack: boolean;
  /** Does the code change with the crowd while it runs? */
  readonly isDynamic: boolean;
  readonly words: CodedSchemeWords;
}
