/** What a kind of job says of its data, for whoever wants to ask for the same job again from elsewhere. */
type Source = Readonly<Record<string, unknown>>;

export interface AskedWith {
  /** Flags of `paritab submit KIND` for the data, and their values, word by word. Files that only their owner has get names of our own. */
  flags(source: Source): readonly string[];
  /** The call of docs/python/paritab.py: what stands before its arguments, those for the data, and what stands after. null: it has none. */
  python(source: Source): { readonly head: string; readonly args: readonly string[]; readonly tail: string } | null;
}
